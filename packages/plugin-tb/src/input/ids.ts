import type {Chart} from '@parix/books/chart'
import {translateFields} from '@parix/books/translate'
import {ParixError} from '@parix/kit/errors'
import {parseUint} from '@parix/kit/integers'
import {isJsonObject, type Json} from '@parix/kit/json'
import {createProblems, type Problems} from '../records/problems.js'
import {integerText} from '../records/read.js'
import {readItems} from './documents.js'
import type {Source} from './source.js'

export interface IdFlags {
  id?: readonly string[] | undefined
  ids?: string | undefined
}

interface IdText {
  label: string
  text: string
}

/**
 * Ids to look up, in the order given: `--id`, `--ids`, and a source: JSON (a list of ids, or objects with an `id`), or plain
 * text as in `--ids`, one or more per line.
 *
 * @throws ParixError BAD_INPUT when one isn't an id, or there is none
 */
export function readIds(
  source: Source | undefined,
  flags: IdFlags,
  kind: 'account' | 'transfer' = 'transfer',
  chart?: Chart,
): bigint[] {
  const problems = createProblems()
  const texts: IdText[] = (flags.id ?? []).map((text) => ({label: '--id', text}))
  if (flags.ids !== undefined) texts.push(...listed('--ids', flags.ids, problems))
  if (source) texts.push(...fromSource(source, problems))
  const ids = texts.map(({label, text}) =>
    problems.collect(() => parseUint(label, idText(label, text, kind, chart), 128)),
  )
  if (texts.length === 0 && problems.count === 0) problems.add('Which ids? Give --id, --ids or --file.')
  problems.throwIfAny('the ids')
  return ids as bigint[]
}

/** `@bank` and UUIDs as decimal text; anything else as it is. @throws ParixError BAD_INPUT for an unknown name */
export function idText(label: string, text: string, kind: 'account' | 'transfer', chart: Chart | undefined): string {
  return translateFields({id: text}, chart, {kind, label: () => label, typed: true}).id ?? text
}

/** `1, 2 0xff`: separated by commas or white space, without empty elements. */
function listed(label: string, text: string, problems: Problems): IdText[] {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.some((part) => part === '')) {
    problems.add(`${label} has an empty element: ${JSON.stringify(text.trim().slice(0, 60))}.`)
  }
  return parts.flatMap((part) => part.split(/\s+/).filter((word) => word !== '')).map((word) => ({label, text: word}))
}

function fromSource(source: Source, problems: Problems): IdText[] {
  const first = source.text.trimStart()[0]
  if (first === '[' || first === '{') return fromJson(source, problems)
  if (first === undefined) throw new ParixError('BAD_INPUT', `${source.name} is empty. Nothing was sent.`)
  return fromLines(source, problems)
}

function fromLines({text, name}: Source, problems: Problems): IdText[] {
  return text.split('\n').flatMap((line, index) => {
    const content = line.replace(/"/g, '').trim()
    return content === '' ? [] : listed(`${name} line ${index + 1}`, content.replace(/,$/, ''), problems)
  })
}

function fromJson(source: Source, problems: Problems): IdText[] {
  return readItems(source, problems).flatMap(({value, where}) => {
    const label = `${source.name}${where}`
    const text = problems.collect(() => integerText(label, idIn(value)))
    return text === undefined ? [] : [{label, text}]
  })
}

function idIn(value: Json): Json {
  return isJsonObject(value) ? (value.id ?? null) : value
}
