import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import type {View} from '@parix/kit/output'
import {type Explanation, explain} from '../../results/explain.js'
import {STATUSES} from '../../results/statuses.js'

/**
 * `--json`: `{results: [{object, name, code, meaning, advice, id, stored}]}`; `object` is `account` or `transfer`, `id` is
 * `stored`, `burnt`, `free` or `taken`. Without RESULT: all of them.
 */
export default class TbExplainCommand extends ParixCommand<{results: Explanation[]}> {
  static override summary = 'what a result of TigerBeetle means, and what to do'
  static override description =
    'By name (exceeds_credits) or number (54). A number is another result for accounts than for transfers, so both are shown; --for chooses. Says whether the id may be used again. Nothing is asked of the service.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> exceeds_credits',
    '<%= config.bin %> <%= command.id %> 21 --for account',
    '<%= config.bin %> <%= command.id %>',
  ]

  static override args = {result: Args.string({description: 'name or number of a result; all of them when left out'})}
  static override flags = {
    for: Flags.option({
      options: ['account', 'transfer'] as const,
      description: 'only results of this kind of object',
    })(),
  }

  async run(): Promise<{results: Explanation[]}> {
    const {args, flags} = await this.parse(TbExplainCommand)
    const kinds = flags.for === undefined ? (['account', 'transfer'] as const) : [flags.for]
    if (args.result === undefined) {
      this.show(resultTable())
      return {results: kinds.flatMap((kind) => STATUSES[kind].flatMap(({name}) => explain(name, kind)))}
    }
    const results = explain(args.result, flags.for)
    this.show(explanationView(results))
    return {results}
  }
}

const FATE: Readonly<Record<Explanation['id'], string>> = {
  stored: 'that of the object that is in the ledger',
  burnt: 'used up for good, although nothing was stored: a new attempt needs a new id',
  free: 'free: nothing was stored under it, and it can be used again',
  taken: 'not to be had: it is reserved, or belongs to another object',
}

function explanationView(explanations: readonly Explanation[]): View {
  return explanations.map(explanationText).join('\n')
}

function explanationText({name, code, object, meaning, advice, id}: Explanation): string {
  return `${name} (${code}, of ${object}s)\n  ${meaning}\n  The id is ${FATE[id]}.\n  What to do: ${advice}\n`
}

/** All results, without explanations. */
function resultTable(): View {
  const names = [...new Set([...STATUSES.account, ...STATUSES.transfer].map(({name}) => name))].sort()
  const code = (kind: 'account' | 'transfer', name: string) =>
    STATUSES[kind].find((status) => status.name === name)?.code
  return {
    columns: ['RESULT', {name: 'ACCOUNTS', align: 'right'}, {name: 'TRANSFERS', align: 'right'}],
    rows: names.map((name) => [name, code('account', name), code('transfer', name)]),
    whenEmpty: '',
  }
}
