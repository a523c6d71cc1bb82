import type {ChartNames} from '@parix/kit/chart-names'
import {
  type ArgEntry,
  type Catalog,
  type CommandEntry,
  childrenOf,
  type FlagEntry,
  findCommand,
} from '../help/catalog.js'

/** A word that may follow, and what it is. */
export interface Candidate {
  word: string
  description?: string | undefined
}

/** Names that parix itself does not know, read from caches, at once. */
export interface KnownNames {
  databases(): string[]
  /** Of the chart of accounts that the command line would use. */
  chart(): ChartNames | undefined
}

/** Flags whose value the chart of accounts has names for, by the value's name in help; arguments go by their own name. */
const CHARTED = ['ACCOUNT', 'LEDGER', 'CODE'] as const

/** Arguments and flags that take a database go by these names in every command. */
const DATABASE = /^database(-id)?$/

/**
 * What may replace the last of `words`, which is typed in part or not at all. None means: let the shell offer
 * files.
 */
export function complete(catalog: Catalog, words: readonly string[], known: KnownNames): Candidate[] {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const candidates = candidatesFor(catalog, before, current, known)
  return candidates.filter(({word}) => word.startsWith(current) && word !== current)
}

function candidatesFor(catalog: Catalog, before: string[], current: string, known: KnownNames): Candidate[] {
  const {command, rest, topic} = commandIn(catalog, before)
  if (command === undefined) {
    if (current.startsWith('-')) return topLevelFlags()
    return nextWords(catalog, topic)
  }
  const flag = flagTaken(command, rest.at(-1))
  if (flag !== undefined) return valuesOf(flag, command, known, current)
  const equals = current.indexOf('=')
  if (current.startsWith('--') && equals !== -1) {
    const joined = flagTaken(command, current.slice(0, equals))
    const value = current.slice(equals + 1)
    return joined === undefined ? [] : behind(current.slice(0, equals + 1), valuesOf(joined, command, known, value))
  }
  if (current.startsWith('-')) return flagsOf(command, rest)
  const place = positionals(command, rest).length
  const args = Object.values(command.args ?? {}).filter(({hidden}) => hidden !== true)
  const more = place === 0 ? nextWords(catalog, command.id) : []
  // The database may be left out, and a name with @ can't be one.
  const arg = current.startsWith('@') ? args.find(({name}) => name === 'account') : args[place]
  return [
    ...more,
    ...(arg === undefined ? [] : values(arg, command, known)),
    ...(command.id === 'help' ? nextWords(catalog, rest.join(':')) : []),
  ]
}

/** The longest beginning that is a command, and what was typed after it; else the topic so far. */
function commandIn(catalog: Catalog, words: string[]): {command?: CommandEntry; rest: string[]; topic: string} {
  const plain = words.findIndex((word) => word.startsWith('-'))
  const leading = plain === -1 ? words : words.slice(0, plain)
  for (let length = leading.length; length > 0; length -= 1) {
    const command = findCommand(catalog, leading.slice(0, length).join(':'))
    if (command !== undefined) return {command, rest: words.slice(length), topic: ''}
  }
  return {rest: [], topic: leading.join(':')}
}

function nextWords(catalog: Catalog, topic: string): Candidate[] {
  return childrenOf(catalog, topic).map(({name, description}) => ({word: name.split(':').at(-1)!, description}))
}

function topLevelFlags(): Candidate[] {
  return [
    {word: '--help', description: 'help'},
    {word: '--version', description: 'the version of parix'},
  ]
}

/** The flag whose value is being typed: `--file ▮`, `-f ▮`. */
function flagTaken(command: CommandEntry, word: string | undefined): FlagEntry | undefined {
  if (word === undefined || !word.startsWith('-') || word.includes('=')) return undefined
  const found = Object.values(command.flags ?? {}).find(
    ({name, char}) => word === `--${name}` || (char && word === `-${char}`),
  )
  return found?.type === 'option' ? found : undefined
}

/** Where a value is a list, `--ids @a,@b`, what may follow the last comma. */
function valuesOf(flag: FlagEntry, command: CommandEntry, known: KnownNames, value: string): Candidate[] {
  const found = values(flag, command, known)
  const isList = String(flag.helpValue ?? '').includes(',')
  return isList ? behind(value.slice(0, value.lastIndexOf(',') + 1), found) : found
}

function behind(prefix: string, candidates: Candidate[]): Candidate[] {
  return candidates.map(({word, description}) => ({word: prefix + word, description}))
}

function values(taken: FlagEntry | ArgEntry, {id}: CommandEntry, known: KnownNames): Candidate[] {
  if (taken.options !== undefined) return taken.options.map((word) => ({word}))
  if (DATABASE.test(taken.name)) return known.databases().map((word) => ({word, description: 'database'}))
  const form = 'helpValue' in taken ? String(taken.helpValue) : taken.name.toUpperCase()
  const named = form.split(',')[0]
  // `ACCOUNT=AMOUNT`, `[ACCOUNT=]AMOUNT` and `ACCOUNT[,ACCOUNT]` begin with an account as well.
  const kind = CHARTED.find((name) => name === named || (name === 'ACCOUNT' && /^\[?ACCOUNT[=[]/.test(form)))
  const chart = kind === undefined ? undefined : known.chart()
  if (chart === undefined) return []
  if (kind === 'LEDGER') return chart.ledgers.map((word) => ({word, description: 'ledger'}))
  if (kind === 'ACCOUNT') {
    const equals = /^\[?ACCOUNT=/.test(form) ? '=' : ''
    // The name of a pattern goes on: `@customer/17=`.
    const end = (name: string) => (name.endsWith('/') ? '' : equals)
    return chart.accounts.map((name) => ({word: `@${name}${end(name)}`, description: 'account'}))
  }
  const codes = /accounts$/.test(id) ? chart.codes.account : chart.codes.transfer
  return codes.map((word) => ({word, description: 'code'}))
}

function flagsOf(command: CommandEntry, given: string[]): Candidate[] {
  const visible = Object.values(command.flags ?? {}).filter(({hidden}) => hidden !== true)
  return visible
    .filter(({name, multiple}) => multiple === true || !given.includes(`--${name}`))
    .map(({name, summary, description}) => ({word: `--${name}`, description: summary ?? description}))
    .concat({word: '--help', description: 'help for this command'})
}

function positionals(command: CommandEntry, words: string[]): string[] {
  return words.filter((word, index) => !word.startsWith('-') && flagTaken(command, words[index - 1]) === undefined)
}
