import * as Args from '@oclif/core/args'
import {ParixCommand} from '@parix/kit/command'
import {findJob, type JobSummary, summarizeJob} from '../../../import/job-list.js'
import {importDirectory} from '../../../outbox/directory.js'

type ImportDetails = JobSummary & {
  mapping: Readonly<Record<string, string>>
  idFrom: readonly string[]
  namespace: string
  requests: number
  path: string
}

/** `--json`: `JobSummary` and the mapping, the namespace, the number of requests, and where it is recorded. */
export default class TbImportShowCommand extends ParixCommand<ImportDetails> {
  static override summary = 'show an import: mapping, progress, and where it is recorded'
  static override examples = ['<%= config.bin %> <%= command.id %> 0f7c440a01ca49e9']
  static override args = {id: Args.string({description: 'id of the import (tb import list)', required: true})}

  async run(): Promise<ImportDetails> {
    const {args} = await this.parse(TbImportShowCommand)
    const found = findJob(importDirectory(process.env), args.id)
    const {specs, idFrom, namespace} = found.file
    const details = {
      ...summarizeJob(found),
      mapping: specs,
      idFrom,
      namespace,
      requests: found.progress.requests,
      path: found.path,
    }
    this.show({
      columns: ['', ''],
      rows: Object.entries(details).map(([key, value]) => [
        key,
        typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
      ]),
      whenEmpty: '',
    })
    return details
  }
}
