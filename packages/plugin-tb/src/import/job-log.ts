/** The log of an import: what was sent, and what became of it. */

import {fsyncSync, ftruncateSync, openSync} from 'node:fs'
import {readPrivateText} from '@parix/files/read-private-file'
import type {Position} from './blocks.js'

export interface Totals {
  rows: number
  created: number
  existed: number
  refused: number
}

/** A request as the log has it. */
export interface Sent {
  n: number
  /** First line, and the line after the last. */
  lines: [number, number]
  /** Bytes of the file: from, to. */
  bytes: [number, number]
  rows: number
  /** SHA-256 of those bytes, and of the body. */
  source: string
  body: string
}

export interface Done {
  n: number
  created: number
  existed: number
  refused: number
  /** Length of the file of refused rows after this request. */
  refusedBytes: number
}

export interface Progress {
  totals: Totals
  /** After the last request that has a response, as have all before it; undefined before the first. */
  next: Position | undefined
  /** How many those are. */
  requests: number
  /** Sent, without a response so far, by number. */
  pending: Map<number, Sent>
  /** Requests after `next` that have a response: where several are under way, a later one may be first. */
  ahead: Map<number, Sent>
  refusedBytes: number
  /** Requests that have a response, to hold the file against. */
  done: Sent[]
  finished: {bytes: number; at: string} | undefined
  /** `--retry-refused` of the pass that is under way. */
  attempt: number
  /** How many rows the file was found to have, and its size then. */
  validated: {rows: number; bytes: number} | undefined
  /** Which ledger the rows were sent to, as far as the service says; see `ledgerIn`. */
  ledger: string | undefined
}

export function openLog(path: string): {fd: number; progress: Progress} {
  const {progress, length} = readLog(readTextIfThere(path))
  const fd = openSync(path, 'a', 0o600)
  // A line that was cut short by a crash was never acted on.
  ftruncateSync(fd, length)
  fsyncSync(fd)
  return {fd, progress}
}

export function emptyProgress(): Progress {
  return {
    totals: {rows: 0, created: 0, existed: 0, refused: 0},
    next: undefined,
    requests: 0,
    pending: new Map(),
    ahead: new Map(),
    refusedBytes: 0,
    done: [],
    finished: undefined,
    attempt: 0,
    validated: undefined,
    ledger: undefined,
  }
}

interface LogLine {
  send?: Sent
  done?: Done
  /** Noted before, and never sent. */
  unsent?: number
  finished?: Progress['finished']
  attempt?: number
  validated?: Progress['validated']
  ledger?: string
}

export function readLog(text = ''): {progress: Progress; length: number} {
  const progress = emptyProgress()
  const end = text.lastIndexOf('\n') + 1
  for (const line of text.slice(0, end).split('\n')) {
    if (line === '') continue
    const {send, unsent, done, finished, attempt, validated, ledger} = JSON.parse(line) as LogLine
    if (send !== undefined) progress.pending.set(send.n, send)
    if (unsent !== undefined) progress.pending.delete(unsent)
    if (done !== undefined && progress.pending.has(done.n)) apply(progress, progress.pending.get(done.n)!, done)
    if (finished !== undefined) progress.finished = finished
    if (attempt !== undefined) progress.attempt = attempt
    if (validated !== undefined) progress.validated = validated
    if (ledger !== undefined) progress.ledger = ledger
  }
  return {progress, length: Buffer.byteLength(text.slice(0, end))}
}

export function apply(progress: Progress, sent: Sent, {created, existed, refused, refusedBytes}: Done): void {
  const {totals, pending, ahead} = progress
  totals.rows += sent.rows
  totals.created += created
  totals.existed += existed
  totals.refused += refused
  pending.delete(sent.n)
  ahead.set(sent.n, sent)
  for (let next = ahead.get(progress.requests); next !== undefined; next = ahead.get(progress.requests)) {
    ahead.delete(next.n)
    progress.next = {line: next.lines[1], byte: next.bytes[1]}
    progress.requests = next.n + 1
  }
  progress.refusedBytes = refusedBytes
  progress.done.push(sent)
  progress.finished = undefined
}

export function readTextIfThere(path: string): string | undefined {
  return readPrivateText(path, {bytesMax: 1 << 30})
}
