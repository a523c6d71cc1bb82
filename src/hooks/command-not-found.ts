import type {Hook} from '@oclif/core/hooks'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, plainCommand, renderCommand} from '@parix/kit/next-command'
import {type Catalog, catalogOf, findCommand, isTopic, typed} from '../help/catalog.js'
import {guessCommand} from '../help/guess.js'

/** oclif reads every word as part of a command's name; here it is found out which of them are not. Nothing is run. */
const commandNotFound: Hook<'command_not_found'> = async ({id, config}) => {
  throw notFound(catalogOf(config), id)
}

export default commandNotFound

/** What is wrong with a command line that names no command. */
export function notFound(catalog: Catalog, id: string): ParixError {
  const {bin} = catalog
  const words = id.split(':').filter((word) => word !== '')
  for (let length = words.length - 1; length > 0; length -= 1) {
    const start = words.slice(0, length).join(':')
    const rest = words.slice(length)
    if (findCommand(catalog, start) !== undefined && !isTopic(catalog, start)) return surplus(typed(start), rest)
  }
  const guesses = guessCommand(catalog, words)
  const topic = words.find((_, index) => isTopic(catalog, words.slice(0, index + 1).join(':')))
  const help = plainCommand(topic ?? '', {flags: {help: true}})
  return new ParixError('USAGE', `"${words.join(' ')}" is not a command of ${bin}.${question(guesses)}`, {
    code: 'unknown_command',
    next: [...guesses.map((guess) => plainCommand(guess)), help],
  })
}

function question([first]: string[]): string {
  return first === undefined ? '' : ` Did you mean "${renderCommand(nextCommand(first))}"?`
}

function surplus(command: string, words: string[]): ParixError {
  const named = words.map((word) => `"${word}"`).join(' ')
  const what = words.length === 1 ? 'Unexpected argument' : 'Unexpected arguments'
  return new ParixError('USAGE', `${what}: ${named}. "${renderCommand(nextCommand(command))}" takes none.`, {
    code: 'unexpected_argument',
    next: plainCommand(command, {flags: {help: true}}),
  })
}
