import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import {parseTimestamp} from '@parix/kit/timestamps'
import type {AuditReport} from '../../books/audit-command.js'
import {DATABASE_ARGUMENT, TbCommand} from '../../tb-command.js'

/** `--json`: see `AuditReport`; findings are an error with exit code 6. */
export default class TbAuditCommand extends TbCommand<AuditReport> {
  static override summary = 'prove that the books of a database are right'
  static override description =
    `Without a flag, the accounts alone: every ledger is balanced, every limit is kept. --deep adds up all transfers and compares every account. --replay executes history again in an embedded ledger, at the timestamps of the rows: an independent implementation of the rules has to come to the same books.

Others may write meanwhile: each account is then compared as of the moment at which it was read, and the result says of when it is.

--seal writes a digest of all rows to a file, to be kept outside of the database; --against compares the database with such a file and names the first row that differs.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> books',
    '<%= config.bin %> <%= command.id %> books --deep',
    '<%= config.bin %> <%= command.id %> books --replay --seal november.seal.json',
    '<%= config.bin %> <%= command.id %> books --at 2026-11-30 --seal november.seal.json',
    '<%= config.bin %> <%= command.id %> books --against november.seal.json',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    deep: Flags.boolean({description: 'compare every account with the sum of its transfers', exclusive: ['replay']}),
    replay: Flags.boolean({description: 'execute history again, and compare'}),
    seal: Flags.string({helpValue: 'FILE', description: 'write a digest of all rows to a file'}),
    at: Flags.string({
      helpValue: 'TIME',
      description:
        'the books, and the seal, as of this moment: RFC 3339, a date (its end, UTC), -1h, nanoseconds; implies --deep',
      exclusive: ['against'],
    }),
    previous: Flags.string({
      helpValue: 'FILE',
      description: 'the seal before, so that seals form a chain',
      dependsOn: ['seal'],
    }),
    against: Flags.string({
      helpValue: 'FILE',
      description: 'compare the database with a seal',
      exclusive: ['seal', 'deep', 'replay'],
    }),
  }

  async run(): Promise<AuditReport> {
    const {args, flags} = await this.parse(TbAuditCommand)
    const at =
      flags.at === undefined ? undefined : parseTimestamp('--at', flags.at, {role: 'end', note: this.terminal.say})
    if (at === 0n) throw new ParixError('BAD_INPUT', '--at must not be 0: no ledger is that old.')
    const {runAudit} = await import('../../books/audit-command.js')
    return this.inDatabase(args['database-id'], async (api, database) => {
      const depth = flags.replay ? 'replay' : flags.deep ? 'deep' : 'quick'
      const {result, text} = await runAudit({
        api,
        database,
        terminal: this.terminal,
        depth,
        seal: flags.seal,
        against: flags.against,
        previous: flags.previous,
        at,
      })
      this.show(text)
      return result
    })
  }
}
