import {resolve} from 'node:path'
import * as Flags from '@oclif/core/flags'
import {currentDirectory} from '@parix/files/paths'
import {findChart} from '@parix/kit/chart-names'
import {cleanLine} from '@parix/kit/text'
import {ChartCommand} from '../../chart/chart-command.js'

/** `--json`: `{path, text, accounts, ledgers}`. */
export default class ChartInitCommand extends ChartCommand<{
  path: string
  text: string
  accounts: number
  ledgers: number
}> {
  static override summary = 'write a first chart of accounts, from a database or as an example'
  static override description =
    'The chart is a file to be edited and committed: it gives names to accounts, ledgers and codes, and says how many decimal places the amounts of a ledger have. With --from, it begins with what a database has. An existing file is never overwritten.'
  static override aliases = ['tb:chart:init']
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --from books',
    '<%= config.bin %> <%= command.id %> --from books --names accounts.csv',
  ]
  static override flags = {
    from: Flags.string({helpValue: 'DATABASE', description: 'id or name of the database'}),
    names: Flags.string({
      helpValue: 'FILE',
      description: 'CSV with the columns id and name, for the accounts of the database',
      dependsOn: ['from'],
    }),
    output: Flags.string({
      char: 'o',
      helpValue: 'FILE',
      description: 'where to write it; - for stdout',
      default: 'parix.chart.yaml',
    }),
  }

  async run() {
    const {flags} = await this.parse(ChartInitCommand)
    const {assertNewChart, exampleChart, draftFrom, writeChart} = await import('../../chart/init-chart.js')
    if (flags.output !== '-') assertNewChart(flags.output)
    const draft =
      flags.from === undefined
        ? exampleChart()
        : await this.inDatabase(flags.from, (api, database) =>
            draftFrom({api, databaseId: database.id}, flags.names, this.terminal),
          )
    if (flags.output === '-') this.show(draft.text)
    else {
      writeChart(flags.output, draft.text)
      this.show(
        `${flags.output} is written${flags.from === undefined ? ' as an example to edit' : `: ${draft.ledgers} ledgers, ${draft.accounts} accounts of ${flags.from}`}.`,
      )
      this.terminal.say(
        `Set the scale of each ledger and give the accounts names, then: ${this.commandText('chart check', {args: [flags.from ?? 'DATABASE']})}`,
      )
      const inForce = process.env.PARIX_CHART
      const cwd = currentDirectory()
      if (inForce !== undefined && findChart({environment: process.env, cwd}) !== resolve(cwd, flags.output))
        this.terminal.warn(
          inForce === ''
            ? 'Here no chart is used all the same: PARIX_CHART is empty.'
            : `Here ${cleanLine(inForce)} is used all the same: PARIX_CHART goes before it.`,
        )
    }
    return {path: flags.output, ...draft}
  }
}
