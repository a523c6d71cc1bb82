import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {EXIT_CODES, ParixError} from '@parix/kit/errors'
import type {AssertResult} from '../../books/assert-command.js'
import {CHART_FLAGS} from '../../flags.js'
import {TbCommand} from '../../tb-command.js'

/** `--json`: see `AssertResult`; with exit code 6 where an expectation is not met. */
export default class TbAssertCommand extends TbCommand<AssertResult> {
  static override summary = 'check expectations of the books: balances, limits, balanced ledgers, holds'
  static override description =
    `ACCOUNT QUANTITY OPERATOR AMOUNT: the account is an id, @NAME, @PATTERN/* for all of a pattern, or "accounts" for all; the quantity is balance or available (both on the account's normal side), debits, credits, debits_pending or credits_pending; the operator = != < <= > >=; in place of an amount there may be another quantity.

Also "ledgers balanced", "ledger USD balanced", "pending = 0", "pending of @bank older than 7d = 0", "accounts = 12", "transfers >= 1". What is met and what is not is listed; the exit code is 6 where one is not.`

  static override usage = '<%= command.id %> [DATABASE-ID] "EXPECTATION"…'
  static override examples = [
    `<%= config.bin %> <%= command.id %> books 'ledgers balanced' '@customer/* available >= 0'`,
    `<%= config.bin %> <%= command.id %> books 'pending older than 7d = 0' --json`,
    '<%= config.bin %> <%= command.id %> books --file month-end.txt',
  ]

  static override strict = false
  static override args = {
    'database-id': Args.string({description: 'id or name of the database; may be left out'}),
  }
  static override flags = {
    file: Flags.string({
      helpValue: 'FILE|-',
      description: 'expectations in a file, one per line; # begins a comment',
    }),
    ...CHART_FLAGS,
  }

  async run(): Promise<AssertResult> {
    const {argv, flags} = await this.parse(TbAssertCommand)
    const words = argv as string[]
    // An expectation has at least two words; the name of a database has one.
    const [first] = words
    const database = first !== undefined && !/\s/.test(first.trim()) ? first : undefined
    const {expectationLines, readExpectations, runAssert} = await import('../../books/assert-command.js')
    const texts = database === undefined ? words : words.slice(1)
    if (flags.file !== undefined) texts.push(...(await expectationLines(flags.file, this.terminal)))
    if (texts.length === 0)
      throw new ParixError('USAGE', `What is to be the case? Give an expectation, such as 'ledgers balanced'.`)
    const chart = await this.useChart(flags)
    const expectations = readExpectations(texts, chart)
    return this.inDatabase(database, async (api, resolved) => {
      const result = await runAssert({api, databaseId: resolved.id}, resolved, expectations, chart)
      this.show({
        columns: ['', 'EXPECTATION', 'FOUND'],
        rows: result.expectations.map(({expectation, ok, found}) => [ok ? 'ok' : 'no', expectation, found.join('; ')]),
        whenEmpty: '',
      })
      if (result.failed > 0) process.exitCode = EXIT_CODES.REFUSED
      return result
    })
  }
}
