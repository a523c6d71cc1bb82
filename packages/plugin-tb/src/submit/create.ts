import {createHash} from 'node:crypto'
import type {ResolvedDatabase} from '@parix/kit/databases'
import type {CreateKind} from '../checks/batch.js'
import {splitBatches} from '../checks/split.js'
import {takeClaim} from '../outbox/claim.js'
import type {CreateOperation, Entry} from '../outbox/entry.js'
import {isHeld} from '../outbox/store.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireList} from '../records/wire.js'
import {counted} from './endings.js'
import {type Submission, submitEntry} from './submit-entry.js'
import type {SubmitWorld} from './world.js'

/** A call to create accounts or transfers: checked, with all ids. */
export interface CreateCall {
  kind: CreateKind
  records: readonly LedgerRecord[]
  /** Which ids were made by us, so that the same command would get others. */
  generated: ReadonlySet<bigint>
  database: ResolvedDatabase
  batchEventsMax: number
  /** The command that resumes the entry with this id. */
  resume: (id: string) => string
  /** Called when the entry is in the outbox, before the first byte is sent. */
  kept: (entry: Entry) => void
  progress?: (answered: number) => void
}

/**
 * Puts the call into the outbox and sends it. Where the same call was left in the outbox by a command that is gone, that
 * one is resumed in its place: repeating a command whose outcome was unknown never pays twice.
 */
export async function createAll(world: SubmitWorld, call: CreateCall): Promise<Submission> {
  const operation: CreateOperation = call.kind === 'account' ? 'create_accounts' : 'create_transfers'
  const {baseUrl, origin} = service(world)
  const contentKey = keyOf(call)
  world.outbox.prepare()
  const left = leftBehind(world, (entry) => {
    const {file} = entry
    return file.operation === operation && file.origin === origin && file.database.id === call.database.id
  })
  const same = left.find(({file}) => file.contentKey === contentKey)
  if (same && takeClaim(same.folder) === 'taken') return resumeSame(world, call, same)
  if (left.length > 0) {
    const calls = left.length === 1 ? '1 earlier call' : `${left.length} earlier calls`
    world.say(`The outbox holds ${calls} to ${call.database.name} without an answer: parix tb outbox list`)
  }
  const batches = splitBatches(call.kind, call.records, call.batchEventsMax).map((batch) => ({
    body: wireList(call.kind, batch),
    ids: batch.map(({id}) => id!),
  }))
  const {id, name} = call.database
  const entry = world.outbox.add(
    {operation, baseUrl, origin, database: {id, name}, contentKey, batches},
    new Date(world.now()),
  )
  call.kept(entry)
  return submitEntry(world, entry, {resumed: false, resume: call.resume(entry.file.id), ...progressOf(call)})
}

function resumeSame(world: SubmitWorld, call: CreateCall, entry: Entry): Promise<Submission> {
  const what = counted(entry, call.records.length)
  world.say(
    `The same command was given at ${entry.file.createdAt} and its outcome is not known. It is resumed with its own ids, not made again (${what}, outbox ${entry.file.id}).`,
  )
  call.kept(entry)
  return submitEntry(world, entry, {resumed: true, resume: call.resume(entry.file.id), ...progressOf(call)})
}

function progressOf({progress}: CreateCall): {progress?: (answered: number) => void} {
  return progress === undefined ? {} : {progress}
}

/** Entries that no living process is at work on. */
function leftBehind(world: SubmitWorld, matches: (entry: Entry) => boolean): Entry[] {
  return world.outbox.list().filter((entry) => matches(entry) && !isHeld(entry))
}

function service({api}: SubmitWorld): {baseUrl: string; origin: string} {
  return {baseUrl: api.base.url.href.replace(/\/$/, ''), origin: api.base.origin}
}

/** The same for the same words on the command line, although generated ids differ. */
function keyOf({kind, records, generated}: CreateCall): string {
  const asGiven = records.map((record) => {
    if (!generated.has(record.id!)) return record
    const {id: _, ...rest} = record
    return rest
  })
  return createHash('sha256').update(wireList(kind, asGiven)).digest('hex')
}
