import {parseUint} from '@parix/kit/integers'
import {isLosslessNumber, type Json} from '@parix/kit/json'
import {createProblems, type Problems} from '../records/problems.js'
import {integerText} from '../records/read.js'
import {readItems} from './documents.js'
import type {Source} from './source.js'

export interface IdFlags {
  id?: readonly string[] | undefined
  ids?: string | undefined
}

/**
 * Ids to look up, in the order given: `--id`, `--ids`, and JSON (a list of ids, one a line, or objects with an `id`).
 *
 * @throws ParixError BAD_INPUT when one isn't an id, or there is none
 */
export function readIds(source: Source | undefined, flags: IdFlags): bigint[] {
  const problems = createProblems()
  const given = (flags.id ?? []).map((text) => ({label: '--id', text}))
  const listed = (flags.ids ?? '').split(/[\s,]+/).filter((text) => text !== '')
  const texts = [...given, ...listed.map((text) => ({label: '--ids', text}))]
  if (source) texts.push(...fromSource(source, problems))
  const ids = texts.map(({label, text}) => problems.collect(() => parseUint(label, text, 128)))
  if (texts.length === 0 && problems.count === 0) problems.add('Which ids? Give --id, --ids or --file.')
  problems.throwIfAny('the ids')
  return ids as bigint[]
}

function fromSource(source: Source, problems: Problems): {label: string; text: string}[] {
  return readItems(source).flatMap(({value, where}) => {
    const label = `${source.name}${where}`
    const text = problems.collect(() => integerText(label, idIn(value)))
    return text === undefined ? [] : [{label, text}]
  })
}

function idIn(value: Json): Json {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value)
  return isObject ? (value.id ?? null) : value
}
