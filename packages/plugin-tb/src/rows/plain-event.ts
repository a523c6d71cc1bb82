/**
 * An event whose fields are plain digits, as bytes: checked and written without text, bigint or object. Whatever is not plain
 * (names, hex, numbers at the edge of their width, flags with rules of their own) is left to the way by records, which
 * understands everything and says what is wrong. So this need not accept much, but what it accepts must be right.
 */

import {type CreateKind, FIELDS} from '@parix/ledger/schema'

/** Fields of both kinds by their place in the record; 1 to 4 and 8 are those of a transfer. */
export const PLACE = {
  id: 0,
  debit: 1,
  credit: 2,
  amount: 3,
  pending: 4,
  timeout: 8,
  ledger: 9,
  code: 10,
  flags: 11,
  timestamp: 12,
} as const

/** The longest digits of a width that always fit; 32 and 16 bits are compared. */
const DIGITS_MAX = {128: 38, 64: 19, 32: 10, 16: 5} as const
/** Balances and `reserved`, which rows of an export have and a new account must not. */
const ACCOUNT_STATE = 0b1_0001_1110
const TIMESTAMP_BIT = 1 << PLACE.timestamp
/** No event is longer: all names, all digits. */
export const EVENT_BYTES_MAX = 640

const [LINKED, PENDING, POST, VOID] = [1, 2, 4, 8]
const TRANSFER_FLAGS = 0b11_1111
const GIVEN_FLAGS = 0b11
const ACCOUNT_FLAGS = 0b1111
const BOTH_LIMITS = 0b110
const IMPORTED = {account: 16, transfer: 256} as const

const [ZERO, ONE, QUOTE, CLOSE, COMMA] = [0x30, 0x31, 0x22, 0x7d, 0x2c]

export interface PlainOptions {
  kind: CreateKind
  /** Sets the flag `imported`. Otherwise a `timestamp` is passed over. */
  keepTimestamps: boolean
  /** For commands that pass nothing over, and say what a post, a void or a balancing transfer has moved: those are not plain. */
  asGiven?: boolean
}

export class PlainEvent {
  /** A bit for each field that the row has. */
  present = 0
  /** As they are sent. */
  flags = 0
  /** Whether the line that was read last is, byte for byte, the event as it is sent. */
  isAsSent = false
  readonly sources: Uint8Array[]
  readonly from = new Int32Array(13)
  readonly to = new Int32Array(13)
  readonly #kind: CreateKind
  readonly #imported: number
  /** Fields that are read and not sent. */
  readonly #passedOver: number
  readonly #digitsMax: Int32Array
  readonly #names: Buffer[]
  readonly #quoted: boolean[]
  readonly #transferFlags: number
  /** Fields that must be 0, if they are there at all. */
  readonly #zero: number
  readonly #flagDigits = new Uint8Array(5)
  #flagLength = 0

  constructor({kind, keepTimestamps, asGiven = false}: PlainOptions) {
    const fields = FIELDS[kind]
    this.#kind = kind
    this.#imported = keepTimestamps ? IMPORTED[kind] : 0
    const passedOver = (kind === 'account' ? ACCOUNT_STATE : 0) | (keepTimestamps ? 0 : TIMESTAMP_BIT)
    this.#passedOver = asGiven ? 0 : passedOver
    this.#zero = asGiven ? passedOver : 0
    this.#transferFlags = asGiven ? GIVEN_FLAGS : TRANSFER_FLAGS
    this.#digitsMax = Int32Array.from(fields.map(({bits}) => DIGITS_MAX[bits]))
    this.#quoted = fields.map(({bits}) => bits > 32)
    this.#names = fields.map(({name, bits}) => Buffer.from(bits > 32 ? `,"${name}":"` : `,"${name}":`))
    this.sources = fields.map(() => new Uint8Array(0))
  }

