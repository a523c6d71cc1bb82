/** The six reads: what they find, as the objects that the caller gets (semantics §14). */

import {Side} from '../machine/balance-history.js'
import type {Books} from '../machine/books.js'
import {equal128} from '../memory/words.js'
import {decodeAccount, decodeBalance, decodeTransfer, storedTimeout} from '../records/decode.js'
import {CODE_AND_FLAGS, DEBIT_ACCOUNT, FLAGS_SHIFT, RECORD_BITS, RECORD_WORDS, TIMEOUT} from '../records/layout.js'
import {AccountFlags} from '../schema/flags.js'
import type {Account, AccountBalance, Transfer} from '../schema/records.js'
import {selectRows} from './select.js'
import type {Selection} from './selection.js'

/** @param ids four words each; unknown ones are left out, repeated ones answered repeatedly */
export function lookupAccounts({accounts, accountIds}: Books, ids: Uint32Array): Account[] {
  const found: Account[] = []
  for (let i = 0; i < ids.length; i += 4) {
    const row = accountIds.find(ids, i)
    if (row >= 0) found.push(decodeAccount(accounts.words(row), accounts.at(row)))
  }
  return found
}

/** @param ids four words each; unknown ones are left out, repeated ones answered repeatedly */
export function lookupTransfers({transfers, transferIds}: Books, ids: Uint32Array): Transfer[] {
  const found: Transfer[] = []
  for (let i = 0; i < ids.length; i += 4) {
    const row = transferIds.isCertainlyNew(ids, i) ? -1 : transferIds.find(ids, i)
    if (row >= 0) found.push(decodeTransfer(transfers.words(row), transfers.at(row)))
  }
  return found
}

/** Rows as TigerBeetle's own records of 128 bytes: copies, for a host that writes bytes and needs no objects. */
export interface EncodedRows {
  /** 32 words per row. */
  words: Uint32Array
  count: number
}

export function lookupAccountsEncoded({accounts, accountIds}: Books, ids: Uint32Array): EncodedRows {
  const copies = new Copies(ids.length / 4)
  for (let i = 0; i < ids.length; i += 4) {
    const row = accountIds.find(ids, i)
    if (row >= 0) copies.add(accounts.words(row), accounts.at(row))
  }
  return copies
}

export function lookupTransfersEncoded({transfers, transferIds}: Books, ids: Uint32Array): EncodedRows {
  const copies = new Copies(ids.length / 4)
  for (let i = 0; i < ids.length; i += 4) {
    const row = transferIds.isCertainlyNew(ids, i) ? -1 : transferIds.find(ids, i)
    if (row >= 0) copies.addTransfer(transfers.words(row), transfers.at(row))
  }
  return copies
}

export function queryAccountsEncoded({accounts, accountIndexes}: Books, selection: Selection): EncodedRows {
  const rows = selectRows(accounts, accountIndexes, selection)
  const copies = new Copies(rows.length)
  for (const row of rows) copies.add(accounts.words(row), accounts.at(row))
  return copies
}

export function queryTransfersEncoded({transfers, transferIndexes}: Books, selection: Selection): EncodedRows {
  const rows = selectRows(transfers, transferIndexes, selection)
  const copies = new Copies(rows.length)
  for (const row of rows) copies.addTransfer(transfers.words(row), transfers.at(row))
  return copies
}

class Copies implements EncodedRows {
  readonly words: Uint32Array
  count = 0

  constructor(capacity: number) {
    this.words = new Uint32Array(capacity << RECORD_BITS)
  }

  add(from: Uint32Array, at: number): void {
    const to = this.count++ << RECORD_BITS
    for (let i = 0; i < RECORD_WORDS; i++) this.words[to + i] = from[at + i]!
  }

  addTransfer(from: Uint32Array, at: number): void {
    this.add(from, at)
    this.words[((this.count - 1) << RECORD_BITS) + TIMEOUT] = storedTimeout(from, at)
  }
}

export function queryAccounts({accounts, accountIndexes}: Books, selection: Selection): Account[] {
  return selectRows(accounts, accountIndexes, selection).map((row) =>
    decodeAccount(accounts.words(row), accounts.at(row)),
  )
}

/** query_transfers and get_account_transfers: they differ in their selection only. */
export function queryTransfers({transfers, transferIndexes}: Books, selection: Selection): Transfer[] {
  return selectRows(transfers, transferIndexes, selection).map((row) =>
    decodeTransfer(transfers.words(row), transfers.at(row)),
  )
}

/** The balances of the account right after each transfer selected; none where it keeps no history. */
export function queryBalances(books: Books, selection: Selection): AccountBalance[] {
  const {transfers, transferIndexes, history} = books
  if (!keepsHistory(books, selection.account)) return []
  return selectRows(transfers, transferIndexes, selection).map((row) => {
    const words = transfers.words(row)
    const at = transfers.at(row)
    const side = equal128(words, at + DEBIT_ACCOUNT, selection.account, 0) ? Side.debit : Side.credit
    const balances = history.find(row, side)!
    return decodeBalance(balances.words, balances.at, words, at)
  })
}

function keepsHistory({accounts, accountIds}: Books, id: Uint32Array): boolean {
  const row = accountIds.find(id, 0)
  if (row < 0) return false
  return ((accounts.words(row)[accounts.at(row) + CODE_AND_FLAGS]! >>> FLAGS_SHIFT) & AccountFlags.history) !== 0
}
