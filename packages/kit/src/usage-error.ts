import {stripVTControlCharacters} from 'node:util'
import {errnoOf, reasonOf} from '@parix/files/errors'
import {isParixError, ParixError} from './errors.js'
import {fromFileError, isFileError} from './file-error.js'
import {type NextCommand, nextCommand} from './next-command.js'
import {suggest} from './suggest.js'

/** What @oclif/core throws: `oclif.exit` is the exit code it means. Matched by shape: plugins may bring their own copy. */
interface OclifError extends Error {
  oclif?: {exit?: number}
  code?: string
  parse?: {input?: {flags?: Record<string, unknown>}}
  /** Of a flag that doesn't exist: what was typed. */
  flags?: unknown
}

/**
 * Whatever a command threw, as a ParixError: oclif's usage errors without their surroundings (`--json` would print the
 * whole configuration), Node's errors with a sentence, anything else as a fault of ours.
 *
 * @param commandName as a user types it, such as `parix tb create-transfers`
 */
export function toParixError(error: unknown, commandName: string): ParixError {
  if (isParixError(error)) return error
  if (isFileError(error)) return fromFileError(error)
  if (!(error instanceof Error)) return new ParixError('FAILED', String(error))
  const exit = (error as OclifError).oclif?.exit
  // A question of a library that was cancelled by Ctrl-C.
  if (error.name === 'ExitPromptError' || error.name === 'AbortPromptError') {
    return new ParixError('INTERRUPTED', 'Interrupted.', {cause: error})
  }
  if ((error as OclifError).parse !== undefined || (exit === 2 && error.constructor.name !== 'ExitError')) {
    const message = usageMessage(error) + meantFlag(error)
    return new ParixError('USAGE', message, {next: helpOf(commandName), cause: error})
  }
  return new ParixError('FAILED', sentenceOf(error), {
    cause: error,
    ...(exit !== undefined && {exitCode: exit}),
    ...((error as OclifError).code !== undefined && {code: String((error as OclifError).code).toLowerCase()}),
  })
}

/** What the system refused, in words; Node's own are `ENOTDIR: not a directory, stat 'file'`. */
function sentenceOf(error: Error): string {
  const {syscall, path} = error as NodeJS.ErrnoException
  const reason = reasonOf(error)
  if (syscall === undefined || reason === errnoOf(error)) return error.message || error.name
  return path === undefined ? `A file can't be used: ${reason}.` : `${path} can't be used: ${reason}.`
}

/** ' Did you mean --limit?' after a flag that doesn't exist, where one is near; nothing is ever run on a guess. */
function meantFlag({flags, parse}: OclifError): string {
  if (!Array.isArray(flags)) return ''
  const known = Object.keys(parse?.input?.flags ?? {})
  // Without the dashes, which every flag has: they would make `--org` look like `--port`.
  const typed = flags.map((flag) => /^--([^=]+)/.exec(String(flag))?.[1]).filter((name) => name !== undefined)
  const meant = typed.flatMap((name) => suggest(name, known, 1))
  return meant.length === 0 ? '' : ` Did you mean ${meant.map((name) => `--${name}`).join(' ')}?`
}

/** @param commandName with the name of the program in front */
function helpOf(commandName: string): NextCommand {
  return nextCommand(commandName.split(' ').slice(1).join(' '), {flags: {help: true}})
}

/** What oclif's errors of wrong use hold besides their text. Read by shape: plugins may bring their own copy of oclif. */
export interface UsageError {
  message: string
  /** Of `RequiredArgsError` the arguments that are missing, of `UnexpectedArgsError` the words. */
  args?: unknown
  /** Of `NonExistentFlagsError`: what was typed. */
  flags?: unknown
}

/**
 * What @oclif/core says of flags whose values or company are wrong, and how we say it: no jargon, and no value of a flag, which
 * may be a secret. For these oclif has one class, or none, and the text is all that is in them.
 */
const SENTENCES: [RegExp, (...found: string[]) => string][] = [
  [
    /^Parsing (--\S+) Expected an integer but received: ?(.*)$/,
    (flag, value) => `${flag} must be a whole number, not ${quoted(value)}.`,
  ],
  [
    /^Parsing (--\S+) Expected an integer greater than or equal to (\S+) but received: ?(.*)$/,
    (flag, min, value) => `${flag} must be ${min} or more, not ${value}.`,
  ],
  [
    /^Parsing (--\S+) Expected an integer less than or equal to (\S+) but received: ?(.*)$/,
    (flag, max, value) => `${flag} must be ${max} or less, not ${value}.`,
  ],
  [/^Flag (--\S+) expects a value$/, (flag) => `${flag} needs a value.`],
  [
    /^(--[^\s=]+)(?:=.*)? cannot also be provided when using (--[^\s=]+)$/s,
    (one, other) => `${one} and ${other} can't be given together.`,
  ],
  [/^All of the following must be provided when using (--\S+): (.*)$/, (flag, needed) => `${flag} needs ${needed}.`],
]

/** What is wrong, in our words; of what we have no words for, oclif's, without its colours, its advice and its tabs. */
export function usageMessage({message, args, flags}: UsageError): string {
  if (areArguments(args)) return `Missing: ${args.map(described).join(', ')}.`
  if (Array.isArray(flags)) return `There is no flag ${flags.join(', ')}.`
  const plain = stripVTControlCharacters(message)
    .replace(/\n+Note: --[\s\S]*$/, '')
    .replace(/\n?See more help with --help\s*$/, '')
    .trim()
  const several = /^The following errors? occurred:\n([\s\S]*)$/.exec(plain)
  const lines = several ? several[1]!.split('\n').map((line) => line.trim()) : [plain.replace(/ *\n\t/g, ' ')]
  return [...new Set(lines.map(sentence))].join(' ')
}

function sentence(line: string): string {
  for (const [pattern, say] of SENTENCES) {
    const found = pattern.exec(line)
    if (found !== null) return say(...found.slice(1))
  }
  return line.replace(/\s*\n\s*/g, ' ')
}

interface Argument {
  name: string
  description?: string
  options?: readonly string[]
}

function areArguments(args: unknown): args is Argument[] {
  return (
    Array.isArray(args) && args.length > 0 && args.every((arg) => typeof (arg as Argument | null)?.name === 'string')
  )
}

function described({name, description, options}: Argument): string {
  const text = [options && `${options.join('|')}`, description].filter((part) => part !== undefined).join(': ')
  return text === '' ? name.toUpperCase() : `${name.toUpperCase()} (${text})`
}

function quoted(value = ''): string {
  return JSON.stringify(value.slice(0, 60))
}
