import {ParixError} from '@parix/kit/errors'
import {takeClaim} from './claim.js'
import type {Entry} from './entry.js'
import {isHeld, noEntry, type Outbox} from './store.js'

/**
 * The entry with this id, or every one that no command is at work on; claimed by this process, so that two commands don't
 * do the same work.
 *
 * @throws ParixError NOT_FOUND, or UNAVAILABLE where a living command is at work on it
 */
export function claimEntry(outbox: Outbox, id: string): Entry {
  const entry = outbox.find(id)
  const holder = takeClaim(entry.folder)
  if (holder === 'taken') return entry
  if (holder === 'gone') throw noEntry(id)
  throw new ParixError(
    'UNAVAILABLE',
    `Another command (process ${holder.pid} on ${holder.host}) is at work on ${id}.`,
    {
      code: 'outbox_entry_held',
      retryable: true,
      next: 'Wait for it to end, then: parix tb outbox list',
    },
  )
}

/** Entries of a service that can be claimed, oldest first. */
export function unclaimedEntries(outbox: Outbox, origin: string): Entry[] {
  return outbox.list().entries.filter((entry) => entry.file.origin === origin && !isHeld(entry))
}
