import {suggest} from '@parix/kit/text'
import {type Catalog, typed, visibleCommands} from './catalog.js'

/** Commands and topics that may have been meant by `words`, as typed, the likeliest first; none when nothing is near. */
export function guessCommand(catalog: Catalog, words: string[]): string[] {
  const ids = new Set(visibleCommands(catalog).map(({id}) => typed(id)))
  for (const id of [...ids]) {
    const parts = id.split(' ')
    for (let length = 1; length < parts.length; length += 1) ids.add(parts.slice(0, length).join(' '))
  }
  const text = words.join(' ')
  // The topic that was typed right isn't what was meant.
  const near = suggest(
    text,
    [...ids].filter((id) => !text.startsWith(`${id} `)),
  )
  return near.length > 0 || text.includes(' ') ? near : forgottenTopic(text, [...ids])
}

/** `parix create-transfers` for `parix tb create-transfers`. */
function forgottenTopic(word: string, ids: string[]): string[] {
  const inTopics = ids.filter((id) => id.includes(' '))
  const lastWords = new Set(inTopics.map((id) => id.split(' ').at(-1)!))
  return suggest(word, lastWords).flatMap((last) => inTopics.filter((id) => id.endsWith(` ${last}`)))
}
