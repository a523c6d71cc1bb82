import {ParixError} from '@parix/kit/errors'
import {type Json, parseJson} from '@parix/kit/json'
import type {Source} from './source.js'

/** A JSON value and where it stood: `[3]` in an array, ` line 4` in NDJSON, nothing when it stood alone. */
export interface Item {
  value: Json
  where: string
}

/**
 * The values in a text: the elements of a JSON array, one value, or one a line (NDJSON).
 *
 * @throws ParixError BAD_INPUT when it is empty or not JSON, with the line
 */
export function readItems({text, name}: Source): Item[] {
  const trimmed = text.replace(/^\ufeff/, '').trim()
  if (trimmed === '') throw new ParixError('BAD_INPUT', `There is nothing in ${name}. Nothing was sent.`)
  const whole = tryJson(trimmed)
  if ('value' in whole) {
    const {value} = whole
    return Array.isArray(value)
      ? value.map((item, index) => ({value: item, where: `[${index}]`}))
      : [{value, where: ''}]
  }
  const lines = trimmed.startsWith('[') ? [] : trimmed.split('\n')
  if (lines.length < 2) throw notJson(name, '', whole.error)
  return readLines(text.split('\n'), name)
}

function readLines(lines: string[], name: string): Item[] {
  const items: Item[] = []
  for (const [index, line] of lines.entries()) {
    const text = line.replace(/^\ufeff/, '').trim()
    if (text === '') continue
    const parsed = tryJson(text)
    if ('error' in parsed) throw notJson(name, ` line ${index + 1}`, parsed.error)
    items.push({value: parsed.value, where: ` line ${index + 1}`})
  }
  return items
}

function tryJson(text: string): {value: Json} | {error: unknown} {
  try {
    return {value: parseJson(text)}
  } catch (error) {
    return {error}
  }
}

function notJson(name: string, where: string, error: unknown): ParixError {
  const message = error instanceof Error ? error.message : String(error)
  return new ParixError('BAD_INPUT', `${name}${where} is not JSON: ${message.slice(0, 200)}. Nothing was sent.`, {
    next: 'Give a JSON array of objects, one object, or one object a line (NDJSON).',
    cause: error,
  })
}
