/**
 * Operations wait here while the disk syncs, then run in the order they came and share the next sync.
 *
 * An operation is answered when everything that it did, or saw, is durable. So reads are queued with writes, and
 * nobody is ever told of a transfer that a crash could still take away.
 */

import {setImmediate as nextTurn} from 'node:timers/promises'
import {RequestError} from '../errors.js'
import type {Journal} from './log.js'

/** A group that has this many bytes for the disk is not made bigger: the first in it should not wait for ever. */
const GROUP_BYTES_MAX = 8 << 20

export interface Operation<T> {
  /** Does it, in memory, and puts its log entry in line; throws if it can't, having changed nothing. */
  run(): T
  /** Takes it back. Operations are taken back in the opposite order. Absent for reads, which are run again instead. */
  undo?(): void
  /** Runs in a group of its own: it changes what is on disk by itself, and waits for everything before it to be there. */
  readonly alone?: true
}

interface Waiting {
  operation: Operation<unknown>
  resolve(answer: unknown): void
  reject(error: unknown): void
  outcome?: {answer: unknown} | {error: unknown}
}

export class GroupCommit {
  private queue: Waiting[] = []
  private working: Promise<void> | undefined
  private isClosed = false

  constructor(private readonly log: Journal) {}

  submit<T>(operation: Operation<T>): Promise<T> {
    if (this.isClosed) return Promise.reject(new RequestError('ERR_CLIENT_CLOSED', 'The ledger is closed.'))
    return new Promise<T>((resolve, reject) => {
      this.queue.push({operation, resolve: resolve as (answer: unknown) => void, reject})
      this.working ??= this.work()
    })
  }

  /** Takes no more operations, and returns when those submitted are answered. */
  async close(): Promise<void> {
    this.isClosed = true
    await this.working
  }

  private async work(): Promise<void> {
    do {
      // Callers that were answered together ask again together: let them all come in before the next group starts.
      await nextTurn()
      const group = this.runGroup()
      if (this.log.entries.length > 0) await this.makeDurable(group)
      for (const waiting of group) answer(waiting)
    } while (this.queue.length > 0)
    this.working = undefined
  }

  private runGroup(): Waiting[] {
    let taken = 0
    while (taken < this.queue.length && this.log.entries.length < GROUP_BYTES_MAX) {
      const {alone} = this.queue[taken]!.operation
      if (alone && taken > 0) break
      run(this.queue[taken++]!)
      if (alone) break
    }
    return this.queue.splice(0, taken)
  }

  private async makeDurable(group: Waiting[]): Promise<void> {
    try {
      await this.log.commit()
    } catch (error) {
      for (const waiting of group.toReversed()) takeBack(waiting, error)
      for (const waiting of group) if (!waiting.operation.undo) run(waiting)
    }
  }
}

function run(waiting: Waiting): void {
  try {
    waiting.outcome = {answer: waiting.operation.run()}
  } catch (error) {
    waiting.outcome = {error}
  }
}

/** What had failed by itself has nothing to take back, and keeps its own error. */
function takeBack(waiting: Waiting, error: unknown): void {
  const {operation, outcome} = waiting
  if (!operation.undo || (outcome && 'error' in outcome)) return
  operation.undo()
  waiting.outcome = {error}
}

function answer({outcome, resolve, reject}: Waiting): void {
  if (outcome && 'answer' in outcome) resolve(outcome.answer)
  else reject(outcome?.error)
}
