/**
 * A compiled chart of accounts, and the lookups on it: names to ids and back.
 *
 * The chart joins names, currencies and account types to the integers of a ledger. It holds no balances and no address of
 * a service: the ledger stays the only record of money. `compile.ts` checks a chart file and makes this form, which is
 * plain JSON, so that it can be cached and loaded without a YAML parser.
 */

import {createHash} from 'node:crypto'
import {ParixError} from '@parix/kit/errors'
import {UINT128_MAX} from '@parix/kit/integers'
import {suggest} from '@parix/kit/suggest'
import type {Unit} from '../amounts.js'

/** The five types of account in double-entry bookkeeping. Assets and expenses normally have debit balances. */
export const ACCOUNT_TYPES = ['asset', 'liability', 'equity', 'income', 'expense'] as const
export type AccountType = (typeof ACCOUNT_TYPES)[number]

/** The side on which an account of this type normally has its balance. */
export function normalSide(type: AccountType | undefined): 'debit' | 'credit' {
  return type === undefined || type === 'asset' || type === 'expense' ? 'debit' : 'credit'
}

export interface ChartLedger extends Unit {
  /** 32 bits. */
  id: number
  /** `{bits: 16}`: ledger `points/3` has the id `id + 3 · 2^16`. */
  tenants?: {bits: number}
}

export interface ChartAccount {
  name: string
  /** Decimal, 128 bits. */
  id: string
  /** Names in `ledgers` and `codes.account`. */
  ledger: string
  code: string
  /** TigerBeetle's names of account flags. */
  flags: string[]
}

export interface ChartPattern extends Omit<ChartAccount, 'id' | 'name'> {
  /** `customer/` of the pattern `customer/*`. */
  prefix: string
  ids: IdRule
}

/** How a pattern computes ids: `base + n` for `customer/N`, the UUID itself, or a hash of the name. */
export type IdRule =
  | {kind: 'base'; base: string; count: string}
  | {kind: 'uuid'}
  | {kind: 'hash'; namespace: string; names: string[]}

/** What `userData` says of one of a transfer's or an account's three fields. */
export interface UserDataField {
  name: string
  as: 'integer' | 'uuid' | 'time' | 'text4' | 'text8' | 'text16'
}

export interface CompiledChart {
  version: 1
  /** Databases it may be used with (`name`, or `local:name` for one of the local service); any where left out. */
  for?: string[]
  ledgers: ChartLedger[]
  codes: {account: Record<string, number>; transfer: Record<string, number>}
  /** Account types by the name of the account's code. */
  types: Record<string, AccountType>
  accounts: ChartAccount[]
  patterns: ChartPattern[]
  userData: {account: Record<string, UserDataField>; transfer: Record<string, UserDataField>}
  /** Named column mappings of `tb import`: field to column specification. */
  imports: Record<string, Record<string, string>>
}

/** An account that a name stands for. */
export interface NamedAccount {
  name: string
  id: bigint
  ledger: ChartLedger
  /** The ledger's id, with the tenant where the name has one. */
  code: number
  codeName: string
  flags: string[]
}

/** How ids are shown where there is no name. */
export type IdForm = 'decimal' | 'hex' | 'uuid'

