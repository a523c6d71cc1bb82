import type {BalanceSide} from '@parix/books/chains'
import {type Chart, hashId, normalSide} from '@parix/books/chart'
import {close, closesAccount, reopen} from '@parix/books/corrections'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {type Account, AccountFlags, type Transfer} from '@parix/ledger/schema'
import {accountTransferPages, type BookReader} from '../books/read-books.js'
import {commonOf, idsFor} from './chain-fields.js'
import type {DataFlagValues} from './chain-flags.js'
import {limitOf} from './controls.js'
import {nothingToSend} from './nothing-to-send.js'
import {Parties, type Party} from './parties.js'
import type {ChainCall, ChainPlan, Reading} from './run-chain.js'

export interface CloseFlags extends DataFlagValues {
  into: string
}

/** Moves the balance away and closes the account. @throws ParixError BAD_INPUT, NOT_FOUND */
export async function planClose(
  account: string,
  flags: CloseFlags,
  chart: Chart | undefined,
  read: Reading,
): Promise<ChainPlan> {
  const common = commonOf(flags, chart, 'closing')
  const parties = new Parties(chart, read)
  const [party, into] = [parties.party('The account', account), parties.party('--into', flags.into)]
  await parties.lookUp([party, into])
  const row = await parties.row(party)
  if (isClosed(row)) return read(async (_, database) => nothingToSend(database, isSo(party, 'closed', chart)))
  if (party.id === into.id)
    throw new ParixError(
      'BAD_INPUT',
      '--into must be a different account from the one that is closed. Nothing was sent.',
    )
  if ((await parties.row(into)).ledger !== row.ledger)
    throw new ParixError('BAD_INPUT', `${party.text} and ${into.text} are on different ledgers. Nothing was sent.`)
  const {ids, generated} = idsFor('close', undefined)
  const transfers = close({account: party.id, other: into.id, ledger: row.ledger}, sideOf(row, chart), common, ids)
  return {transfers, generated}
}

/** The side on which an account has its balance: by its limit, else by its type in the chart, else by its columns. */
function sideOf(row: Account, chart: Chart | undefined): BalanceSide {
  const limit = limitOf(row)
  if (limit !== undefined) return limit === 'debits_must_not_exceed_credits' ? 'credit' : 'debit'
  if (row.credits_posted !== row.debits_posted) return row.credits_posted > row.debits_posted ? 'credit' : 'debit'
  return normalSide(chart?.typeOf(row.code))
}

/** What is true of the account now: how it can be opened again, and whether anything is left in it. */
export function afterClosing(account: string, chart: Chart | undefined): NonNullable<ChainCall['afterwards']> {
  return async (_report, api, database) => {
    const parties = new Parties(chart, (work) => work({api, databaseId: database.id}, database))
    const party = parties.party('The account', account)
    const {debits_posted, credits_posted, debits_pending, credits_pending} = await parties.row(party)
    const open = renderCommand(nextCommand('tb reopen', {args: [database.name, party.text]}), api.base)
    return [
      `${party.text} is closed: it takes no further transfers. Open it again: ${open}`,
      ...(debits_posted === credits_posted
        ? []
        : [`Its balance is not 0: credits of ${credits_posted}, debits of ${debits_posted}.`]),
      ...(debits_pending + credits_pending === 0n
        ? []
        : ['It has pending transfers. They can be voided or expire, and can not be posted.']),
    ]
  }
}

/** Voids the transfer that closed the account. @throws ParixError NOT_FOUND */
export async function planReopen(account: string, chart: Chart | undefined, read: Reading): Promise<ChainPlan> {
  return read(async (reader, database) => {
    const parties = new Parties(chart, (work) => work(reader, database))
    const party = parties.party('The account', account)
    if (!isClosed(await parties.row(party))) return nothingToSend(database, isSo(party, 'open', chart))
    const closing = await lastClosing(reader, party.id)
    if (closing === undefined)
      throw new ParixError(
        'NOT_FOUND',
        `${party.text} is closed, but no transfer that closed it was found in ${database.name}. Nothing was sent.`,
        {code: 'closing_transfer_not_found'},
      )
    return {transfers: [reopen(closing, hashId('parix-reopen/1', String(closing.id)))]}
  })
}

/** The newest one: an account that is closed can't be closed again, so it is the current one. */
async function lastClosing(reader: BookReader, account: bigint): Promise<Transfer | undefined> {
  for await (const page of accountTransferPages(reader, account, {reversed: true})) {
    const found = page.find((transfer) => closesAccount(transfer, account))
    if (found !== undefined) return found
  }
  return undefined
}

function isClosed({flags}: Account): boolean {
  return (flags & AccountFlags.closed) !== 0
}

function isSo({text}: Party, state: string, chart: Chart | undefined) {
  return {rows: [], sentence: `${text} is ${state} already. Nothing was sent.`, chart}
}
