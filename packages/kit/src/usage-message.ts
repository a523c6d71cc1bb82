import {stripVTControlCharacters} from 'node:util'

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
