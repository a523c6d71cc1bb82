import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import type {Terminal} from '@parix/kit/output'
import {dataDirFlag, LocalCommand, localCommand, localDataDir, toLocalError} from '../../local-command.js'
import {findHolder} from '../../local-service.js'

interface Reset {
  /** False: there was nothing. */
  removed: boolean
  dataDir: string
}

const WORD = 'reset'

export default class LocalResetCommand extends LocalCommand<Reset> {
  static override summary = 'remove everything that the local service keeps: users, API keys, databases, ledgers'

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --yes']

  static override flags = {
    ...dataDirFlag,
    yes: Flags.boolean({char: 'y', description: 'do not ask'}),
  }

  async run(): Promise<Reset> {
    const {flags} = await this.parse(LocalResetCommand)
    const dataDir = localDataDir(flags['data-dir'])
    try {
      await refuseWhileRunning(dataDir)
      if (!flags.yes) await askFirst(this.terminal, dataDir)
      const {wipeDataDir} = await import('../../server/store/folder.js')
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

async function askFirst({ask, say}: Terminal, dataDir: string): Promise<void> {
  if (!ask) {
    throw new ParixError('USAGE', `This removes everything in ${dataDir}. Without a terminal to ask, give --yes.`, {
      next: localCommand('reset --yes', dataDir),
    })
  }
  say(`This removes all local users, API keys, databases and ledgers in ${dataDir}. It can't be undone.`)
  const answer = await ask({text: `Type ${WORD} to continue:`})
  if (answer.trim() !== WORD) throw new ParixError('CANCELLED', 'Cancelled. Nothing was removed.')
}
