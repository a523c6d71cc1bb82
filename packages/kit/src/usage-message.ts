import {stripVTControlCharacters} from 'node:util'

/** What @oclif/core says of wrong use, and how we say it: no jargon, and no value of a flag, which may be a secret. */
const SENTENCES: [RegExp, (...found: string[]) => string][] = [
  [/^Missing \d+ required args?:\n([\s\S]*)$/, (args) => `Missing: ${missing(args)}.`],
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
  [/^Nonexistent flags?: (.*)$/, (flags) => `There is no flag ${flags}.`],
  [/^Flag (--\S+) expects a value$/, (flag) => `${flag} needs a value.`],
  [
    /^(--[^\s=]+)(?:=.*)? cannot also be provided when using (--[^\s=]+)$/s,
    (one, other) => `${one} and ${other} can't be given together.`,
  ],
  [/^All of the following must be provided when using (--\S+): (.*)$/, (flag, needed) => `${flag} needs ${needed}.`],
]

/** oclif's message, without its colours, its advice and its tab-indented lines. */
export function usageMessage(message: string): string {
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

/** `name  unique in your organization` a line. */
function missing(args: string): string {
  const lines = args.split('\n').map((line) => /^\s*(\S+)(?:\s{2,}(.*))?$/.exec(line))
  return lines.flatMap((found) => (found === null ? [] : [described(found[1]!, found[2])])).join(', ')
}

function described(name: string, description: string | undefined): string {
  return description === undefined ? name.toUpperCase() : `${name.toUpperCase()} (${description})`
}

function quoted(value = ''): string {
  return JSON.stringify(value.slice(0, 60))
}
