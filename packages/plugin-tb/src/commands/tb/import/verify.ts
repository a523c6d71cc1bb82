import * as Args from '@oclif/core/args'
import type {VerifyResult} from '../../../import/verify.js'
import {TbCommand} from '../../../tb-command.js'

/** `--json`: `{id, rows, findings: []}`; differences are an error with exit code 6. */
export default class TbImportVerifyCommand extends TbCommand<VerifyResult> {
  static override summary = 'compare every row of an imported file with the ledger'
  static override description =
    'Looks up each row by its id and compares all fields. Exit code 6 when a row is missing or differs; the first hundred are named by line.'
  static override examples = ['<%= config.bin %> <%= command.id %> 0f7c440a01ca49e9']
  static override args = {id: Args.string({description: 'id of the import (tb import list)', required: true})}

  async run(): Promise<VerifyResult> {
    const {args} = await this.parse(TbImportVerifyCommand)
    const {verifyJob} = await import('../../../import/verify.js')
    const {importDirectory} = await import('../../../outbox/directory.js')
    const {findJob} = await import('../../../import/job-list.js')
    const {file} = findJob(importDirectory(process.env), args.id)
    const {api} = await this.connectionTo(file.baseUrl, file.organization?.id)
    const result = await verifyJob(file, api, this.terminal, process.env)
    this.show(
      `All ${result.rows} ${file.kind}s of ${file.file ?? 'stdin'} are in ${file.database.name} as they are in the file.`,
    )
    return result
  }
}
