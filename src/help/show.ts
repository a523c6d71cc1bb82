import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import {type Catalog, findCommand, topicOf} from './catalog.js'
import {commandHelp} from './command.js'
import {guessCommand} from './guess.js'
import {guides, guideText} from './guides.js'
import type {Look} from './layout.js'
import {rootHelp, topicHelp} from './overview.js'

export interface HelpOptions {
  look: Look
  /** `{words, text}` as JSON, the text as it is shown where there is no terminal. */
  json?: boolean
  /** All commands below a topic, however deep. */
  nested?: boolean
}

/** The whole response to a question for help. @throws ParixError as `helpText` */
export function helpOutput(
  catalog: Catalog,
  words: string[],
  {look, json = false, nested = false}: HelpOptions,
): string {
  if (!json) return helpText(catalog, words, look, nested)
  const text = helpText(catalog, words, {...look, paint: (_style, plain) => plain}, nested)
  return `${JSON.stringify({words, text}, null, 2)}\n`
}

/**
 * Help for what was typed: `words` is the command line with or without flags. The longest beginning that is a command,
 * a topic or a guide counts, so that `-h` helps anywhere on a half-written line.
 *
 * @throws ParixError USAGE, with suggestions, where the first word names nothing
 */
export function helpText(catalog: Catalog, words: string[], look: Look, nested = false): string {
  const subject = plainWords(words)
  if (subject.length === 0) return rootHelp(catalog, look, nested)
  for (let length = subject.length; length > 0; length -= 1) {
    const id = subject.slice(0, length).join(':')
    const command = findCommand(catalog, id)
    if (command !== undefined) return commandHelp(catalog, command, look)
    const topic = topicOf(catalog, id)
    if (topic !== undefined && length === subject.length) return topicHelp(catalog, topic, look, nested)
    if (topic !== undefined) throw unknown(catalog, subject)
  }
  const guide = guides.find(({name}) => name === subject.join('-'))
  if (guide !== undefined) return guideText(guide, look)
  throw unknown(catalog, subject)
}

/** The words before the first flag; `help` itself is not a subject. */
function plainWords(words: string[]): string[] {
  const end = words.findIndex((word) => word.startsWith('-'))
  const leading = words.filter(
    (word, index) => !isHelpFlag(word) && (end === -1 || index < end || onlyHelpBefore(words, index)),
  )
  const plain = leading.flatMap((word) => word.split(':')).filter((word) => word !== '')
  // `parix help` is the help of all; `parix help --help` that of the command.
  if (plain.length === 1 && words.some(isHelpFlag)) return plain
  return plain[0] === 'help' ? plain.slice(1) : plain
}

/** `parix -h tb` asks for the help of `tb`. */
function onlyHelpBefore(words: string[], index: number): boolean {
  return words.slice(0, index + 1).every((word) => isHelpFlag(word) || !word.startsWith('-'))
}

function isHelpFlag(word: string): boolean {
  return word === '--help' || word === '-h'
}

function unknown(catalog: Catalog, words: string[]): ParixError {
  const guesses = guessCommand(catalog, words)
  return new ParixError('USAGE', `There is no help for "${words.join(' ')}".`, {
    code: 'unknown_command',
    next: (guesses.length > 0 ? guesses : ['']).map((guess) => plainCommand(guess, {flags: {help: true}})),
  })
}
