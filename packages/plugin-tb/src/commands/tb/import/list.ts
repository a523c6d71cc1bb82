import {ParixCommand} from '@parix/kit/command'
import {type JobSummary, listJobs, summarizeJob} from '../../../import/job-list.js'
import {importDirectory} from '../../../outbox/directory.js'

/** `--json`: `{path, imports: JobSummary[]}`, newest first. */
export default class TbImportListCommand extends ParixCommand<{path: string; imports: JobSummary[]}> {
  static override summary = 'list imports of this machine'
  static override description = 'All services and databases. Nothing is asked of the service.'
  static override aliases = ['tb:import:ls']
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<{path: string; imports: JobSummary[]}> {
    await this.parse(TbImportListCommand)
    const path = importDirectory(process.env)
    const imports = listJobs(path, (text) => this.terminal.warn(text)).map(summarizeJob)
    this.show({
      columns: [
        'ID',
        'WHAT',
        'FILE',
        {name: 'ROWS', align: 'right'},
        {name: 'CREATED', align: 'right'},
        {name: 'REFUSED', align: 'right'},
        'DATABASE',
        'SERVICE',
        'STATE',
      ],
      rows: imports.map(({id, kind, file, rows, created, refused, database, baseUrl, state}) => [
        id,
        `${kind}s`,
        file ?? 'stdin',
        rows,
        created,
        refused,
        database.name,
        baseUrl,
        state,
      ]),
      whenEmpty: 'No imports yet.',
    })
    return {path, imports}
  }
}
