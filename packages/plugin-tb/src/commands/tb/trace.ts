import * as Flags from '@oclif/core/flags'
import type {TraceResult} from '../../books/trace-command.js'
import {databaseAndId, databaseAndIdArguments} from '../../database-and-id.js'
import {CHART_FLAGS} from '../../flags.js'
import {TbCommand} from '../../tb-command.js'

/** `--json`: see `TraceResult`. */
export default class TbTraceCommand extends TbCommand<TraceResult> {
  static override summary = 'show what belongs to a transfer: its chain, its hold and what became of it, its reversals'
  static override usage = '<%= command.id %> [DATABASE-ID] ID [--mermaid]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books 2000',
    '<%= config.bin %> <%= command.id %> books 2000 --mermaid',
  ]
  static override args = databaseAndIdArguments('transfer')
  static override flags = {mermaid: Flags.boolean({description: 'as a Mermaid flowchart'}), ...CHART_FLAGS}

  async run(): Promise<TraceResult> {
    const {args, flags} = await this.parse(TbTraceCommand)
    const {database, id} = databaseAndId(args, 'transfer')
    const {runTrace} = await import('../../books/trace-command.js')
    const chart = await this.useChart(flags)
    return this.inDatabase(database, async (api, resolved) => {
      const {result, text} = await runTrace({
        api,
        database: resolved,
        id,
        chart,
        mermaid: flags.mermaid,
        now: BigInt(Date.now()) * 1_000_000n,
      })
      this.show(text)
      return result
    })
  }
}
