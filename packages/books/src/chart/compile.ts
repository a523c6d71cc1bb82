import {ParixError} from '@parix/kit/errors'
import {UINT128_MAX} from '@parix/kit/integers'
import {type Document, isMap, type LineCounter} from 'yaml'
import {
  type AccountType,
  type ChartAccount,
  type ChartPattern,
  type CompiledChart,
  hashedId,
  type IdRule,
  type UserDataField,
} from './chart.js'
import {createFindings, type Findings, failed, messageOf, parseYaml, valuesOf} from './findings.js'
import {type ChartFile, chartSchema} from './schema.js'

export interface CompileOptions {
  /** The file's name as it is to be shown in errors. */
  file: string
  /** Reads a file that the chart names, such as `shops.csv`; relative to the chart. Throws what a person is to read. */
  readNames(file: string): string
}

/** A chart is written by people; whatever is larger is not one. */
export const CHART_BYTES_MAX = 4 * 1024 * 1024

/** Ids of a pattern `base + n` where no `count` is given: bases that are multiples of 2^48 never overlap. */
const COUNT_DEFAULT = 1n << 48n

const ACCOUNT_FLAGS = [
  'linked',
  'debits_must_not_exceed_credits',
  'credits_must_not_exceed_debits',
  'history',
  'imported',
  'closed',
]

/**
 * Checks a chart file (YAML 1.2 core schema, or JSON, which is a subset of it) and makes the form that commands use.
 *
 * @throws ParixError BAD_INPUT `chart_invalid` with every finding as `FILE:LINE:COLUMN message`
 */
export function compileChart(text: string, options: CompileOptions): CompiledChart {
  const {doc, lines} = parse(text, options)
  const findings = createFindings(doc, lines)
  const parsed = chartSchema.safeParse(valuesOf(doc, options.file, 'chart'))
  if (!parsed.success) {
    for (const issue of parsed.error.issues) findings.add(issue.path, messageOf(issue))
    throw failed(options.file, findings.all)
  }
  const compiled = new Compiler(parsed.data, findings, options).compile()
  if (findings.all.length > 0) throw failed(options.file, findings.all)
  return compiled
}

function parse(text: string, {file}: CompileOptions): {doc: Document.Parsed; lines: LineCounter} {
  if (Buffer.byteLength(text) > CHART_BYTES_MAX) {
    throw new ParixError('BAD_INPUT', `${file} is larger than 4 MB, which is too large for a chart.`, {
      code: 'chart_invalid',
    })
  }
  const {doc, lines} = parseYaml(text, file, 'chart', {intAsBigInt: true, schema: 'core'})
  if (!isMap(doc.contents))
    throw failed(file, [{line: 1, column: 1, message: 'A chart is a mapping that begins with "version: 1".'}])
  return {doc, lines}
}

/** The checks that need more than one entry, and the conversion. */
class Compiler {
  readonly #accounts: ChartAccount[] = []
  readonly #patterns: ChartPattern[] = []
  /** Every id that a name has been given so far. */
  readonly #idOwners = new Map<bigint, string>()

  constructor(
    private readonly file: ChartFile,
    private readonly findings: Findings,
    private readonly options: CompileOptions,
  ) {}

  compile(): CompiledChart {
    const {file} = this
    this.#checkLedgers()
    this.#checkUnique('account')
    this.#checkUnique('transfer')
    for (const code of Object.keys(file.types)) {
      if (!Object.hasOwn(file.codes.account, code)) this.findings.add(['types', code], 'is not in codes.account.')
    }
    for (const [name, account] of Object.entries(file.accounts)) this.#account(name, account)
    this.#checkOverlaps()
    return {
      version: 1,
      ...(file.for && {for: file.for}),
      ledgers: Object.entries(file.ledgers).map(([name, {id, scale, tenants}]) => ({
        name,
        id: Number(id),
        scale: Number(scale),
        ...(tenants && {tenants: {bits: Number(tenants.bits)}}),
      })),
      codes: {account: numbers(file.codes.account), transfer: numbers(file.codes.transfer)},
      types: file.types as Record<string, AccountType>,
      accounts: this.#accounts,
      patterns: this.#patterns,
      userData: {account: present(file.userData.account), transfer: present(file.userData.transfer)},
      imports: file.imports,
    }
  }

