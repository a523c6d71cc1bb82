import {editDistance, nearest} from '@parix/kit/text'
import {type Catalog, typed, visibleCommands} from './catalog.js'

/** Commands and topics that may have been meant by `words`, as typed, the likeliest first; none when nothing is near. */
export function guessCommand(catalog: Catalog, words: string[]): string[] {
  const ids = new Set(visibleCommands(catalog).map(({id}) => typed(id)))
  for (const id of [...ids]) {
    const parts = id.split(' ')
    for (let length = 1; length < parts.length; length += 1) ids.add(parts.slice(0, length).join(' '))
  }
  return nearest(words.join(' '), [...ids], distance)
}

/** `parix create-transfers` is near `parix tb create-transfers`: the topic was forgotten. */
function distance(text: string, candidate: string): number {
  const whole = editDistance(text, candidate)
  if (text.includes(' ') || !candidate.includes(' ')) return whole
  return Math.min(whole, editDistance(text, candidate.split(' ').at(-1)!) + 0.5)
}
