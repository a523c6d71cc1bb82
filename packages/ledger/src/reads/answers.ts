/** The six reads: what they find, as the objects that the caller gets (semantics §14). */

import {Side} from '../machine/balance-history.js'
import type {Books} from '../machine/books.js'
import {equal128} from '../memory/words.js'
import {decodeAccount, decodeBalance, decodeTransfer} from '../records/decode.js'
import {CODE_AND_FLAGS, DEBIT_ACCOUNT, FLAGS_SHIFT} from '../records/layout.js'
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

export function queryAccounts({accounts, accountCatalogue}: Books, selection: Selection): Account[] {
  return selectRows(accounts, accountCatalogue, selection).map((row) =>
    decodeAccount(accounts.words(row), accounts.at(row)),
  )
}

/** query_transfers and get_account_transfers: they differ in their selection only. */
export function queryTransfers({transfers, transferCatalogue}: Books, selection: Selection): Transfer[] {
  return selectRows(transfers, transferCatalogue, selection).map((row) =>
    decodeTransfer(transfers.words(row), transfers.at(row)),
  )
}

/** The balances of the account right after each transfer selected; none where it keeps no history. */
export function queryBalances(books: Books, selection: Selection): AccountBalance[] {
  const {transfers, transferCatalogue, history} = books
  if (!keepsHistory(books, selection.account)) return []
  return selectRows(transfers, transferCatalogue, selection).map((row) => {
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
