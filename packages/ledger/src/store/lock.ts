import {hostname} from 'node:os'
import {join} from 'node:path'
import {type Lock, tryLock} from '@parix/files/lock'
import {StoreError} from '../errors.js'

/**
 * One process at a time. A lock whose process is gone is taken over at once; one of a process on another machine, which can't
 * be asked, never.
 *
 * @throws StoreError LOCKED, with the process that holds the directory
 */
export function lockDirectory(directory: string): Lock {
  const file = join(directory, 'ledger.lock')
  const attempt = tryLock(file, {stale: 'process'})
  if ('lock' in attempt) return attempt.lock
  const {pid, host, since} = attempt.heldBy.holder
  const holder = pid === process.pid ? 'this process' : pid > 0 ? `process ${pid}` : 'another process'
  const where = host === hostname() ? '' : ` on ${host} (if that is gone for good, remove ${file})`
  throw new StoreError('LOCKED', `${directory} is open in ${holder}${where}${since && ` since ${since}`}.`, {file})
}
