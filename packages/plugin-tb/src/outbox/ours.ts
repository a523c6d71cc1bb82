import {lstatSync, statSync} from 'node:fs'
import {currentUser, distrust} from '@parix/files/ownership'
import {ParixError} from '@parix/kit/errors'

/**
 * Whoever can put an entry into the outbox decides what is paid with this user's credential at the next `resume`. So an
 * entry counts only in a folder that this user made and nobody else may write to (threats 4.3 and 4.4, for payments).
 */
/** Whether nobody else can have put the entry in `folder` there, or changed it. */
export function isOurEntry(folder: string): boolean {
  const found = lstatSync(folder, {throwIfNoEntry: false})
  // One that is gone has been answered by another process: reading it says so.
  return found === undefined || distrust(found) === undefined
}

/**
 * Not passed over in silence: with another's outbox this command may be one that was sent before, and would be paid twice.
 *
 * @throws ParixError FAILED when another user owns the outbox
 */
export function assertOurOutbox(path: string): void {
  const found = statSync(path, {throwIfNoEntry: false})
  if (found === undefined || distrust(found) !== 'not_owned') return
  throw new ParixError(
    'FAILED',
    `The outbox ${path} belongs to user ${found.uid}, but you are ${currentUser()}: what is in it could be somebody else's payments. Nothing was sent.`,
    {
      code: 'outbox_not_ours',
      next: 'Run parix as that user, or set PARIX_STATE_DIR to a folder of your own.',
    },
  )
}
