/** Drives the floor server: one connection, one request in flight, the same batch again and again. */

import {type ChildProcess, fork} from 'node:child_process'
import {once} from 'node:events'
import {Agent, request} from 'node:http'
import {join} from 'node:path'
import {BATCH_EVENTS_MAX} from '@parix/ledger'
import {makeTransfers} from './load.js'

export class Floor {
  private readonly agent = new Agent({keepAlive: true, maxSockets: 1})
  private readonly body = Buffer.from(
    JSON.stringify(makeTransfers(), (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  )

  private constructor(
    private readonly server: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(): Promise<Floor> {
    const server = fork(join(import.meta.dirname, 'floor-server.ts'))
    const [port] = (await once(server, 'message')) as [number]
    return new Floor(server, port)
  }

  /** Transfers per second over this many batches. */
  async measure(batches: number): Promise<number> {
    const started = performance.now()
    for (let i = 0; i < batches; i++) await this.post()
    return (batches * BATCH_EVENTS_MAX * 1000) / (performance.now() - started)
  }

  stop(): void {
    this.agent.destroy()
    this.server.disconnect()
  }

  private async post(): Promise<void> {
    const sent = request({agent: this.agent, host: '127.0.0.1', port: this.port, method: 'POST'})
    sent.end(this.body)
    const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer>]
    for await (const _ of response);
  }
}
