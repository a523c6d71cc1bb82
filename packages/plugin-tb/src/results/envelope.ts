import type {Operation} from '@parix/kit/contract'
import type {Json} from '@parix/kit/json'

/** A JSON object of the service, whatever is in it. */
export type Envelope = {[key: string]: Json}

/** What a response has to be the response to. */
export interface Asked {
  operation: Operation
  /** `name` equals `id` where only the id is known. */
  database: {id: string; name: string}
}

/**
 * Why a response with a success status is not a success beyond doubt; undefined where nothing in it speaks against one. Fields
 * that are missing don't count (the contract leaves room for them), fields that contradict do.
 */
export function envelopeDoubt(envelope: Envelope, asked: Asked): string | undefined {
  const {ok, success, error, mode, persisted} = envelope
  if (ok !== undefined && ok !== true) return `ok is ${shown(ok)}`
  if (success !== undefined && success !== true) return `success is ${shown(success)}`
  if (error !== undefined && error !== null && error !== false && error !== '')
    return `it reports an error: ${shown(error)}`
  if (mode !== undefined && mode !== 'live') return `mode is ${shown(mode)}`
  if (persisted !== undefined && persisted !== true) return `persisted is ${shown(persisted)}`
  return addresseeDoubt(envelope, asked)
}

/** Whether a response, also one that is not a success, is to a request other than ours. */
export function addresseeDoubt(envelope: Envelope, {operation, database}: Asked): string | undefined {
  const {databaseId, databaseName} = envelope
  if (databaseId !== undefined && !isSameText(databaseId, database.id))
    return `it is about another database: ${shown(databaseId)}`
  if (databaseName !== undefined && database.name !== database.id && !isSameText(databaseName, database.name))
    return `it is about another database: ${shown(databaseName)}`
  if (envelope.operation !== undefined && envelope.operation !== operation)
    return `it is the response to another operation: ${shown(envelope.operation)}`
  return undefined
}

/** Nothing was stored, and the response says so without contradicting itself. */
export function isStub({mode, persisted}: Envelope): boolean {
  return persisted === false ? mode !== 'live' : mode === 'stub' && persisted === undefined
}

const CLUSTER = 'cluster '

/** Which ledger a response comes from, as far as the service says: `ledgerId`, else `cluster` and `clusterId`. */
export function ledgerIn({ledgerId, clusterId}: Envelope): string | undefined {
  if (typeof ledgerId === 'string') return ledgerId
  return typeof clusterId === 'string' ? CLUSTER + clusterId : undefined
}

/** The ledger of a response, where it is another than `recorded` by the same kind of name. */
export function otherLedgerIn(envelope: Envelope, recorded: string): string | undefined {
  const now = recorded.startsWith(CLUSTER) ? ledgerIn({clusterId: envelope.clusterId ?? null}) : envelope.ledgerId
  return typeof now === 'string' && now !== recorded ? now : undefined
}

/** UUIDs are the same in either case. */
function isSameText(value: Json, text: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === text.toLowerCase()
}

function shown(value: Json): string {
  const text =
    typeof value === 'string'
      ? value
      : (JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item)) ?? '')
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
