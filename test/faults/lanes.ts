import {join} from 'node:path'
import {type RunResident, startResident, stopResidents} from '@parix/testkit'
import {ROOT} from '../../scripts/build/workspaces.js'
import {type FaultyProxy, startFaultyProxy} from './faulty-proxy.js'

/** What one command after the other has for itself. */
export interface Lane {
  readonly proxy: FaultyProxy
  /** The built CLI, in a process of the lane's own. */
  readonly run: RunResident
}

/** So many commands at the same time; most of them wait for a retry or a time limit. */
export class Lanes {
  private readonly free: Lane[]
  private readonly waiting: ((lane: Lane) => void)[] = []
  private readonly atWork = new Set<Promise<unknown>>()

  private constructor(private readonly all: readonly Lane[]) {
    this.free = [...all]
  }

  static async start(count: number, target: string): Promise<Lanes> {
    const lanes = Array.from({length: count}, async () => ({
      proxy: await startFaultyProxy(target),
      // Small when a command begins, because what it takes is measured.
      run: startResident(join(ROOT, 'bin/run.js'), [], 160),
    }))
    return new Lanes(await Promise.all(lanes))
  }

  /** Does `work` as soon as a lane is free; what is given first begins first. */
  async with<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = this.free.pop() ?? (await new Promise<Lane>((resolve) => this.waiting.push(resolve)))
    const working = work(lane)
    this.atWork.add(working)
    try {
      return await working
    } finally {
      this.atWork.delete(working)
      const next = this.waiting.shift()
      if (next === undefined) this.free.push(lane)
      else next(lane)
    }
  }

  /** Work that nobody waited for is given up: with `-g`, or after a failure with `--bail`. */
  async close(): Promise<void> {
    this.waiting.length = 0
    await Promise.all(this.all.map(({proxy}) => proxy.close()))
    await stopResidents()
    await Promise.allSettled(this.atWork)
  }
}
