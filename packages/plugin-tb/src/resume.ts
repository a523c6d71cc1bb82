import type {Api} from '@parix/kit/api'
import {isParixError, ParixError} from '@parix/kit/errors'
import {takeClaim} from './outbox/claim.js'
import type {Entry} from './outbox/entry.js'
import {outboxPlace} from './outbox/folder.js'
import {claimEntry, unclaimedEntries} from './outbox/resumable.js'
import {openOutbox, release, unreadableError} from './outbox/store.js'
import type {Report} from './report.js'
import {resumeEntry, type SubmissionOptions} from './submission.js'
import type {CreateAnswer} from './submit/answer.js'

/** The service in force, and how to reach another one. */
export interface ServiceAtHand {
  api: Api
  /** An API key belongs to the service in force, wherever the entry wants to go. */
  usesApiKey: boolean
  /** `--base-url` was given. */
  explicit: boolean
  connectTo: (baseUrl: string) => Promise<Api>
}

export interface Resumed {
  outbox: string
  answer: CreateAnswer
}

type Options = Omit<SubmissionOptions, 'api'>

/** Resumes one entry, at the service that it was made for. @throws ParixError as submitting does */
export async function resumeOne(id: string, service: ServiceAtHand, options: Options): Promise<Report> {
  const entry = claimEntry(openOutbox(outboxPlace(options.environment)), id)
  try {
    return await resumeEntry({...options, api: await serviceOf(entry, service)}, entry)
  } catch (error) {
    release(entry)
    throw error
  }
}

/**
 * Resumes what is left for the service in force, entry by entry; one that fails doesn't keep the others back.
 *
 * @throws ParixError the first failure, with the others named
 */
export async function resumeAll(
  {api}: ServiceAtHand,
  options: Options,
  done: (outbox: string, report: Report) => void,
): Promise<void> {
  const outbox = openOutbox(outboxPlace(options.environment))
  const failures: {id: string; error: ParixError}[] = []
  for (const entry of unclaimedEntries(outbox, api.base.origin)) {
    // Another command may have been faster.
    if (takeClaim(entry.folder) !== 'taken') continue
    try {
      done(entry.file.id, await resumeEntry({...options, api}, entry))
    } catch (error) {
      if (!isParixError(error) || error.kind !== 'REFUSED') release(entry)
      if (!isParixError(error)) throw error
      failures.push({id: entry.file.id, error})
    }
  }
  const unreadable = outbox.list().unreadable.filter(({folder}) => folder.startsWith(outbox.folderOf(api.base.origin)))
  if (unreadable.length > 0) failures.push({id: unreadable[0]!.id, error: unreadableError(unreadable)})
  const [first, ...others] = failures
  if (first === undefined) return
  if (others.length === 0) throw first.error
  throw new ParixError(
    first.error.kind,
    `${failures.length} entries of the outbox failed; the first: ${first.error.message}`,
    {
      ...first.error.details,
      errors: [...(first.error.details.errors ?? []), ...others.map(({id, error}) => `${id}: ${error.message}`)],
      cause: first.error,
    },
  )
}

async function serviceOf({file}: Entry, {api, usesApiKey, explicit, connectTo}: ServiceAtHand): Promise<Api> {
  if (api.base.origin === file.origin) return api
  if (!usesApiKey && !explicit) return connectTo(file.baseUrl)
  throw new ParixError(
    'BAD_INPUT',
    `${file.id} was made for ${file.baseUrl}, and the service in force is ${api.base.url.origin}.`,
    {
      code: 'other_service',
      next: `parix tb outbox resume ${file.id} --base-url ${file.baseUrl}`,
    },
  )
}
