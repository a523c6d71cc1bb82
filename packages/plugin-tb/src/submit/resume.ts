import {type Api, readSession} from '@parix/kit/api'
import type {Effect} from '@parix/kit/command'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {isParixError, ParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {cleanLine} from '@parix/kit/text'
import type {CreateKind} from '@parix/ledger/schema'
import {outboxPlace} from '../outbox/directory.js'
import {type Entry, kindOf} from '../outbox/entry.js'
import {noEntry} from '../outbox/entry-contents.js'
import {entryHeld, isHeld, isLock, lockEntry, release} from '../outbox/entry-lock.js'
import {type Outbox, openOutbox, unreadableError} from '../outbox/store.js'
import {wireObject} from '../records/wire.js'
import type {CreateResult, Report} from '../results/report.js'
import {recordsOf} from './place-call.js'
import {resumeEntry, type SubmissionOptions} from './submit.js'

/** The current service, and how to reach another one. */
export interface ServiceAtHand {
  api: Api
  /** An API key belongs to the current service, wherever the entry wants to go. */
  usesApiKey: boolean
  /** `--base-url` was given. */
  explicit: boolean
  /** The organization was given, by a flag or a variable. */
  explicitOrganization?: boolean
  connectTo: (baseUrl: string, organization?: string) => Promise<Api>
}

export interface Resumed {
  outbox: string
  answer: CreateResult
}

type Options = Omit<SubmissionOptions, 'api'>

/** Resumes one entry, at the service that it was made for. @throws ParixError as submitting does */
export async function resumeOne(id: string, service: ServiceAtHand, options: Options): Promise<Report> {
  const entry = takeEntry(openOutbox(outboxPlace(options.environment)), id)
  try {
    return await resumeEntry({...options, api: await serviceOf(entry, service)}, entry)
  } catch (error) {
    release(entry)
    throw error
  }
}

/**
 * The entry with this id, locked by this process, so that two commands don't do the same work.
 *
 * @throws ParixError NOT_FOUND, UNAVAILABLE where a living command is at work on it, FAILED where it can't be read
 */
export function takeEntry(outbox: Outbox, id: string): Entry {
  const entry = outbox.find(id)
  const lock = lockEntry(entry.directory)
  if (lock === 'gone') throw noEntry(id)
  if (!isLock(lock)) throw entryHeld(id, lock)
  return {...entry, lock}
}

/**
 * Resumes what is left for the current service, oldest first; an entry that fails doesn't keep the others back.
 *
 * @throws ParixError the first failure, with the others named
 */
export async function resumeAll(
  service: ServiceAtHand,
  options: Options,
  done: (outbox: string, report: Report) => void,
): Promise<void> {
  const outbox = openOutbox(outboxPlace(options.environment))
  const failures: {id: string; error: ParixError}[] = []
  const {api} = service
  const there = outbox.list().entries.filter(({file}) => file.origin === api.base.origin)
  const here = await organizationAt(service, there)
  const left = there.filter(({file}) => isOf(here, file))
  if (left.length < there.length) {
    const others = there.length - left.length
    const look = renderCommand(nextCommand('tb outbox list'))
    options.terminal.say(
      `${others} ${others === 1 ? 'call' : 'calls'} for other organizations stay in the outbox: ${look}`,
    )
  }
  for (const found of left.filter((entry) => !isHeld(entry))) {
    const lock = lockEntry(found.directory)
    // Another command may have been faster.
    if (!isLock(lock)) continue
    const entry = {...found, lock}
    try {
      done(entry.file.id, await resumeEntry({...options, api}, entry))
    } catch (error) {
      if (!isParixError(error)) throw error
      failures.push({id: entry.file.id, error})
    } finally {
      release(entry)
    }
  }
  const unreadable = outbox
    .list()
    .unreadable.filter(({directory}) => directory.startsWith(outbox.directoryOf(api.base.origin)))
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

/**
 * Resumes the earlier calls to one database that are wholly of `records`: what they created needs no new call, so that
 * nothing else would ever show their outcomes and take them out of the outbox.
 *
 * @param records as they are sent, see `wireObject`
 * @throws ParixError as submitting does
 */
export async function settleEarlier(
  options: Options & {api: Api},
  database: ResolvedDatabase,
  kind: CreateKind,
  records: ReadonlySet<string>,
): Promise<{outbox: string; ids: string[]; report: Report}[]> {
  const outbox = openOutbox(outboxPlace(options.environment))
  const settled: {outbox: string; ids: string[]; report: Report}[] = []
  for (const found of outbox.ofDatabase(options.api.base.origin, database.id)) {
    if (kindOf(found.file.operation) !== kind || isHeld(found)) continue
    const sent = recordsOf(outbox, found)
    if (!sent.every((record) => records.has(wireObject(kind, record)))) continue
    const lock = lockEntry(found.directory)
    if (!isLock(lock)) continue
    const entry = {...found, lock}
    try {
      const report = await resumeEntry(options, entry)
      settled.push({outbox: entry.file.id, ids: sent.map(({id}) => String(id)), report})
    } catch (error) {
      release(entry)
      throw error
    }
  }
  return settled
}

/**
 * Where an entry goes: to the service and the organization that it was made for, by the session for them.
 *
 * @throws ParixError BAD_INPUT where another one was asked for, or the API key is for another one; NOT_SIGNED_IN
 */
async function serviceOf(entry: Entry, service: ServiceAtHand): Promise<Api> {
  const {file} = entry
  const {api, usesApiKey, explicit, explicitOrganization, connectTo} = service
  const {organization} = file
  const flags = {'base-url': file.baseUrl, organization: organization?.id}
  if (api.base.origin !== file.origin) {
    if (!usesApiKey && !explicit) return connectTo(file.baseUrl, organization?.id)
    throw new ParixError(
      'BAD_INPUT',
      `${file.id} was created for ${file.baseUrl}, and the current service is ${api.base.url.origin}.`,
      {code: 'other_service', next: nextCommand('tb outbox resume', {args: [file.id], flags})},
    )
  }
  if (isOf(await organizationAt(service, [entry]), file)) return api
  if (!usesApiKey && !explicitOrganization) return connectTo(file.baseUrl, organization!.id)
  const whose = `the organization ${cleanLine(organization!.name ?? organization!.id)}`
  const what = usesApiKey ? 'PARIX_API_KEY is a key of another one' : 'another one was asked for'
  throw new ParixError(
    'BAD_INPUT',
    `${file.id} was created for ${whose} at ${file.baseUrl}, and ${what}. Nothing was sent.`,
    {
      code: 'other_organization',
      ...(usesApiKey
        ? {hint: 'Use a key of that organization, or unset PARIX_API_KEY and sign in for it.'}
        : {next: nextCommand('tb outbox resume', {args: [file.id], flags})}),
    },
  )
}

/** The id of the organization that commands are for here; undefined where it is not known, or no entry asks. */
async function organizationAt(
  {api, usesApiKey}: ServiceAtHand,
  entries: readonly Entry[],
): Promise<string | undefined> {
  if (!usesApiKey) return api.base.inPrint?.organizationId
  if (entries.every(({file}) => file.organization === undefined)) return undefined
  const {auth} = await api.get('/session', {}, readSession)
  return auth?.organization?.id ?? undefined
}

/** Entries of older versions say nothing of it: then the id of the database, which no other organization has, decides. */
function isOf(organizationId: string | undefined, {organization}: Entry['file']): boolean {
  return organization === undefined || organizationId === undefined || organization.id === organizationId
}

/**
 * `announce` for several calls of one command: they are shown, or not shown, together; with `--json` there is one document.
 */
export function together(announce: (effect: Effect) => void): (effect: Effect) => void {
  const effects: Effect[] = []
  return (latest) => {
    effects.push(latest)
    announce({
      shown() {
        for (const {shown} of effects) shown?.()
      },
      unshown(why) {
        const errors = effects.map((effect) => effect.unshown(why))
        const last = errors.at(-1)!
        if (errors.length === 1) return last
        return new ParixError(last.kind, `${errors.length} calls have an outcome. ${why}`, {
          ...last.details,
          errors: errors.map(({message}) => message.replace(why, '').trim()),
          ids: errors.flatMap(({details}) => details.ids ?? []),
          next: errors.flatMap(({details}) => details.next ?? []),
        })
      },
    })
  }
}
