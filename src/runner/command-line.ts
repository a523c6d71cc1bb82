import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import {beforeDoubleDash} from '@parix/kit/shell-words'
import {type Catalog, findCommand, type GlobalFlag, globalFlags, typed} from '../help/catalog.js'

/** What a command line asks for. */
export type Request =
  | {kind: 'version'; json: boolean}
  /** `words` name a command, a topic or a guide; none of them mean the CLI as a whole. */
  | {kind: 'help'; words: string[]; json: boolean}
  /** `argv` begins with the words of the command; the global flags that were before its last word come after it. */
  | {kind: 'command'; id: string; argv: string[]}

/**
 * Reads the beginning of a command line. A global flag may be anywhere, also between a topic and its command; any other flag
 * before the last word of the command is refused. Help is given when it is asked for (`--help`, a topic by itself) and
 * when there are no words, and never in place of a command.
 *
 * @throws ParixError USAGE for a flag that is in the wrong place, or a global flag without its value
 */
export function readCommandLine(catalog: Catalog, argv: readonly string[]): Request {
  const given = beforeDoubleDash(argv)
  const json = given.includes('--json')
  const {words, moved, rest} = leadingWords(catalog, argv)
  if (given.some(isHelpFlag)) {
    const subject = [...words, ...plainStart(rest)]
    // `parix help` is the help of all; `parix help --help` that of the command.
    return {kind: 'help', words: subject.length === 1 && subject[0] === 'help' ? ['help', '--help'] : subject, json}
  }
  if (words.length === 0 && isVersionFlag(rest[0])) return {kind: 'version', json}
  const id = words.join(':')
  const [next] = rest
  if (findCommand(catalog, id) !== undefined) return {kind: 'command', id, argv: [...words, ...moved, ...rest]}
  if (next === undefined) return {kind: 'help', words, json}
  if (next.startsWith('-') && next !== '-') throw misplaced(catalog, words, rest)
  // Not a command: the hooks for that are oclif's to run.
  const unknown = [...words, ...plainStart(rest)]
  const after = rest.slice(unknown.length - words.length)
  return {kind: 'command', id: unknown.join(':'), argv: [...unknown, ...moved, ...after]}
}

/** `parix __complete WORD…` is what the completion scripts of shells call. */
export function asksForCompletion([first]: readonly string[]): boolean {
  return first === '__complete'
}

interface Leading {
  /** The words of the command or topic, without colons. */
  words: string[]
  /** Global flags, with their values, that were among them. */
  moved: string[]
  rest: string[]
}

function leadingWords(catalog: Catalog, argv: readonly string[]): Leading {
  let flags: GlobalFlag[] | undefined
  const words: string[] = []
  const moved: string[] = []
  let at = 0
  for (let word = argv[at]; word !== undefined && word !== '--'; word = argv[at]) {
    if (word.startsWith('-') && word !== '-') {
      flags ??= catalog.globalFlags ?? globalFlags(catalog.commands)
      const taken = wordsOfFlag(flags, argv, at)
      if (taken === 0) break
      moved.push(...argv.slice(at, at + taken))
      at += taken
      continue
    }
    const parts = word.split(':')
    if (word === '' || !isBeginning(catalog, [...words, ...parts].join(':'))) break
    words.push(...parts)
    at += 1
  }
  return {words, moved, rest: argv.slice(at)}
}

/**
 * How many words of `argv` a global flag takes at `at`, its value included; 0 for any other flag. Short flags may be
 * joined: `-qb URL`, `-qbURL`.
 *
 * @throws ParixError USAGE when its value is missing
 */
function wordsOfFlag(flags: GlobalFlag[], argv: readonly string[], at: number): number {
  const word = argv[at]!
  if (word.startsWith('--')) {
    const [name, value] = split(word.slice(2))
    const flag = flags.find((one) => one.name === name)
    if (flag === undefined) return 0
    if (flag.type !== 'option') return value === undefined ? 1 : 0
    return value === undefined ? withValue(argv, at, word) : 1
  }
  for (let index = 1; index < word.length; index += 1) {
    const flag = flags.find(({char}) => char === word[index])
    if (flag === undefined) return 0
    if (flag.type === 'option') return index + 1 < word.length ? 1 : withValue(argv, at, `-${word[index]}`)
  }
  return 1
}

function split(text: string): [name: string, value: string | undefined] {
  const at = text.indexOf('=')
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function withValue(argv: readonly string[], at: number, flag: string): number {
  const value = argv[at + 1]
  if (value !== undefined && !value.startsWith('-')) return 2
  throw new ParixError('USAGE', `${flag} needs a value.`, {
    code: 'usage',
    next: plainCommand('', {flags: {help: true}}),
  })
}

/** Whether `id` is a command or a topic, or an alias of one, or the beginning of any. */
function isBeginning(catalog: Catalog, id: string): boolean {
  const start = `${id}:`
  return catalog.commands.some((command) =>
    [command.id, ...(command.aliases ?? []), ...(command.hiddenAliases ?? [])].some(
      (one) => one === id || one.startsWith(start),
    ),
  )
}

/** The words up to the first flag. */
function plainStart(words: string[]): string[] {
  const end = words.findIndex((word) => word.startsWith('-') && word !== '-' && !isHelpFlag(word))
  return (end === -1 ? words : words.slice(0, end)).filter((word) => !isHelpFlag(word))
}

export function isHelpFlag(word: string): boolean {
  return word === '--help' || word === '-h'
}

function isVersionFlag(word: string | undefined): boolean {
  return word === '--version' || word === '-v'
}

/** `parix tb --limit 3 balance`: which command takes the flag is not known yet. */
function misplaced(catalog: Catalog, words: string[], rest: string[]): ParixError {
  const [flag = ''] = rest
  const later = rest.find((word, index) => index > 0 && isBeginning(catalog, [...words, word].join(':')))
  const command = later === undefined ? undefined : [...words, later].join(':')
  const name = split(flag)[0]
  const message = `"${name}" comes before the name of a command; only flags of all commands may.`
  return new ParixError('USAGE', message, {
    code: 'misplaced_flag',
    next: plainCommand(command === undefined ? words.join(' ') : typed(command), {flags: {help: true}}),
  })
}
