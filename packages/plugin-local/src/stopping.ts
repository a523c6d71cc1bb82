import {setTimeout as pause} from 'node:timers/promises'
import {isListed, isRunning} from '@parix/files/process-identity'
import {ParixError} from '@parix/kit/errors'
import {localCommand} from './local-command.js'
import {findHolder} from './local-service.js'

export interface Stopped {
  /** False: there was nothing to stop. */
  stopped: boolean
  dataDir: string
  pid?: number
}

const PATIENCE_MS = 15_000
/** Its parent notices at once, or late: an init of a container that has nothing else to do may look every other second, or never. */
const REAPED_MS = 100
/** Nobody is told when a process that is not a child ends. */
const LOOK_EVERY_MS = 10

/**
 * Ends the service that has `dataDir` open, and waits until it has exited.
 *
 * @throws ParixError UNAVAILABLE while it starts, FORBIDDEN if it is another user's, FAILED if it doesn't end in time
 */
export async function stopService(dataDir: string): Promise<Stopped> {
  const holder = await findHolder(dataDir)
  if (holder.state === 'none') return {stopped: false, dataDir}
  const {pid, started} = holder.instance ?? {}
  // A note of a process that is gone: its PID may be another program's by now.
  if (pid === undefined || !isRunning(pid, started)) {
    throw new ParixError('UNAVAILABLE', `A process has ${dataDir} open, but is not ready yet.`, {
      next: localCommand('stop', dataDir),
      retryable: true,
    })
  }
  end(pid)
  const deadline = Date.now() + PATIENCE_MS
  while (isRunning(pid, started)) {
    if (Date.now() > deadline) {
      throw new ParixError('FAILED', `Process ${pid} did not exit after SIGTERM.`, {next: `kill -9 ${pid}`})
    }
    await pause(LOOK_EVERY_MS)
  }
  // It has ended, and holds nothing any more. Until its parent has noticed, the PID is still listed, which scripts may look at.
  for (const listedUntil = Date.now() + REAPED_MS; isListed(pid) && Date.now() < listedUntil; )
    await pause(LOOK_EVERY_MS)
  return {stopped: true, dataDir, pid}
}

function end(pid: number): void {
  // 0 and below mean groups of processes to `kill`: never signalled, wherever the number came from.
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new TypeError(`${pid} is not the id of a process.`)
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'EPERM') throw new ParixError('FORBIDDEN', `Process ${pid} belongs to another user.`, {cause: error})
    if (code !== 'ESRCH') throw error
  }
}