  #checkLedgers(): void {
    const ledgers = Object.entries(this.file.ledgers)
    for (const [name, {id, tenants}] of ledgers) {
      if (tenants !== undefined && id >= 1n << tenants.bits) {
        this.findings.add(['ledgers', name, 'id'], `must be less than 2^${tenants.bits} for a ledger with tenants.`)
      }
      const other = ledgers.find((pair) => pair[0] !== name && sameLedger(pair[1], {id, tenants}))
      if (other !== undefined && ledgers.findIndex(([n]) => n === name) > ledgers.findIndex(([n]) => n === other[0])) {
        this.findings.add(['ledgers', name, 'id'], `${id} is the id of ${other[0]} already.`)
      }
    }
  }

  #checkUnique(kind: 'account' | 'transfer'): void {
    const seen = new Map<bigint, string>()
    for (const [name, code] of Object.entries(this.file.codes[kind])) {
      const other = seen.get(code)
      if (other !== undefined) this.findings.add(['codes', kind, name], `${code} is the code of ${other} already.`)
      seen.set(code, name)
    }
  }

  #account(name: string, {id, ledger, code, flags, names}: ChartFile['accounts'][string]): void {
    const at = (key: string) => ['accounts', name, key]
    if (!Object.hasOwn(this.file.ledgers, ledger.replace(/\/(0|[1-9]\d*)$/, '')))
      this.findings.add(at('ledger'), `${JSON.stringify(ledger)} is not in ledgers.`)
    else this.#checkTenant(at('ledger'), ledger)
    if (!Object.hasOwn(this.file.codes.account, code))
      this.findings.add(at('code'), `${JSON.stringify(code)} is not in codes.account.`)
    for (const flag of flags) {
      if (!ACCOUNT_FLAGS.includes(flag))
        this.findings.add(at('flags'), `${JSON.stringify(flag)} is not an account flag: ${ACCOUNT_FLAGS.join(', ')}.`)
    }
    if (flags.includes('debits_must_not_exceed_credits') && flags.includes('credits_must_not_exceed_debits')) {
      this.findings.add(at('flags'), 'TigerBeetle refuses an account with both limits.')
    }
    const isPattern = name.endsWith('/*')
    if (isPattern !== (typeof id !== 'bigint')) {
      this.findings.add(
        at('id'),
        isPattern
          ? 'a pattern needs "uuid", {base: N, plus: n} or {hash: NAMESPACE}.'
          : 'an account needs a whole number; names that end with /* are patterns.',
      )
      return
    }
    if (names !== undefined && (typeof id !== 'object' || !('hash' in id)))
      this.findings.add(at('names'), 'only goes with {hash: NAMESPACE}.')
    if (typeof id === 'bigint') {
      this.#claim(at('id'), id, name)
      this.#accounts.push({name, id: id.toString(), ledger, code, flags})
    } else {
      this.#patterns.push({prefix: name.slice(0, -1), ids: this.#rule(name, id, names), ledger, code, flags})
    }
  }

  #checkTenant(path: string[], ledger: string): void {
    const [, family, tenant] = /^(.+)\/(\d+)$/.exec(ledger) ?? []
    if (family === undefined || tenant === undefined) return
    const {id, tenants} = this.file.ledgers[family]!
    if (tenants === undefined) this.findings.add(path, `${family} has no tenants.`)
    else if (id + (BigInt(tenant) << tenants.bits) > 0xffff_ffffn)
      this.findings.add(path, `tenant ${tenant} does not fit in a 32-bit ledger id.`)
  }

  #rule(name: string, id: Exclude<ChartFile['accounts'][string]['id'], bigint>, names: string | undefined): IdRule {
    if (id === 'uuid') return {kind: 'uuid'}
    if ('hash' in id)
      return {kind: 'hash', namespace: id.hash, names: names === undefined ? [] : this.#names(name, id.hash, names)}
    const count = id.count ?? COUNT_DEFAULT
    if (id.base === 0n)
      this.findings.add(['accounts', name, 'id', 'base'], 'must not be 0: TigerBeetle has no account 0.')
    if (count === 0n || id.base + count > UINT128_MAX) {
      this.findings.add(['accounts', name, 'id'], 'the ids must end before 2^128 − 1.')
    }
    return {kind: 'base', base: id.base.toString(), count: count.toString()}
  }

  /** One name per line, or the first column of a CSV; a first line `name` is a header. */
  #names(pattern: string, namespace: string, file: string): string[] {
    const path = ['accounts', pattern, 'names']
    let text: string
    try {
      text = this.options.readNames(file)
    } catch (error) {
      this.findings.add(path, error instanceof Error ? error.message : String(error))
      return []
    }
    const names = text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .map((line) => (line.split(',')[0] ?? '').trim().replace(/^"(.*)"$/, '$1'))
      .filter((name, index) => name !== '' && !(index === 0 && name === 'name'))
    const prefix = pattern.slice(0, -1)
    const bad = names.find((name) => !/^[a-z0-9][a-z0-9._/-]*$/.test(name) || prefix.length + name.length > 128)
    if (bad !== undefined) {
      this.findings.add(
        path,
        `${file} has ${JSON.stringify(bad.slice(0, 60))}, which is not a name: lower-case letters, digits, . _ - and /.`,
      )
      return []
    }
    for (const name of new Set(names)) this.#claim(path, hashedId(namespace, name), `${prefix}${name}`)
    return [...new Set(names)]
  }

  #claim(path: string[], id: bigint, name: string): void {
    if (id === 0n || id === UINT128_MAX) this.findings.add(path, `${id} can't be an account's id.`)
    const owner = this.#idOwners.get(id)
    if (owner !== undefined) this.findings.add(path, `${id} is the id of @${owner} already.`)
    else this.#idOwners.set(id, name)
  }

  /** No id may have two names: ranges are disjoint, contain no other account, and only one pattern may take any UUID. */
  #checkOverlaps(): void {
    const ranges = this.#patterns.flatMap(({prefix, ids}) =>
      ids.kind === 'base'
        ? [{name: `${prefix}*`, from: BigInt(ids.base), to: BigInt(ids.base) + BigInt(ids.count)}]
        : [],
    )
    ranges.sort((a, b) => (a.from < b.from ? -1 : 1))
    for (const [index, range] of ranges.entries()) {
      const next = ranges[index + 1]
      if (next !== undefined && next.from < range.to) {
        this.findings.add(
          ['accounts', next.name, 'id'],
          `its ids overlap those of ${range.name}: give one of them a "count" or another base.`,
        )
      }
      for (const [id, name] of this.#idOwners) {
        if (id >= range.from && id < range.to)
          this.findings.add(['accounts', range.name, 'id'], `its ids contain ${id}, the id of @${name}.`)
      }
    }
    const uuids = this.#patterns.filter(({ids}) => ids.kind === 'uuid')
    for (const {prefix} of uuids.slice(1)) {
      this.findings.add(
        ['accounts', `${prefix}*`, 'id'],
        `every UUID is named by ${uuids[0]!.prefix}* already: an id can have one name only.`,
      )
    }
    for (const {prefix} of this.#patterns) {
      const inside = this.#accounts.find(({name}) => name.startsWith(prefix))
      if (inside !== undefined)
        this.findings.add(['accounts', inside.name], `is also a name of the pattern ${prefix}*.`)
      const outer = this.#patterns.find((other) => other.prefix !== prefix && prefix.startsWith(other.prefix))
      if (outer !== undefined)
        this.findings.add(['accounts', `${prefix}*`], `lies inside the pattern ${outer.prefix}*.`)
    }
  }
}

interface LedgerIds {
  id: bigint
  tenants?: {bits: bigint} | undefined
}

function sameLedger(a: LedgerIds, b: LedgerIds): boolean {
  if (a.id === b.id) return true
  const [family, one] = a.tenants !== undefined ? [a, b] : [b, a]
  return family.tenants !== undefined && one.id > family.id && (one.id - family.id) % (1n << family.tenants.bits) === 0n
}

function numbers(codes: Record<string, bigint>): Record<string, number> {
  return Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, Number(code)]))
}

function present(fields: ChartFile['userData']['account']): Record<string, UserDataField> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).filter((pair): pair is [string, UserDataField] => pair[1] !== undefined),
  )
}
