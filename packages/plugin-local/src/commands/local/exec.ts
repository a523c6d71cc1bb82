import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import {clean} from '@parix/kit/text'
import {DEMO_KINDS} from '../../demo/businesses.js'
import type {Books} from '../../fill-database.js'
import {LocalCommand, localDataDir, toLocalError} from '../../local-command.js'

interface Exec {
  exitCode: number
  /** Only with --keep: it is gone otherwise. */
  dataDir?: string
}

const BOOKS = 'BOOKS'
/** Each says where the books come from, so only one of them is given. */
const only = (name: string) => ['snapshot', 'fork', 'seed', 'demo'].filter((other) => other !== name)

export default class LocalExecCommand extends LocalCommand<Exec> {
  static override summary = 'run a command beside a local service of its own, and remove the service afterwards'

  static override description =
    `The service has a fresh data directory, a free port and one database, which is empty, or has known books. The command finds them in PARIX_BASE_URL, PARIX_API_KEY and
PARIX_DATABASE, and with --demo the chart in PARIX_CHART. Signals are forwarded, and the exit code is the command's. Several can run at once.`

  static override usage =
    '<%= command.id %> [--snapshot NAME | --fork DATABASE | --seed FILE | --demo KIND] [--database NAME] [--keep] -- COMMAND…'

  static override examples = [
    '<%= config.bin %> <%= command.id %> -- npm test',
    '<%= config.bin %> <%= command.id %> --demo marketplace -- parix tb report trial-balance',
    '<%= config.bin %> <%= command.id %> --snapshot seeded -- npm test',
    `<%= config.bin %> <%= command.id %> --database books -- sh -c 'parix tb create-accounts --id 1 --ledger 700 --code 10'`,
  ]

  static override flags = {
    database: Flags.string({description: 'name of the database', helpValue: 'NAME', default: 'main'}),
    keep: Flags.boolean({description: 'keep the data directory, and say where it is'}),
    snapshot: Flags.string({
      description: 'what `local snapshot save` has kept under this name',
      helpGroup: BOOKS,
      helpValue: 'NAME',
      exclusive: only('snapshot'),
    }),
    fork: Flags.string({
      description: 'a copy of a database of the service in use, else of the running local service',
      helpGroup: BOOKS,
      helpValue: 'DATABASE',
      exclusive: only('fork'),
    }),
    seed: Flags.string({
      description: 'accounts and transfers of a JSON or NDJSON file, with the fields of the API',
      helpGroup: BOOKS,
      helpValue: 'FILE',
      exclusive: only('seed'),
    }),
    demo: Flags.option({
      options: DEMO_KINDS,
      description: 'the books of `local demo`',
      helpGroup: BOOKS,
      helpValue: 'KIND',
      exclusive: only('demo'),
    })(),
  }

  async run(): Promise<Exec> {
    // As typed: oclif drops a `--` from `this.argv`, and the command may have one of its own.
    const typed = process.argv
    const command = typed.includes('--') ? typed.slice(typed.indexOf('--') + 1) : []
    const own = this.argv.slice(0, this.argv.length - command.length).filter((word) => word !== '--')
    const {flags} = await this.parse(LocalExecCommand, own)
    if (command.length === 0) {
      throw new ParixError('USAGE', 'Give the command to run after --.', {
        next: plainCommand('local exec', {rest: ['npm', 'test']}),
      })
    }
    const books = await this.books(flags)
    const {runCommand} = await import('../../run-command.js')
    const {exitCode, dataDir, errors} = await runCommand({
      command,
      database: flags.database,
      // oclif leaves a flag that is not given undefined, whatever its type says.
      keep: Boolean(flags.keep),
      books,
    }).catch((error: unknown) => {
      throw toLocalError(error, 'the temporary directory')
    })
    if (exitCode !== 0) for (const line of errors) this.terminal.warn(clean(`local service: ${line}`))
    if (flags.keep) this.terminal.say(`The data is kept in ${clean(dataDir)}.`)
    process.exitCode = exitCode
    return {exitCode, ...(flags.keep && {dataDir})}
  }

  /** What is to be in the database, as far as it can be found out before there is a service. */
  private async books(flags: {
    snapshot: string | undefined
    fork: string | undefined
    seed: string | undefined
    demo: (typeof DEMO_KINDS)[number] | undefined
  }): Promise<Books | undefined> {
    const {snapshot, fork, seed, demo} = flags
    if (snapshot !== undefined) return {from: 'snapshot', name: snapshot, dataDir: localDataDir(undefined)}
    if (seed !== undefined) {
      const {readSeed} = await import('../../fill-database.js')
      return {from: 'seed', seed: await readSeed(seed, this.terminal)}
    }
    if (demo !== undefined) {
      const {defaultDemo} = await import('../../demo/demo-options.js')
      return {from: 'demo', options: defaultDemo(demo)}
    }
    if (fork === undefined) return undefined
    const connection = await this.connection()
    const isElsewhere = connection.source !== 'default'
    const api = isElsewhere ? connection.api : (await this.runningApi(localDataDir(undefined))).api
    const {resolveDatabase} = await import('@parix/kit/databases')
    return {from: 'fork', api, databaseId: (await resolveDatabase(api, fork)).id}
  }
}
