import {type Account, BATCH_EVENTS_MAX, type Field, RECORD_WORDS, type RecordField, type Transfer} from '@parix/ledger'

/** The events of a request as TigerBeetle's own 128-byte records, one after another. */
export interface Records {
  /** 32 words an event, zero where nothing was given. There may be room for more than `count`. */
  readonly words: Uint32Array<ArrayBuffer>
  count: number
}

export function makeRecords(capacity: number): Records {
  return {words: new Uint32Array(capacity * RECORD_WORDS), count: 0}
}

/**
 * Memory of large requests, used again: a megabyte for each would be as much as the garbage collector does for everything
 * else. Records that are not given back are nobody's loss but that of the next request.
 */
export class RecordPool {
  private readonly spare: Records[] = []

  take(capacity: number): Records {
    if (capacity < BATCH_EVENTS_MAX) return makeRecords(capacity)
    const records = this.spare.pop() ?? makeRecords(BATCH_EVENTS_MAX)
    records.words.fill(0)
    records.count = 0
    return records
  }

  giveBack(records: Records): void {
    const isLarge = records.words.length === BATCH_EVENTS_MAX * RECORD_WORDS
    if (isLarge && this.spare.length < SPARE_MAX) this.spare.push(records)
  }
}

const SPARE_MAX = 4

/** @param value checked to fit the field */
export function putField({words}: Records, index: number, field: RecordField, value: bigint): void {
  const at = index * RECORD_WORDS + field.word
  if (field.bits === 16) {
    words[at] = words[at]! | (Number(value) << field.shift)
    return
  }
  for (let word = 0; word < field.bits / 32; word++)
    words[at + word] = Number((value >> BigInt(32 * word)) & 0xffffffffn)
}

export function getField({words}: Records, index: number, field: RecordField): bigint {
  const at = index * RECORD_WORDS + field.word
  if (field.bits === 16) return BigInt((words[at]! >>> field.shift) & 0xffff)
  let value = 0n
  for (let word = field.bits / 32 - 1; word >= 0; word--) value = (value << 32n) | BigInt(words[at + word]!)
  return value
}

/** The events as objects in the shape of tigerbeetle-node: bigint from 64 bits up, number below. */
export function decodeRecords<T extends Account | Transfer>(records: Records, fields: readonly RecordField[]): T[] {
  return Array.from({length: records.count}, (_, index) => {
    const event: Record<string, bigint | number> = {}
    for (const field of fields) event[field.name] = asClientInteger(field, getField(records, index, field))
    return event as unknown as T
  })
}

export function asClientInteger({bits}: Field, value: bigint): bigint | number {
  return bits >= 64 ? value : Number(value)
}

const LINKED = 1
const FLAGS_WORD = 29
const FLAGS_SHIFT = 16

/** Whether the event is joined to the next one of its batch. Accounts and transfers have this flag in the same place. */
export function isLinked({words}: Records, index: number): boolean {
  return ((words[index * RECORD_WORDS + FLAGS_WORD]! >>> FLAGS_SHIFT) & LINKED) !== 0
}
