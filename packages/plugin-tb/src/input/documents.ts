import {ParixError} from '@parix/kit/errors'
import {type Json, parseJson} from '@parix/kit/json'
import {commandLine} from '@parix/kit/shell-words'
import type {Problems} from '../records/problems.js'
import type {Source} from './source.js'

/** A JSON value and where it is: ` item 3` of an array, ` line 4`, nothing when it is the only one. */
export interface Item {
  value: Json
  where: string
}

/**
 * The values in a text: the elements of a JSON array, one value, one per line (NDJSON), or one after the other over
 * several lines, as jq writes them. What can't be read is added to `problems`, each with line and column.
 *
 * @throws ParixError BAD_INPUT when the text is empty or CSV
 */
export function readItems(source: Source, problems: Problems): Item[] {
  const {text, name} = source
  if (text.trim() === '') throw new ParixError('BAD_INPUT', `${name} is empty. Nothing was sent.`)
  const whole = tryJson(text)
  if ('value' in whole) return itemsOf(whole.value, '')
  const delimiter = delimiterOf(text)
  if (delimiter !== undefined) throw isCsv(name, delimiter)
  const lines = text.trimStart().startsWith('[') && !text.includes(']\n') ? undefined : readLines(source)
  if (lines?.faults.length === 0) return lines.items
  const values = readValues(source)
  if (values.faults.length === 0) return values.items
  // Where the first line is a value, the others are meant to be one each.
  const {items, faults} = lines !== undefined && lines.items.length > 0 ? lines : values
  for (const fault of faults) problems.add(fault)
  problems.next(NEXT)
  return items
}

const NEXT = 'Write a JSON array of objects, or one object per line (NDJSON).'

interface Read {
  items: Item[]
  faults: string[]
}

function readLines({text, name}: Source): Read {
  const read: Read = {items: [], faults: []}
  let start = 0
  for (let line = 1; start < text.length; line++) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    const content = text.slice(start, end).trim()
    if (content !== '') {
      const parsed = tryJson(content)
      if ('value' in parsed) append(read.items, itemsOf(parsed.value, ` line ${line}`))
      else {
        const indent = text.slice(start, end).indexOf(content)
        read.faults.push(faultText(name, line, indent + parsed.position, parsed.message))
        // Not one value per line.
        if (read.items.length === 0) return read
      }
    }
    start = end + 1
  }
  return read
}

/** Ends at the first value that can't be read: where it ends isn't known. */
function readValues({text, name}: Source): Read {
  const read: Read = {items: [], faults: []}
  let line = 1
  let counted = 0
  for (let start = nextValue(text, 0); start < text.length; ) {
    for (; counted < start; counted++) if (text.charCodeAt(counted) === NEWLINE) line++
    const end = endOfValue(text, start)
    const parsed = tryJson(text.slice(start, end))
    if (!('value' in parsed)) {
      read.faults.push(faultAt(name, text, start + parsed.position, parsed.message))
      return read
    }
    append(read.items, itemsOf(parsed.value, ` line ${line}`))
    start = nextValue(text, end)
  }
  return read
}

function itemsOf(value: Json, where: string): Item[] {
  if (!Array.isArray(value)) return [{value, where}]
  return value.map((item, index) => ({value: item, where: `${where} item ${index + 1}`}))
}

/** `push(...items)` would put a million arguments on the stack. */
function append(to: Item[], items: readonly Item[]): void {
  for (const item of items) to.push(item)
}

const [NEWLINE, QUOTE, BACKSLASH] = [0x0a, 0x22, 0x5c]

function nextValue(text: string, from: number): number {
  let index = from
  while (index < text.length && text.charCodeAt(index) <= 0x20) index++
  return index
}

/** Where the value that begins at `start` ends: after its closing bracket, or before white space. */
function endOfValue(text: string, start: number): number {
  let depth = 0
  let quoted = false
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (quoted) {
      if (code === BACKSLASH) index++
      else if (code === QUOTE) quoted = false
    } else if (code === QUOTE) quoted = true
    else if (code === 0x7b || code === 0x5b) depth++
    else if (code === 0x7d || code === 0x5d) {
      if (--depth <= 0) return index + 1
    } else if (depth === 0 && code <= 0x20) return index
  }
  return text.length
}

/** The value, or why there is none, and at which character, from 0. */
export function tryJson(text: string): {value: Json} | {message: string; position: number} {
  try {
    return {value: parseJson(text)}
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const [, said = message, position] = /^(.*?)(?: encountered)? at position (\d+)$/s.exec(message) ?? []
    return {message: said, position: position === undefined ? text.length : Number(position)}
  }
}

function faultAt(name: string, text: string, position: number, message: string): string {
  const before = text.slice(0, position).split('\n')
  return faultText(name, before.length, before.at(-1)!.length, message)
}

/** @param column counted from 0 */
export function faultText(name: string, line: number, column: number, message: string): string {
  const place = `${name} line ${line}, column ${column + 1}`
  const duplicate = /^Duplicate key '(.*)'$/s.exec(message)
  if (duplicate) return `${place}: the key ${JSON.stringify(duplicate[1])} is given twice, with different values.`
  return `${place} is not JSON: ${message.slice(0, 200).replace(/\.$/, '')}.`
}

const DELIMITERS = [',', ';', '\t'] as const

/** What is between the words or numbers of the first line, which is no JSON; undefined where it has one only. */
function delimiterOf(text: string): (typeof DELIMITERS)[number] | undefined {
  const [first = ''] = text.trimStart().split('\n', 1)
  if (/^[[{/<]/.test(first)) return undefined
  const unquoted = first.replace(/"[^"]*"/g, '')
  return DELIMITERS.find((delimiter) => unquoted.includes(delimiter))
}

function isCsv(name: string, delimiter: string): ParixError {
  const split = `split(${JSON.stringify(delimiter)})`
  const program = `(input | rtrimstr("\\r") | ${split}) as $names | inputs | rtrimstr("\\r") | ${split} | [$names, .] | transpose | map({(.[0]): .[1]}) | add`
  const file = name === 'stdin' || name === '--payload' ? 'FILE.csv' : name
  return new ParixError('BAD_INPUT', `${name} looks like CSV; JSON is read here. Nothing was sent.`, {
    code: 'csv',
    errors: [
      'tb import accounts and tb import transfers read CSV.',
      'Without quotes or delimiters in its cells, and with field names in its first line, jq converts it.',
    ],
    next: commandLine(['jq', '-Rnc', program, file]),
  })
}
