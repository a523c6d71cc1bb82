/** Rows of accounts and transfers as the records in which the local service takes over a history. */

import {FIELDS} from '@parix/ledger/schema'

/** By the names of TigerBeetle's fields: whole numbers, also as decimal text. What is left out is 0. */
export type Row = Readonly<Record<string, bigint | number | string>>

export interface HistoryRows {
  accounts: readonly Row[]
  transfers: readonly Row[]
}

const RECORD_BYTES = 128
const HEAD_BYTES = 16
const LOW = (1n << 64n) - 1n

/** 16 bytes of head, the first four of which are the number of accounts; then the records, accounts first. */
export function encodeHistory({accounts, transfers}: HistoryRows): Uint8Array {
  const body = new Uint8Array(HEAD_BYTES + (accounts.length + transfers.length) * RECORD_BYTES)
  const view = new DataView(body.buffer)
  view.setUint32(0, accounts.length, true)
  let at = HEAD_BYTES
  for (const row of accounts) at = encode(view, at, 'account', row)
  for (const row of transfers) at = encode(view, at, 'transfer', row)
  return body
}

/** One field after the other, without gaps. */
function encode(view: DataView, at: number, kind: 'account' | 'transfer', row: Row): number {
  for (const {name, bits} of FIELDS[kind]) {
    const value = row[name] ?? 0
    if (bits === 16) view.setUint16(at, Number(value), true)
    else if (bits === 32) view.setUint32(at, Number(value), true)
    else if (value !== 0 && value !== '0') {
      const wide = BigInt(value)
      view.setBigUint64(at, wide & LOW, true)
      if (bits === 128) view.setBigUint64(at + 8, wide >> 64n, true)
    }
    at += bits / 8
  }
  return at
}

/** @returns nanoseconds since 1970 */
export function timeOf({timestamp = 0}: Row): bigint {
  return BigInt(timestamp)
}

/** Whether the event is joined to the next one: accounts and transfers have this flag in the same place. */
export function isLinked({flags = 0}: Row): boolean {
  return (Number(flags) & 1) !== 0
}
