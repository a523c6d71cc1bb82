import type {Chart} from '@parix/books/chart'
import {isPending, resolvesHold} from '@parix/books/holds'
import {type Trace, trace, traceMermaid, traceTree} from '@parix/books/trace'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import type {Transfer} from '@parix/ledger/schema'
import {accountTransferPages, type BookReader, transferPages, transfersById} from './read-books.js'
import {readReversals} from './read-reversals.js'

/** `--json` of a trace: transfers as the ledger has them, 64 and 128 bits as decimal strings. */
export interface TraceResult {
  transfer: TransferText
  chain: TransferText[]
  hold?: TransferText
  outcome?: {state: string; at?: string; by?: TransferText}
  reversals: TransferText[]
  related: TransferText[]
}

type TransferText = Record<keyof Transfer, string | number>

export interface TraceCall {
  api: Api
  database: ResolvedDatabase
  id: bigint
  chart: Chart | undefined
  mermaid: boolean
  /** Nanoseconds since 1970. */
  now: bigint
}

/** @throws ParixError NOT_FOUND when there is no such transfer */
export async function runTrace({
  api,
  database,
  id,
  chart,
  mermaid,
  now,
}: TraceCall): Promise<{result: TraceResult; text: string}> {
  const reader = {api, databaseId: database.id}
  const transfer = (await transfersById(reader, [id])).get(id)
  if (transfer === undefined)
    throw new ParixError('NOT_FOUND', `There is no transfer ${id} in ${database.name}.`, {code: 'transfer_not_found'})
  const hold = resolvesHold(transfer)
    ? (await transfersById(reader, [transfer.pending_id])).get(transfer.pending_id)
    : undefined
  const resolution = isPending(transfer) ? await resolutionOf(reader, transfer) : undefined
  const found = trace({
    transfer,
    around: await around(reader, transfer),
    ...(hold !== undefined && {hold}),
    ...(resolution !== undefined && {resolution}),
    reversals: [...(await readReversals(reader, [id])).get(id)!.earlier],
    related: await relatedTo(reader, transfer),
    now,
  })
  return {result: resultOf(found), text: mermaid ? traceMermaid(found, chart) : traceTree(found, chart)}
}

/** A request holds at most 8,189 events, with one nanosecond between them. */
const CHAIN_NS = 8190n

/** Transfers that may belong to the same chain, by their time. */
export async function around(reader: BookReader, {timestamp}: Transfer): Promise<Transfer[]> {
  const from = timestamp > CHAIN_NS ? timestamp - CHAIN_NS : 0n
  return collect(transferPages(reader, {from, to: timestamp + CHAIN_NS}))
}

/** TigerBeetle has no index from a hold to what ended it: the account's later transfers are looked through. */
async function resolutionOf(reader: BookReader, hold: Transfer): Promise<Transfer | undefined> {
  for await (const page of accountTransferPages(reader, hold.debit_account_id, {from: hold.timestamp})) {
    const found = page.find((transfer) => resolvesHold(transfer) && transfer.pending_id === hold.id)
    if (found !== undefined) return found
  }
  return undefined
}

const RELATED_MAX = 1000

async function relatedTo(reader: BookReader, {user_data_128}: Transfer): Promise<Transfer[]> {
  if (user_data_128 === 0n) return []
  return (await collect(transferPages(reader, {userData128: user_data_128}), RELATED_MAX)).slice(0, RELATED_MAX)
}

async function collect(pages: AsyncIterable<Transfer[]>, max = Number.POSITIVE_INFINITY): Promise<Transfer[]> {
  const all: Transfer[] = []
  for await (const page of pages) {
    all.push(...page)
    if (all.length >= max) break
  }
  return all
}

function resultOf({transfer, chain, hold, outcome, reversals, related}: Trace): TraceResult {
  return {
    transfer: textOf(transfer),
    chain: chain.map(textOf),
    ...(hold !== undefined && {hold: textOf(hold)}),
    ...(outcome !== undefined && {
      outcome: {
        state: outcome.state,
        ...(outcome.at !== undefined && {at: String(outcome.at)}),
        ...(outcome.by !== undefined && {by: textOf(outcome.by)}),
      },
    }),
    reversals: reversals.map(textOf),
    related: related.map(textOf),
  }
}

function textOf(transfer: Transfer): TransferText {
  return Object.fromEntries(
    Object.entries(transfer).map(([field, value]) => [field, typeof value === 'bigint' ? value.toString() : value]),
  ) as TransferText
}
