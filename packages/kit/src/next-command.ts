import {beforeDoubleDash, commandLine} from './shell-words.js'

/**
 * A command to continue with, as data. It becomes text in one place, `renderCommand`, which knows how words are quoted and
 * what the command has to name so that it reaches the service that it is about when somebody pastes it.
 */
export interface NextCommand {
  /** `parix`, or a program of the system such as `chmod`. */
  readonly program: string
  /** The command's own words, such as `['tb', 'balance']`. */
  readonly words: readonly string[]
  readonly args: readonly string[]
  readonly flags: CommandFlags
  readonly rest?: readonly string[]
}

/** Flags by their long names; `true`: without a value; left out where undefined or false. */
export type CommandFlags = Readonly<Record<string, string | boolean | undefined>>

export interface CommandParts {
  /** Arguments, in order: any text, also text that begins with a dash. */
  args?: readonly string[]
  flags?: CommandFlags
  /** A command of another program, after `--`. */
  rest?: readonly string[]
}

/** `nextCommand('tb balance', {args: ['my books', '7']})` */
export function nextCommand(words: string, {args = [], flags = {}, rest}: CommandParts = {}): NextCommand {
  const own = words.split(' ').filter((word) => word !== '')
  return {program: 'parix', words: own, args, flags, ...(rest && {rest})}
}

/**
 * A command as text, for an error that is thrown where the service is not known: whoever shows it makes it whole
 * (`textCommand`).
 */
export function plainCommand(words: string, parts?: CommandParts): string {
  return renderCommand(nextCommand(words, parts))
}

/** A command of the system: `systemCommand('chmod', '600', path)`. */
export function systemCommand(program: string, ...args: string[]): NextCommand {
  return {program, words: [], args, flags: {}}
}

/** What printed commands have to name in order to reach a service: part of the base URL of a connection. */
export interface ServiceInPrint {
  /** The value of `--base-url`, where a pasted command would use another service without it. */
  readonly flag: string | undefined
  /** The same for `auth login`, which ignores the session in use. */
  readonly loginFlag: string | undefined
  /** The value of `--data-dir` for the commands of `parix local`, where it was given. */
  readonly dataDir?: string | undefined
  /** The value of `--organization`, where a pasted command would use another session without it. */
  readonly organizationFlag?: string | undefined
  /** The organization that is signed in there, where it is known: its name, and its id. */
  readonly organization?: string | undefined
  readonly organizationId?: string | undefined
}

/** A base URL, as far as printed commands need it. */
type Service = {readonly inPrint?: ServiceInPrint | undefined} | undefined

/** Commands that talk to no service, or find it by themselves. */
const OF_THIS_MACHINE =
  /^(local|plugins|help|completion|version|commands|auth list|auth switch|history|tb id|tb explain|tb outbox (list|show|forget))( |$)/

/**
 * `command` as it can be pasted into bash, zsh or another POSIX shell. An argument that begins with a dash goes after `--`,
 * where it is not taken for a flag.
 *
 * @param service where it has to arrive; left out: wherever it arrives by itself
 */
export function renderCommand({program, words, args, flags, rest}: NextCommand, service?: Service): string {
  if (program !== 'parix') return commandLine([program, ...words, ...args])
  const given = Object.entries(flags).flatMap(([name, value]) => flagWords(name, value))
  if (flags['base-url'] === undefined && flags.help !== true)
    given.push(...flagWords('base-url', flagOf(words.join(' '), service)))
  if (flags.organization === undefined && flags.help !== true)
    given.push(...flagWords('organization', organizationOf(words.join(' '), service)))
  const dataDir = words[0] === 'local' && flags['data-dir'] === undefined ? service?.inPrint?.dataDir : undefined
  given.push(...flagWords('data-dir', dataDir))
  const dashed = args.some((arg) => arg.startsWith('-'))
  if (rest !== undefined) return commandLine([program, ...words, ...args, ...given, '--', ...rest])
  return commandLine([program, ...words, ...(dashed ? [...given, '--', ...args] : [...args, ...given])])
}

function flagOf(words: string, service: Service): string | undefined {
  const {inPrint} = service ?? {}
  if (inPrint === undefined || OF_THIS_MACHINE.test(words)) return undefined
  return /^auth login( |$)/.test(words) ? inPrint.loginFlag : inPrint.flag
}

function organizationOf(words: string, service: Service): string | undefined {
  if (OF_THIS_MACHINE.test(words) || /^auth login( |$)/.test(words)) return undefined
  return service?.inPrint?.organizationFlag
}

/** A value that begins with a dash is joined to its flag. */
function flagWords(name: string, value: string | boolean | undefined): string[] {
  if (value === undefined || value === false) return []
  if (value === true) return [`--${name}`]
  return value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value]
}

/** The same command again: `argv` as it was given, and the service where that is not in it. */
export function renderAgain(words: readonly string[], argv: readonly string[], service?: Service): string {
  const given = beforeDoubleDash(argv)
  const named = given.some((word) => /^(--base-url(=|$)|-b)/.test(word))
  const flag = named ? undefined : flagOf(words.join(' '), service)
  const chosen = given.some((word) => /^--organization(=|$)/.test(word))
  const organization = chosen ? undefined : organizationOf(words.join(' '), service)
  const added = [...flagWords('base-url', flag), ...flagWords('organization', organization)]
  return commandLine(['parix', ...words, ...added, ...argv])
}

/**
 * A step of an error that was written as plain text, as a command that runs as it is; undefined for a sentence, and for a
 * command in which something has to be filled in (`NAME`).
 */
export function textCommand(text: string, service?: Service): string | undefined {
  if (/^(sudo|chmod|chown|kill|npm|mv|iconv|gunzip) /.test(text)) return text
  if (!text.startsWith('parix ') || /\s#\s|\.\.\.|…/.test(text) || / [A-Z][A-Z_]+( |$)/.test(text)) return undefined
  // Whoever quoted a word or named a service has written all of it.
  const complete =
    / --help$/.test(text) ||
    !/^[\w .:/@%+,-]+$/.test(text) ||
    / (--|--base-url|-b|--organization|--data-dir)( |$)/.test(text)
  return complete ? text : renderCommand(nextCommand(text.slice('parix '.length)), service)
}

/**
 * A sentence that ends in a command in which something has to be filled in, such as `Choose one: parix database use NAME`:
 * the command reaches the service that the error is about.
 */
export function textHint(text: string, service?: Service): string {
  const [, before = '', words] = /^(|.*: )parix ([\w .@%+,-]+)$/.exec(text) ?? []
  if (words === undefined || /(^| )-/.test(words)) return text
  return before + renderCommand(nextCommand(words), service)
}