/** Lower-case segments with `/` between them, at most 128 characters. A name never begins with a digit. */
export const NAME = /^(?=.{1,128}$)[a-z][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The lookups on one chart. Building it costs one pass over accounts and names. */
export class Chart {
  readonly #accounts = new Map<string, ChartAccount>()
  readonly #nameOfId = new Map<bigint, string>()
  readonly #ledgersByName = new Map<string, ChartLedger>()
  /** Hashed names by id are only needed to show names, so they are computed when first asked for. */
  #hashed: Map<bigint, string> | undefined

  constructor(
    readonly compiled: CompiledChart,
    /** How people are shown the ids that have no name. */
    readonly idForm: IdForm = 'decimal',
  ) {
    for (const ledger of compiled.ledgers) this.#ledgersByName.set(ledger.name, ledger)
    for (const account of compiled.accounts) {
      this.#accounts.set(account.name, account)
      this.#nameOfId.set(BigInt(account.id), account.name)
    }
  }

  /**
   * The account that `name` (without `@`) stands for.
   *
   * @throws ParixError BAD_INPUT when the chart has no such name; the nearest three are named
   */
  account(name: string): NamedAccount {
    const plain = this.#accounts.get(name)
    if (plain !== undefined) return this.#named(name, BigInt(plain.id), plain)
    const pattern = this.compiled.patterns.find(({prefix}) => name.startsWith(prefix))
    if (pattern === undefined)
      throw unknown(
        'account',
        `@${name}`,
        this.names().map((known) => `@${known}`),
      )
    const id = idOf(pattern, name)
    // Listed hashed names were checked when the chart was compiled; computing them all here would cost 1 µs a name.
    const owner = this.#nameOfId.get(id) ?? this.#baseName(id)
    if (owner !== undefined && owner !== name) {
      throw new ParixError('BAD_INPUT', `@${name} has the id ${id}, which the chart already calls @${owner}.`)
    }
    return this.#named(name, id, pattern)
  }

  /** The one name of an account id; undefined where the chart has none. */
  nameOf(id: bigint): string | undefined {
    return this.#nameOfId.get(id) ?? this.#patternName(id)
  }

  /** `USD`, or `points/3` for a tenant's ledger. @throws ParixError BAD_INPUT when the chart has no such ledger */
  ledger(name: string): ChartLedger {
    const known = this.#ledgersByName.get(name)
    if (known !== undefined) return known
    const [, family = '', tenant = ''] = /^(.+)\/(0|[1-9]\d*)$/.exec(name) ?? []
    const base = this.#ledgersByName.get(family)
    if (base?.tenants === undefined) throw unknown('ledger', name, [...this.#ledgersByName.keys()])
    const id = BigInt(base.id) + (BigInt(tenant) << BigInt(base.tenants.bits))
    if (id > 0xffff_ffffn)
      throw new ParixError('BAD_INPUT', `${name}: tenant ${tenant} does not fit in a 32-bit ledger id.`)
    return {name, id: Number(id), scale: base.scale}
  }

  /** The ledger of an id, tenants included; undefined where the chart has none. */
  ledgerOf(id: number): ChartLedger | undefined {
    for (const ledger of this.compiled.ledgers) {
      if (ledger.id === id) return ledger
      if (ledger.tenants === undefined || id < ledger.id) continue
      const size = 2 ** ledger.tenants.bits
      if ((id - ledger.id) % size === 0)
        return {name: `${ledger.name}/${(id - ledger.id) / size}`, id, scale: ledger.scale}
    }
    return undefined
  }

  /** @throws ParixError BAD_INPUT when the chart has no such code for accounts or transfers */
  code(kind: 'account' | 'transfer', name: string): number {
    const codes = this.compiled.codes[kind]
    if (Object.hasOwn(codes, name)) return codes[name]!
    throw unknown(`${kind} code`, name, Object.keys(codes))
  }

  codeName(kind: 'account' | 'transfer', code: number): string | undefined {
    return Object.entries(this.compiled.codes[kind]).find(([, value]) => value === code)?.[0]
  }

  /** The account type of an account code; undefined where the chart does not say. */
  typeOf(code: number): AccountType | undefined {
    const name = this.codeName('account', code)
    return name === undefined ? undefined : this.compiled.types[name]
  }

  /** All names that are written out: of accounts, and of patterns as `customer/*`. For completion and suggestions. */
  names(): string[] {
    return [...this.#accounts.keys(), ...this.compiled.patterns.map(({prefix}) => `${prefix}*`)]
  }

  /** Every account whose id the chart itself gives: plain ones and those of patterns with a file of names. */
  listed(): NamedAccount[] {
    const plain = this.compiled.accounts.map((account) => this.#named(account.name, BigInt(account.id), account))
    const hashed = this.compiled.patterns.flatMap((pattern) =>
      pattern.ids.kind === 'hash' ? pattern.ids.names.map((name) => this.account(`${pattern.prefix}${name}`)) : [],
    )
    return [...plain, ...hashed]
  }

  /** @throws ParixError BAD_INPUT when `for` is given and does not name this database */
  assertUsableWith(database: string, local: boolean): void {
    const allowed = this.compiled.for
    if (allowed === undefined || allowed.includes(database) || (local && allowed.includes(`local:${database}`))) return
    throw new ParixError('BAD_INPUT', `The chart is for ${allowed.join(', ')}, not for ${database}.`, {
      code: 'chart_for_another_database',
    })
  }

  #named(
    name: string,
    id: bigint,
    {ledger, code, flags}: {ledger: string; code: string; flags: string[]},
  ): NamedAccount {
    return {name, id, ledger: this.ledger(ledger), code: this.code('account', code), codeName: code, flags}
  }

  #baseName(id: bigint): string | undefined {
    for (const {prefix, ids} of this.compiled.patterns) {
      if (ids.kind !== 'base') continue
      const n = id - BigInt(ids.base)
      if (n >= 0n && n < BigInt(ids.count)) return `${prefix}${n}`
    }
    return undefined
  }

  #patternName(id: bigint): string | undefined {
    const base = this.#baseName(id)
    if (base !== undefined) return base
    const hashed = this.#hashedNames().get(id)
    if (hashed !== undefined) return hashed
    const uuid = this.compiled.patterns.find(({ids}) => ids.kind === 'uuid')
    return uuid !== undefined && UUID.test(uuidOf(id)) ? `${uuid.prefix}${uuidOf(id)}` : undefined
  }

  #hashedNames(): Map<bigint, string> {
    this.#hashed ??= new Map(
      this.compiled.patterns.flatMap((pattern) => {
        const {prefix, ids} = pattern
        return ids.kind === 'hash'
          ? ids.names.map((name): [bigint, string] => [hashedId(ids.namespace, name), `${prefix}${name}`])
          : []
      }),
    )
    return this.#hashed
  }
}

