import type {View} from '@parix/kit/output'
import type {Explanation} from '../results/explain.js'
import {STATUSES} from '../results/statuses.js'

const FATE: Readonly<Record<Explanation['id'], string>> = {
  stored: 'belongs to the object that is in the ledger',
  burnt: 'used up for good, although nothing was stored: a new attempt needs a new id',
  free: 'free: nothing was stored under it, and it can be used again',
  taken: 'not to be had: it is reserved, or belongs to another object',
}

export function explanationView(explanations: readonly Explanation[]): View {
  return explanations.map(explanationText).join('\n')
}

function explanationText({name, code, object, meaning, advice, id}: Explanation): string {
  return `${name} (${code}, of ${object}s)\n  ${meaning}\n  The id is ${FATE[id]}.\n  What to do: ${advice}\n`
}

/** All results, without explanations. */
export function resultTable(): View {
  const names = [...new Set([...STATUSES.account, ...STATUSES.transfer].map(({name}) => name))].sort()
  const code = (kind: 'account' | 'transfer', name: string) =>
    STATUSES[kind].find((status) => status.name === name)?.code
  return {
    columns: ['RESULT', {name: 'ACCOUNTS', align: 'right'}, {name: 'TRANSFERS', align: 'right'}],
    rows: names.map((name) => [name, code('account', name), code('transfer', name)]),
    whenEmpty: '',
  }
}
