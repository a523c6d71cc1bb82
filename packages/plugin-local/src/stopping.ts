import {setTimeout as pause} from 'node:timers/promises'
import {ParixError} from '@parix/kit/errors'
import {findHolder} from './running.js'

export interface Stopped {
  /** False: there was nothing to stop. */
  stopped: boolean
  dataDir: string
  pid?: number
}

const PATIENCE_MS = 15_000
/** Another process tells nobody that it ended: it has to be looked for. */
const LOOK_EVERY_MS = 50

/**
 * Ends the service that holds `dataDir`, and waits until the folder is free.
 *
 * @throws ParixError when it doesn't end in time, or isn't ours to end
 */
export async function stopService(dataDir: string): Promise<Stopped> {
  const holder = await findHolder(dataDir)
  if (holder.state === 'none') return {stopped: false, dataDir}
  const pid = holder.instance?.pid
  if (pid === undefined) {
    throw new ParixError('UNAVAILABLE', `A process has ${dataDir} open and has not said who it is: it is starting.`, {
      next: 'parix local stop',
      retryable: true,
    })
  }
  end(pid)
  const deadline = Date.now() + PATIENCE_MS
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      throw new ParixError('FAILED', `Process ${pid} was asked to end and goes on.`, {next: `kill -9 ${pid}`})
    }
    await pause(LOOK_EVERY_MS)
  }
  return {stopped: true, dataDir, pid}
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'EPERM') throw new ParixError('FORBIDDEN', `Process ${pid} belongs to another user.`, {cause: error})
    if (code !== 'ESRCH') throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
