/**
 * Applies the log's entries to empty books. No rule is checked: what is in the log has passed them all.
 *
 * Nothing here looks up a transfer by its id or runs a query, so those indexes are made afterwards, in one go.
 */

import {StoreError} from '../errors.js'
import {applyTransfer} from '../machine/apply-transfer.js'
import type {Books} from '../machine/books.js'
import {expireTransfer} from '../machine/expire.js'
import {CREDIT_ACCOUNT, DEBIT_ACCOUNT, RECORD_WORDS} from '../records/layout.js'
import {type EntryHeader, EntryKind} from './entry.js'

export function beginReplay(books: Books): void {
  books.transferIds.deferFiling()
}

export function endReplay(books: Books): void {
  books.transferIds.fileDeferred()
  books.accountIndexes.openLast()
  books.transferIndexes.openLast()
}

/** @param body the entry's body as words; read before this returns, not kept */
export function applyEntry(books: Books, header: EntryHeader, body: Uint32Array): void {
  if (header.kind === EntryKind.accounts) applyAccounts(books, body, header.records)
  else if (header.kind === EntryKind.transfers) applyTransfers(books, body, header)
  else for (const row of body) expireTransfer(books, row)
  books.lastTime = header.time
}

function applyAccounts(books: Books, body: Uint32Array, records: number): void {
  books.accounts.appendMany(body, records)
  for (let row = books.accounts.count - records; row < books.accounts.count; row++) books.accountIds.add(row)
}

function applyTransfers(books: Books, body: Uint32Array, {records, failed}: EntryHeader): void {
  const {transfers, accountIds} = books
  transfers.appendMany(body, records)
  for (let row = transfers.count - records; row < transfers.count; row++) {
    const words = transfers.words(row)
    const at = transfers.at(row)
    const debit = accountIds.find(words, at + DEBIT_ACCOUNT)
    const credit = accountIds.find(words, at + CREDIT_ACCOUNT)
    if (debit < 0 || credit < 0)
      throw new StoreError('CORRUPT', 'a transfer names an account that the log does not have.')
    applyTransfer(books, row, debit, credit)
    books.transferIds.add(row)
  }
  const ids = records * RECORD_WORDS
  for (let i = 0; i < failed; i++) books.transferIds.addFailed(body, ids + i * 4)
}
