import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {type Explanation, explain} from '../../results/explain.js'
import {STATUSES} from '../../results/statuses.js'
import {explanationView, resultTable} from '../../views/explanations.js'

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
