/** The requests of a streamed entry: while one is carried out, the outcomes of the one before are written, and the next travels. */

import type {BatchFile, Entry, Request} from '../outbox/entry.js'
import {reusedMemory} from '../reused-memory.js'
import {type BatchResult, type SubmitContext, sendBatch} from './send-request.js'
import {makeTurn, type WaitingTurn} from './turn.js'

export class StreamedRequests {
  #ahead: {batch: BatchFile; turn: WaitingTurn; result: Promise<BatchResult>} | undefined
  /** Until a request has failed: there are services that read one connection at a time. */
  #mayBeAhead = true
  #write: (() => void) | undefined
  /** Of two responses by turns: the outcomes in one are written while the other arrives. */
  readonly #memories = [reusedMemory(), reusedMemory()]
  #started = 0

  /** @param resumed any of them may have been sent by an earlier command */
  constructor(
    private readonly context: SubmitContext,
    private readonly entry: Entry,
    private readonly resumed: boolean,
  ) {}

  /**
   * Sends a request, or lets go the last byte of the one that is on its way: the one before has been dealt with.
   *
   * @param request its events, read where somebody looks at them
   */
  async send(batch: BatchFile, request: () => Request, sentBefore: boolean): Promise<BatchResult> {
    const ahead = this.#ahead
    this.#ahead = undefined
    if (ahead?.batch === batch) {
      ahead.turn.begin()
      return ahead.result
    }
    this.#writeNow()
    await takenBack(ahead)
    return this.#start(batch, request, sentBefore)
  }

  /** Writes what a response said once the next request is with the service. */
  writeLater(write: () => void): void {
    this.#writeNow()
    this.#write = write
  }

  /** The next request may not be the one that is on its way: that is taken back until its turn. */
  stay(): void {
    this.#ahead?.turn.stay()
    this.#writeNow()
  }

  /** No request follows. */
  async end(): Promise<void> {
    this.#writeNow()
    await takenBack(this.#ahead)
  }

  #start(batch: BatchFile, request: () => Request, sentBefore: boolean, turn?: WaitingTurn): Promise<BatchResult> {
    const {entry} = this
    const responseMemory = this.#memories[this.#started++ % 2]!
    const notAhead = () => {
      this.#mayBeAhead = false
      this.#ahead?.turn.stay()
    }
    const onSent = () => this.#carriedOut(batch)
    return sendBatch(this.context, {entry, batch, request}, sentBefore, {turn, onSent, notAhead, responseMemory})
  }

  /** All of the request is with the service. */
  #carriedOut(batch: BatchFile): void {
    this.#writeNow()
    const {batches} = this.entry.file
    const next = batches[batches.indexOf(batch) + 1]
    if (next === undefined || !this.#mayBeAhead || this.#ahead !== undefined || this.#isKnown(next)) return
    const turn = makeTurn(true)
    const request = () => this.context.outbox.request(this.entry, next)
    const result = this.#start(next, request, this.resumed || next.failedAttempts > 0, turn)
    // Whoever asks for it is told.
    result.catch(() => {})
    this.#ahead = {batch: next, turn, result}
  }

  /** Whether it has outcomes, or can't be read: that is said when its turn comes. */
  #isKnown(batch: BatchFile): boolean {
    try {
      return this.context.outbox.outcomes(this.entry, batch) !== undefined
    } catch {
      return true
    }
  }

  #writeNow(): void {
    const write = this.#write
    this.#write = undefined
    write?.()
  }
}

async function takenBack(ahead: {turn: WaitingTurn; result: Promise<unknown>} | undefined): Promise<void> {
  ahead?.turn.giveUp()
  await ahead?.result.catch(() => {})
}