function idOf({prefix, ids}: ChartPattern, name: string): bigint {
  const rest = name.slice(prefix.length)
  if (ids.kind === 'hash') {
    if (!/^[a-z0-9][a-z0-9._/-]*$/.test(rest)) throw new ParixError('BAD_INPUT', `@${shown(name)} is not a name.`)
    return hashedId(ids.namespace, rest)
  }
  if (ids.kind === 'uuid') {
    if (UUID.test(rest)) return BigInt(`0x${rest.replaceAll('-', '')}`)
    throw new ParixError('BAD_INPUT', `@${shown(name)}: a UUID in lower case is needed after @${prefix}.`)
  }
  if (!/^(0|[1-9]\d{0,38})$/.test(rest)) {
    throw new ParixError(
      'BAD_INPUT',
      `@${shown(name)}: a whole number without leading zeros is needed after @${prefix}.`,
    )
  }
  if (BigInt(rest) >= BigInt(ids.count)) {
    throw new ParixError('BAD_INPUT', `@${shown(name)}: the pattern @${prefix}* ends at ${BigInt(ids.count) - 1n}.`)
  }
  return BigInt(ids.base) + BigInt(rest)
}

/** The first 128 bits of SHA-256; the two ids that TigerBeetle reserves, 0 and 2^128 − 1, are stepped over. */
export function hashedId(namespace: string, name: string): bigint {
  return hashId('parix-name/1', namespace, name)
}

/** A 128-bit id from fields of text that are separated by NUL, which none of them may contain. */
export function hashId(...fields: string[]): bigint {
  const digest = createHash('sha256').update(fields.join('\0')).digest()
  const id = (digest.readBigUInt64BE(0) << 64n) | digest.readBigUInt64BE(8)
  return id === 0n ? 1n : id === UINT128_MAX ? UINT128_MAX - 1n : id
}

/** An id as a UUID in its canonical form (RFC 9562, section 4). */
export function uuidOf(id: bigint): string {
  const hex = id.toString(16).padStart(32, '0')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function unknown(what: string, name: string, known: string[]): ParixError {
  const near = suggest(name, known).slice(0, 3)
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
  return new ParixError('BAD_INPUT', `The chart has no ${what} ${shown(name)}.${hint}`, {code: 'unknown_name'})
}

/** A name for an error message: long ones are cut. */
function shown(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}…` : name
}
