/** Everything that belongs to one transfer: its chain, its hold and what became of it, its reversals, its order. */

import {type Transfer, TransferFlags} from '@parix/ledger/schema'
import {formatAmount} from './amounts.js'
import type {Chart} from './chart/chart.js'
import {expiryOf, isPending, resolvesHold} from './holds.js'
import {isoOf} from './periods.js'
import {accountLabel} from './present.js'

export interface Trace {
  transfer: Transfer
  /** The linked chain it is part of, in order; itself alone where it is in none. */
  chain: Transfer[]
  /** The pending transfer that it posts or voids. */
  hold?: Transfer
  /** What became of a pending transfer, or of `hold`. */
  outcome?: {state: 'open' | 'posted' | 'voided' | 'lapsed'; at?: bigint; by?: Transfer}
  reversals: Transfer[]
  /** Others with the same user_data_128, in order of time. */
  related: Transfer[]
}

export interface TraceInput {
  transfer: Transfer
  /** Transfers around it in time, sorted: as many as a chain may have on either side. */
  around: readonly Transfer[]
  hold?: Transfer
  /** The post or void of the pending transfer, where there is one. */
  resolution?: Transfer
  reversals: readonly Transfer[]
  related: readonly Transfer[]
  /** Nanoseconds: whether a hold without a resolution has lapsed. */
  now: bigint
}

export function trace(input: TraceInput): Trace {
  const {transfer, hold, reversals, related} = input
  const pending = isPending(transfer) ? transfer : hold
  return {
    transfer,
    chain: chainOf(transfer, input.around),
    ...(hold !== undefined && {hold}),
    ...(pending !== undefined && {
      outcome: outcomeOf(pending, resolvesHold(transfer) ? transfer : input.resolution, input.now),
    }),
    reversals: [...reversals],
    related: related.filter(({id}) => id !== transfer.id),
  }
}

/** Linked transfers have consecutive timestamps: one batch, one after the other, the last without the flag. */
export function chainOf(transfer: Transfer, around: readonly Transfer[]): Transfer[] {
  const at = around.findIndex(({id}) => id === transfer.id)
  if (at < 0) return [transfer]
  const follows = (index: number) =>
    around[index]!.timestamp === around[index - 1]!.timestamp + 1n && isLinked(around[index - 1]!)
  let first = at
  while (first > 0 && follows(first)) first--
  let last = at
  while (last + 1 < around.length && follows(last + 1)) last++
  return around.slice(first, last + 1)
}

function isLinked({flags}: Transfer): boolean {
  return (flags & TransferFlags.linked) !== 0
}

function outcomeOf(pending: Transfer, by: Transfer | undefined, now: bigint): NonNullable<Trace['outcome']> {
  if (by !== undefined) {
    const posted = (by.flags & TransferFlags.post_pending_transfer) !== 0
    return {state: posted ? 'posted' : 'voided', at: by.timestamp, by}
  }
  const expiry = expiryOf(pending)
  if (expiry === undefined || expiry > now) return {state: 'open', ...(expiry !== undefined && {at: expiry})}
  return {state: 'lapsed', at: expiry}
}

/** A tree for a terminal. */
export function traceTree(found: Trace, chart: Chart | undefined): string {
  const {transfer, chain, hold, outcome, reversals, related} = found
  const lines = [describe(transfer, chart)]
  const branches: string[] = []
  if (chain.length > 1) {
    const place = chain.findIndex(({id}) => id === transfer.id) + 1
    branches.push(
      `chain: ${place} of ${chain.length}`,
      ...chain.map((item) => `  ${item.id === transfer.id ? '▸' : ' '} ${describe(item, chart)}`),
    )
  }
  if (hold !== undefined) branches.push(`hold: ${describe(hold, chart)}`)
  if (outcome !== undefined) branches.push(`hold is ${outcome.state}${outcomeText(outcome, chart)}`)
  for (const reversal of reversals) branches.push(`reversed by ${describe(reversal, chart)}`)
  if (related.length > 0) branches.push(`same user_data_128:`, ...related.map((item) => `    ${describe(item, chart)}`))
  lines.push(...branches.map((line) => (line.startsWith('  ') ? `│ ${line}` : `├─ ${line}`)))
  return `${lines.join('\n')}\n`
}

function outcomeText({state, at, by}: NonNullable<Trace['outcome']>, chart: Chart | undefined): string {
  if (by !== undefined) return ` by ${describe(by, chart)}`
  if (at === undefined) return ', without a timeout'
  return state === 'open' ? `, until ${isoOf(at)}` : ` since ${isoOf(at)}`
}

function describe(transfer: Transfer, chart: Chart | undefined): string {
  const {id, debit_account_id, credit_account_id, amount, ledger, timestamp} = transfer
  const unit = chart?.ledgerOf(ledger)
  const money =
    unit === undefined ? `${amount} on ledger ${ledger}` : `${formatAmount(amount, unit.scale)} ${unit.name}`
  return `${id}  ${money}  ${accountLabel(debit_account_id, chart)} → ${accountLabel(credit_account_id, chart)}  ${isoOf(timestamp)}`
}

/** A Mermaid flowchart; labels are quoted, so that names can't change the diagram. */
export function traceMermaid({transfer, chain, hold, outcome, reversals}: Trace, chart: Chart | undefined): string {
  const node = ({id}: Transfer) => `t${id}`
  const label = (item: Transfer) =>
    `${node(item)}["${describe(item, chart).replace(/["#<>]/g, (c) => `#${c.charCodeAt(0)};`)}"]`
  const lines = chain.map(label)
  for (const [index, item] of chain.slice(1).entries()) lines.push(`${node(chain[index]!)} -- linked --> ${node(item)}`)
  if (hold !== undefined) lines.push(label(hold), `${node(hold)} -- ${outcome?.state ?? 'hold'} --> ${node(transfer)}`)
  else if (outcome?.by !== undefined)
    lines.push(label(outcome.by), `${node(transfer)} -- ${outcome.state} --> ${node(outcome.by)}`)
  for (const reversal of reversals) lines.push(label(reversal), `${node(transfer)} -- reversed --> ${node(reversal)}`)
  return `flowchart LR\n${lines.map((line) => `  ${line}\n`).join('')}`
}
