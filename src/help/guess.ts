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
  ).filter((id) => isHarmless(id, words))
  return near.length > 0 || text.includes(' ')
    ? near
    : forgottenTopic(text, [...ids]).filter((id) => isHarmless(id, words))
}

/** Verbs of commands that only look. Whatever else a command does, nobody is led to it from another word. */
const READS =
  /^(balance|commands|completion|explain|get|help|id|info|inspect|list|lookup|outbox|pending|query|show|status|version|wait|whoami)$/

/** Whether `id` only reads, or its verb is what was typed, but for a letter: `remve` may mean `remove`, `import` never `post`. */
function isHarmless(id: string, words: string[]): boolean {
  const verb = verbOf(id)
  if (READS.test(verb)) return true
  return words.some((word) => word.split(/[-_]/).some((part) => isNear(part, verb)))
}

/** Words of commands that say of what, not what happens to it: `tb import accounts`. */
const NOUNS = ['accounts', 'transfers']

function verbOf(id: string): string {
  const words = id.split(' ')
  return (words.findLast((word) => !NOUNS.includes(word)) ?? id).split('-', 1)[0]!
}

/** One letter too many, missing, wrong or swapped with its neighbour. */
function isNear(typed: string, verb: string): boolean {
  if (typed === verb) return true
  const [short, long] = typed.length < verb.length ? [typed, verb] : [verb, typed]
  let start = 0
  while (start < short.length && short[start] === long[start]) start += 1
  const rest = (text: string, skip: number) => text.slice(start + skip)
  if (short.length >= 3 && long.length === short.length + 1) return rest(short, 0) === rest(long, 1)
  if (long.length !== short.length || short.length < 3) return false
  const swapped =
    short[start] === long[start + 1] && short[start + 1] === long[start] && rest(short, 2) === rest(long, 2)
  return swapped || rest(short, 1) === rest(long, 1)
}

/** `parix create-transfers` for `parix tb create-transfers`. */
function forgottenTopic(word: string, ids: string[]): string[] {
  const inTopics = ids.filter((id) => id.includes(' '))
  const lastWords = new Set(inTopics.map((id) => id.split(' ').at(-1)!))
  return suggest(word, lastWords).flatMap((last) => inTopics.filter((id) => id.endsWith(` ${last}`)))
}
