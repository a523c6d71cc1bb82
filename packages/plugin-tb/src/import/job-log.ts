/** The log of an import: what was sent, and what became of it. */

import {fsyncSync, ftruncateSync, openSync} from 'node:fs'
import {readPrivateText} from '@parix/files/read-private-file'
import type {Position} from './read-rows.js'

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
  /** Where the next row is; undefined before the first request. */
  next: Position | undefined
  /** Sent, without a response so far. */
  pending: Sent | undefined
  requests: number
  refusedBytes: number
  /** Requests that have a response, to hold the file against. */
  done: Sent[]
  finished: {bytes: number; at: string} | undefined
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
    pending: undefined,
    requests: 0,
    refusedBytes: 0,
    done: [],
    finished: undefined,
  }
}

export function readLog(text = ''): {progress: Progress; length: number} {
  const progress = emptyProgress()
  const end = text.lastIndexOf('\n') + 1
  for (const line of text.slice(0, end).split('\n')) {
    if (line === '') continue
    const {send, done, finished} = JSON.parse(line) as {send?: Sent; done?: Done; finished?: Progress['finished']}
    if (send !== undefined) progress.pending = send
    if (done !== undefined && progress.pending?.n === done.n) apply(progress, progress.pending, done)
    if (finished !== undefined) progress.finished = finished
  }
  return {progress, length: Buffer.byteLength(text.slice(0, end))}
}

export function apply(progress: Progress, sent: Sent, {created, existed, refused, refusedBytes}: Done): void {
  const {totals} = progress
  totals.rows += sent.rows
  totals.created += created
  totals.existed += existed
  totals.refused += refused
  progress.next = {line: sent.lines[1], byte: sent.bytes[1]}
  progress.pending = undefined
  progress.requests = sent.n + 1
  progress.refusedBytes = refusedBytes
  progress.done.push(sent)
  progress.finished = undefined
}

export function readTextIfThere(path: string): string | undefined {
  return readPrivateText(path, {bytesMax: 1 << 30})
}
