import * as Args from '@oclif/core/args'
import {ParixCommand} from '@parix/kit/command'
import {findJob, forgetJob} from '../../../import/job-list.js'
import {importDirectory} from '../../../outbox/directory.js'

/** `--json`: `{id, forgotten: true}`. */
export default class TbImportForgetCommand extends ParixCommand<{id: string; forgotten: true}> {
  static override summary = 'forget the progress of an import; the ledger keeps what was created'
  static override description =
    'The same command as before then sends the whole file again. Rows that are in the ledger as they are count as imported.'
  static override examples = ['<%= config.bin %> <%= command.id %> 0f7c440a01ca49e9']
  static override args = {id: Args.string({description: 'id of the import (tb import list)', required: true})}

  async run(): Promise<{id: string; forgotten: true}> {
    const {args} = await this.parse(TbImportForgetCommand)
    const directory = importDirectory(process.env)
    const {id} = findJob(directory, args.id).file
    forgetJob(directory, id)
    this.show(`Import ${id} is forgotten.`)
    return {id, forgotten: true}
  }
}
