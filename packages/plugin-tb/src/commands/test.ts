import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {EXIT_CODES} from '@parix/kit/errors'
import type {FormatFlags, ResultWriter} from '@parix/kit/format'
import {CHART_FLAGS} from '../flags.js'
import {TbCommand} from '../tb-command.js'
import type {FileResult} from '../testing/report-tests.js'

/** `--json`. */
interface TestResult {
  passed: number
  failed: number
  files: FileResult[]
}

/** `--json`: `{passed, failed, files: [{file, tests: [{name, ok, line, milliseconds, failures: [{line, column, message}]}]}]}` */
export default class TestCommand extends TbCommand<TestResult> {
  static override summary = 'run tests of books: transfers, the results they must have, and the books after them'
  static override description =
    `A file of tests (YAML) has a list of tests; each is steps and expectations, and runs in a ledger of its own in memory, with TigerBeetle's rules. No service is needed, except where the file names a database: then the tests begin with a copy of it. Steps: account, transfer, chain, post, void, wait, check; "expect" is the result of a step (created when left out), and, of a test, a list of expectations as "parix tb assert" takes them.

The result is TAP, or JUnit's XML or JSON by --format. The exit code is 6 where a test fails, and 2 where a file is wrong, with line and column. The README of @parix/plugin-tb describes the file.`

  static override usage = '<%= command.id %> [FILE]…'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books.test.yaml',
    '<%= config.bin %> <%= command.id %> --format junit > junit.xml',
  ]

  static override strict = false
  static override args = {file: Args.string({description: 'a file of tests; else every *.test.yaml here'})}
  static override flags = {
    format: Flags.string({
      options: ['tap', 'junit', 'json'],
      helpValue: 'tap|junit|json',
      description: 'the form of the result; tap when left out',
    }),
    ...CHART_FLAGS,
  }

  async run(): Promise<TestResult> {
    const {argv, flags} = await this.parse(TestCommand)
    const {readTestFiles, runFile, testFiles} = await import('../testing/test-command.js')
    const {junitText, tapText} = await import('../testing/report-tests.js')
    const files: FileResult[] = []
    for (const file of await readTestFiles(testFiles(argv as string[]), this.terminal)) {
      const result = await runFile(file, flags, (database, work) =>
        this.inDatabase(database, (api, {id}) => work({api, databaseId: id})),
      )
      files.push(result)
    }
    const tests = files.flatMap((file) => file.tests)
    const failed = tests.filter(({ok}) => !ok).length
    this.show(flags.format === 'junit' ? junitText(files) : tapText(files))
    if (failed > 0) process.exitCode = EXIT_CODES.REFUSED
    return {passed: tests.length - failed, failed, files}
  }

  /** Forms of its own in place of those of every command. */
  protected override loadWriter({format, ...flags}: FormatFlags): Promise<ResultWriter | undefined> {
    return super.loadWriter({...flags, format: format === 'json' ? 'json' : undefined})
  }
}
