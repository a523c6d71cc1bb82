import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import {suggest} from '@parix/kit/suggest'
import {type CreateKind, type IdFate, idFate} from '@parix/ledger/schema'
import {STATUSES, type Status, statusByName} from './statuses.js'

/** A result, explained for one kind of object. */
export interface Explanation extends Status {
  object: CreateKind
  /** What becomes of the id. */
  id: IdFate
  /** Whether the object is in the ledger. */
  stored: boolean
}

/**
 * What a result means: by name, or by number, which may be another result for accounts than for transfers.
 *
 * @throws ParixError BAD_INPUT with suggestions when there is no such result
 */
export function explain(text: string, only: CreateKind | undefined): Explanation[] {
  const kinds: CreateKind[] = only === undefined ? ['account', 'transfer'] : [only]
  const name = resultName(text)
  const found = kinds.flatMap((kind) => {
    const status = /^\d+$/.test(text.trim()) ? byNumber(kind, Number(text)) : statusByName(kind, name)
    return status === undefined
      ? []
      : [{...status, object: kind, id: idFate(kind, status.name), stored: isStored(status.name)}]
  })
  if (found.length > 0) return found
  throw unknown(text, name, kinds)
}

function byNumber(kind: CreateKind, code: number): Status | undefined {
  return code === 0 ? statusByName(kind, 'created') : STATUSES[kind].find((status) => status.code === code)
}

function isStored(name: string): boolean {
  return name === 'created' || name === 'exists'
}

/** `CreateTransferStatus.exceedsCredits` and `exceeds-credits` are read as well. */
function resultName(text: string): string {
  return text
    .trim()
    .replace(/^.*\./, '')
    .replace(/(?<=[a-z0-9])[A-Z]/g, '_$&')
    .replace(/[-\s]+/g, '_')
    .toLowerCase()
}

function unknown(text: string, name: string, kinds: readonly CreateKind[]): ParixError {
  const names = new Set(kinds.flatMap((kind) => STATUSES[kind].map((status) => status.name)))
  const near = suggest(name, names)
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
  return new ParixError('BAD_INPUT', `TigerBeetle has no result ${JSON.stringify(text)}.${hint}`, {
    code: 'unknown_result',
    next: plainCommand('tb explain'),
  })
}