  /** @returns whether the event is right beyond doubt; else nothing is said about it */
  isRight(): boolean {
    const {present, from, to} = this
    for (let rest = present; rest !== 0; rest &= rest - 1) {
      const field = 31 - Math.clz32(rest & -rest)
      const length = to[field]! - from[field]!
      if (length < 1) return false
      if (length > 1 && this.sources[field]![from[field]!] === ZERO) return false
      if (length > this.#digitsMax[field]! && (this.#passedOver & (1 << field)) === 0) return false
      if ((this.#zero & (1 << field)) !== 0 && !this.#isZero(field)) return false
    }
    if ((present & 1) === 0 || this.#isZero(PLACE.id)) return false
    if (!this.#is32(6 + 1) || !this.#is32(PLACE.timeout)) return false
    const flags = this.#has(PLACE.flags) ? this.#number(PLACE.flags) : 0
    this.flags = flags | this.#imported
    if (this.#imported !== 0 && !this.#importedIsRight(flags)) return false
    return this.#kind === 'account' ? this.#accountIsRight(flags) : this.#transferIsRight(flags)
  }

  /**
   * The event as JSON with a comma before it, as `wireObject` writes it.
   *
   * @param out with room for `EVENT_BYTES_MAX` bytes
   * @returns where it ends
   */
  writeTo(out: Uint8Array, at: number): number {
    const present = (this.present & ~this.#passedOver) | (this.#imported === 0 ? 0 : 1 << PLACE.flags)
    out[at++] = COMMA
    const open = at
    for (let rest = present; rest !== 0; rest &= rest - 1) {
      const field = 31 - Math.clz32(rest & -rest)
      const name = this.#names[field]!
      for (let index = 0; index < name.length; index++) out[at++] = name[index]!
      if (field === PLACE.flags && this.#imported !== 0) {
        for (let index = 0; index < this.#flagLength; index++) out[at++] = this.#flagDigits[index]!
        continue
      }
      const source = this.sources[field]!
      const to = this.to[field]!
      for (let index = this.from[field]!; index < to; index++) out[at++] = source[index]!
      if (this.#quoted[field]!) out[at++] = QUOTE
    }
    out[open] = 0x7b
    out[at++] = CLOSE
    return at
  }

  /** Whether each right event of fields in this order, with these bytes around their digits, is sent as it is. */
  isSentAs(line: Uint8Array): boolean {
    if (this.#imported !== 0 || line.length >= EVENT_BYTES_MAX || !this.isRight()) return false
    const written = Buffer.allocUnsafe(EVENT_BYTES_MAX)
    return written.subarray(1, this.writeTo(written, 0)).equals(line)
  }

  /** The digits of the id. @returns where they end */
  writeId(out: Uint8Array, at: number): number {
    const source = this.sources[PLACE.id]!
    const to = this.to[PLACE.id]!
    for (let index = this.from[PLACE.id]!; index < to; index++) out[at++] = source[index]!
    return at
  }

  #accountIsRight(flags: number): boolean {
    if ((flags & ~ACCOUNT_FLAGS) !== 0 || (flags & BOTH_LIMITS) === BOTH_LIMITS) return false
    return this.#is32NotZero(PLACE.ledger) && this.#is16NotZero()
  }

  #transferIsRight(flags: number): boolean {
    if ((flags & ~this.#transferFlags) !== 0) return false
    if ((flags & (POST | VOID)) !== 0) return this.#resolvingIsRight(flags)
    if (!this.#has(PLACE.debit) || this.#isZero(PLACE.debit)) return false
    if (!this.#has(PLACE.credit) || this.#isZero(PLACE.credit) || this.#isSame(PLACE.debit, PLACE.credit)) return false
    if (!this.#has(PLACE.amount)) return false
    if (this.#has(PLACE.pending) && !this.#isZero(PLACE.pending)) return false
    const timeout = this.#has(PLACE.timeout) && !this.#isZero(PLACE.timeout)
    if (timeout && ((flags & PENDING) === 0 || this.#imported !== 0)) return false
    return this.#is32NotZero(PLACE.ledger) && this.#is16NotZero()
  }

  /** A post or void, alone or in a chain: what is left out comes from the pending transfer. */
  #resolvingIsRight(flags: number): boolean {
    const kind = flags & ~LINKED
    if (kind !== POST && kind !== VOID) return false
    if (!this.#has(PLACE.pending) || this.#isZero(PLACE.pending) || this.#isSame(PLACE.pending, PLACE.id)) return false
    if (this.#has(PLACE.timeout) && !this.#isZero(PLACE.timeout)) return false
    if (kind === POST && !this.#has(PLACE.amount)) return false
    return this.#is32(PLACE.ledger) && this.#number(PLACE.code) <= 0xffff
  }

  /** Nanoseconds between 2001 and 2033; what may be another unit, or is written otherwise, is for the exact reader. */
  #importedIsRight(flags: number): boolean {
    const at = PLACE.timestamp
    if (!this.#has(at) || this.to[at]! - this.from[at]! !== 19 || this.sources[at]![this.from[at]!] !== ONE)
      return false
    let rest = flags | this.#imported
    let length = 0
    for (let unit = 10_000; unit >= 1; unit /= 10) {
      const digit = Math.floor(rest / unit)
      rest -= digit * unit
      if (digit > 0 || length > 0) this.#flagDigits[length++] = ZERO + digit
    }
    this.#flagLength = length
    return true
  }

  #has(field: number): boolean {
    return (this.present & (1 << field)) !== 0
  }

  #isZero(field: number): boolean {
    return this.to[field]! - this.from[field]! === 1 && this.sources[field]![this.from[field]!] === ZERO
  }

  #isSame(field: number, other: number): boolean {
    const length = this.to[field]! - this.from[field]!
    if (length !== this.to[other]! - this.from[other]!) return false
    const [a, b] = [this.sources[field]!, this.sources[other]!]
    const [aFrom, bFrom] = [this.from[field]!, this.from[other]!]
    for (let index = 0; index < length; index++) if (a[aFrom + index] !== b[bFrom + index]) return false
    return true
  }

  /** 0 where it was left out. */
  #number(field: number): number {
    if (!this.#has(field)) return 0
    const source = this.sources[field]!
    let value = 0
    for (let index = this.from[field]!; index < this.to[field]!; index++) value = value * 10 + (source[index]! - ZERO)
    return value
  }

  #is32(field: number): boolean {
    return this.#number(field) <= 0xffff_ffff
  }

  #is32NotZero(field: number): boolean {
    const value = this.#number(field)
    return value > 0 && value <= 0xffff_ffff
  }

  #is16NotZero(): boolean {
    const value = this.#number(PLACE.code)
    return value > 0 && value <= 0xffff
  }
}
