import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {withDatabase} from '@parix/kit/databases'
import {EXIT_CODES, ParixError} from '@parix/kit/errors'
import {parseTimestamp} from '@parix/kit/timestamps'
import type {DatabaseDiff, MomentDiff} from '../../books/diff-command.js'
import {CHART_FLAGS} from '../../flags.js'
import {TbCommand} from '../../tb-command.js'

/** `--json`: see `DatabaseDiff` and `MomentDiff`; with exit code 6 where something differs. */
export default class TbDiffCommand extends TbCommand<DatabaseDiff | MomentDiff> {
  static override summary = 'compare two databases, or two moments of one'
  static override description =
    `Two databases: every account and transfer of each is looked up in the other, by id, in constant memory; their order does not matter. Timestamps, and whether a row was imported, count with --timestamps only.

With --at twice, or once for a moment until now: what moved on which account between them (posted amounts). The exit code is 6 where something differs.`

  static override usage = '<%= command.id %> [DATABASE-ID] [OTHER-ID] [--at TIME --at TIME]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books copy',
    '<%= config.bin %> <%= command.id %> books --at 2026-10-31 --at 2026-11-30',
    '<%= config.bin %> <%= command.id %> books --at -1h --json',
  ]

  static override args = {
    'database-id': Args.string({description: 'id or name of a database; the only one where no other is given'}),
    other: Args.string({description: 'id or name of the database to compare it with'}),
  }
  static override flags = {
    at: Flags.string({
      helpValue: 'TIME',
      multiple: true,
      multipleNonGreedy: true,
      description: 'a moment: RFC 3339, a date (its end, UTC), -1h, nanoseconds; twice for from and to',
    }),
    timestamps: Flags.boolean({description: 'compare timestamps as well', exclusive: ['at']}),
    ...CHART_FLAGS,
  }

  async run(): Promise<DatabaseDiff | MomentDiff> {
    const {args, flags} = await this.parse(TbDiffCommand)
    if (flags.at === undefined) return this.databases(args, flags.timestamps, flags)
    if (args.other !== undefined)
      throw new ParixError('USAGE', '--at compares two moments of one database: leave the other database out.')
    return this.moments(args['database-id'], flags.at, flags)
  }

  private async databases(
    {'database-id': first, other: second}: {'database-id'?: string | undefined; other?: string | undefined},
    timestamps: boolean,
    flags: {chart?: string | undefined; 'no-chart'?: boolean},
  ): Promise<DatabaseDiff> {
    if (first === undefined)
      throw new ParixError('USAGE', 'Which databases? Give two, or one and --at for two moments of it.')
    const chart = await this.useChart(flags)
    const {diffDatabases} = await import('../../books/diff-command.js')
    // One database alone is compared with the one that is used where none is given.
    const [one, other] = second === undefined ? [undefined, first] : [first, second]
    return this.inDatabase(one, (api, a) =>
      withDatabase(api, other, async (b) => {
        if (a.id === b.id) throw new ParixError('BAD_INPUT', `${a.name} and ${b.name} are the same database.`)
        const call = {api, terminal: this.terminal, chart}
        const {result, view, notices} = await diffDatabases(call, a, b, timestamps)
        this.show(view)
        for (const notice of notices) this.terminal.say(notice)
        if (result.differencesCount > 0) process.exitCode = EXIT_CODES.REFUSED
        return result
      }),
    )
  }

  private async moments(
    database: string | undefined,
    texts: readonly string[],
    flags: {chart?: string | undefined; 'no-chart'?: boolean},
  ): Promise<MomentDiff> {
    if (texts.length > 2) throw new ParixError('USAGE', '--at is given twice at most: from, and to.')
    const options = {role: 'end', note: this.terminal.say} as const
    const times = texts.map((text) => parseTimestamp('--at', text, options))
    const [from = 0n, to = BigInt(Date.now()) * 1_000_000n] = times
    if (from >= to) throw new ParixError('BAD_INPUT', 'The first --at must be earlier than the second.')
    const chart = await this.useChart(flags)
    const {diffMoments} = await import('../../books/diff-command.js')
    return this.inDatabase(database, async (api, resolved) => {
      const {result, view} = await diffMoments({api, terminal: this.terminal, chart}, resolved, from, to)
      this.show(view)
      if (result.accounts.length > 0) process.exitCode = EXIT_CODES.REFUSED
      return result
    })
  }
}
