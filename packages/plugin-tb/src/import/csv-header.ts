/** The first line of a CSV: what is between its cells, and the names of its columns. */

import {ParixError} from '@parix/kit/errors'
import {parse} from 'csv-parse/sync'

/** @returns why not, as text, where the record is not well formed */
export function parsedCells(record: string, delimiter: string): string[] | string {
  try {
    const records = parse(record, {delimiter, relax_column_count: true, skip_empty_lines: false}) as string[][]
    return records.length === 1 ? records[0]! : 'has a quotation mark inside a cell that is not quoted'
  } catch {
    return 'has a quotation mark in the wrong place: a cell with one is quoted as a whole, and the mark is doubled'
  }
}

/** What the header has most of, outside of quotation marks. */
export function delimiterOf(header: string): string {
  const unquoted = header.replace(/"[^"]*"/g, '')
  const count = (delimiter: string) => unquoted.split(delimiter).length
  return [',', ';', '\t', '|'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best))
}

/** First lines of files that were given by mistake. */
const OTHER_FORMS: readonly {begins: RegExp; called: string; hint?: string}[] = [
  {
    begins: /^\s*(\{\s*("|$)|\[\s*[{\]])/,
    called: 'JSON',
    hint: 'tb import reads it with --format ndjson, one object in each line, or with --format json.',
  },
  {begins: /^\s*<(\?xml|!doctype|html)/i, called: 'XML or a web page'},
  {begins: /^:\d\d[A-Z]?:/, called: 'an MT940 statement'},
  {begins: /^!Type:/i, called: 'a QIF file'},
  {begins: /^OFXHEADER:/, called: 'an OFX file'},
]

/** A delimiter at the end of the line makes no column. */
export function headerOf(
  name: string,
  {text, line}: {text: string; line: number},
  delimiter: string,
): {header: string[]; width: number} {
  if (text.includes('\r')) {
    throw new ParixError(
      'BAD_INPUT',
      `${name} has the line ends of old Mac programs (CR alone); LF or CR LF is needed: tr '\\r' '\\n'. Nothing was sent.`,
      {code: 'line_ends'},
    )
  }
  const other = OTHER_FORMS.find(({begins}) => begins.test(text))
  if (other !== undefined) {
    throw new ParixError('BAD_INPUT', `${name} is ${other.called}, not CSV. Nothing was sent.`, {
      code: 'not_csv',
      ...(other.hint && {hint: other.hint}),
    })
  }
  const cells = parsedCells(text, delimiter)
  if (typeof cells === 'string') {
    throw new ParixError('BAD_INPUT', `${name} line ${line} is not a header: it ${cells}. Nothing was sent.`)
  }
  const all = cells.map((cell) => cell.trim())
  const header = all.slice(0, all.findLastIndex((cell) => cell !== '') + 1)
  if (header.length === 0 || header.some((cell) => cell === '')) {
    throw new ParixError(
      'BAD_INPUT',
      `${name} line ${line} is not a header: every column needs a name. Nothing was sent.`,
    )
  }
  const double = header.find((cell, index) => header.indexOf(cell) !== index)
  if (double !== undefined)
    throw new ParixError(
      'BAD_INPUT',
      `${name} line ${line} has two columns named ${JSON.stringify(double)}. Nothing was sent.`,
    )
  return {header, width: all.length}
}
