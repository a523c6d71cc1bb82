import {basename} from 'node:path'
import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import {type Confirmation, confirmByName, type Subject, type Terminal} from '@parix/kit/output'
import {cleanLine} from '@parix/kit/text'
import {dataDirFlag, LocalCommand, localCommand, localDataDir, toLocalError} from '../../local-command.js'
import {findHolder} from '../../local-service.js'

interface Reset {
  /** False: there was nothing. */
  removed: boolean
  dataDir: string
}

export default class LocalResetCommand extends LocalCommand<Reset> {
  static override summary = 'remove everything that the local service keeps: users, API keys, databases, ledgers'

  static override description =
    "It can't be undone, so the name of the data directory has to be typed, or given by --confirm where nobody can be asked. Not while the service runs."

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --confirm local',
    '<%= config.bin %> <%= command.id %> --yes',
  ]

  static override flags = {
    ...dataDirFlag,
    confirm: Flags.string({helpValue: 'NAME', description: 'the name of the data directory, in place of the question'}),
    yes: Flags.boolean({char: 'y', description: 'ask nothing; --confirm is safer', exclusive: ['confirm']}),
  }

  async run(): Promise<Reset> {
    const {flags} = await this.parse(LocalResetCommand)
    const dataDir = localDataDir(flags['data-dir'])
    try {
      await refuseWhileRunning(dataDir)
      await confirmReset(dataDir, flags, this.terminal)
      const {wipeDataDir} = await import('../../server/store/data-directory.js')
      const removed = wipeDataDir(dataDir)
      this.show(removed ? `Removed everything in ${dataDir}.` : `There is nothing in ${dataDir}.`)
      return {removed, dataDir}
    } catch (error) {
      throw toLocalError(error, dataDir)
    }
  }
}

async function refuseWhileRunning(dataDir: string): Promise<void> {
  const holder = await findHolder(dataDir).catch((error: unknown) => {
    // Damaged content is what a reset is for; whatever else keeps it from being read would keep it from being removed.
    if ((error as {remedy?: unknown}).remedy === 'reset') return {state: 'none'} as const
    throw error
  })
  if (holder.state === 'none') return
  throw new ParixError('FAILED', `The local service is running on ${dataDir}. Nothing was removed.`, {
    code: 'already_running',
    next: [localCommand('stop', dataDir), localCommand('reset', dataDir)],
  })
}

/** @throws ParixError BAD_INPUT (another name was confirmed), USAGE (nobody can be asked), CANCELLED */
async function confirmReset(dataDir: string, consent: Confirmation, terminal: Terminal): Promise<void> {
  const name = basename(dataDir) || dataDir
  const subject: Subject = {
    name,
    alike: [dataDir],
    asked: async () =>
      `This removes all local users, API keys, databases and ledgers in ${dataDir}. It can't be undone.`,
    prompt: `Type the name of the directory, ${cleanLine(name)}, to remove it all:`,
    undone: `Nothing in ${dataDir} was removed`,
    next: localCommand('reset', dataDir, {confirm: name}),
  }
  await confirmByName(subject, consent, terminal)
}
