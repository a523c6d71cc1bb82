/** Where in its line a finding is: the file is looked at once more for the few that are shown. */

import {markLength, readBlocks} from './blocks.js'
import {lineAt, type OpenRows} from './read-rows.js'

/** CSV: the place in the header of the column that a field comes from. */
export type ColumnOf = ReadonlyMap<string, number>

interface Located {
  line: number
  column?: number
  field?: string
  message: string
}

/** `line 7: amount must be a whole number, but is "x". (column 12)` */
export function findingText({line, column, message}: Located): string {
  if (line === 0) return message
  return `line ${line}: ${message}${column === undefined ? '' : ` (column ${column})`}`
}

/** Adds the column where it can be told. */
export async function locate(
  findings: readonly Located[],
  rows: OpenRows,
  columnOf: ColumnOf | undefined,
): Promise<void> {
  const wanted = new Map<number, Located[]>()
  for (const finding of findings) {
    const [, column, message] = /^column (\d+): (.*)$/s.exec(finding.message) ?? []
    if (column !== undefined) Object.assign(finding, {column: Number(column), message})
    else if (finding.line > 0) wanted.set(finding.line, [...(wanted.get(finding.line) ?? []), finding])
  }
  if (wanted.size === 0) return
  await eachLine(rows, wanted, (text, found) => {
    for (const finding of found) {
      const column =
        rows.header === undefined ? columnOfKey(text, finding) : columnOfCell(text, finding, rows, columnOf)
      if (column !== undefined) finding.column = column
    }
  })
}

async function eachLine<T>(
  rows: OpenRows,
  wanted: ReadonlyMap<number, T>,
  take: (text: string, value: T) => void,
): Promise<void> {
  let line = 1
  let left = wanted.size
  for await (const {buffer, byte, tooLong} of readBlocks(rows, 0)) {
    if (tooLong !== undefined) {
      if (wanted.has(line++)) left--
      continue
    }
    for (let start = byte === 0 ? markLength(buffer) : 0; start < buffer.length; line++) {
      const value = wanted.get(line)
      if (value !== undefined) {
        take(lineAt(buffer, start, byte, line).text, value)
        if (--left === 0) return
      }
      const newline = buffer.indexOf(0x0a, start)
      start = newline < 0 ? buffer.length : newline + 1
    }
  }
}

function columnOfKey(text: string, {field}: Located): number | undefined {
  if (field === undefined) return undefined
  const short = {debit_account_id: '|from', credit_account_id: '|to', amount: '|amountText'}[field] ?? ''
  const match = new RegExp(`"(?:${field.replace(/\W/g, '.')}${short})"\\s*:\\s*`).exec(text)
  return match === null ? undefined : match.index + match[0].length + 1
}

function columnOfCell(
  text: string,
  {field, message}: Located,
  {delimiter, header}: OpenRows,
  columnOf: ColumnOf | undefined,
): number | undefined {
  const starts = cellStarts(text, delimiter)
  const width = header!.length
  if (/^has \d+ cells/.test(message)) return starts.length > width ? starts[width]! + 1 : text.length + 1
  const index =
    field === undefined
      ? undefined
      : (columnOf?.get(field) ?? (field === 'amount' ? columnOf?.get('amountText') : undefined))
  const start = index === undefined ? undefined : starts[index]
  return start === undefined ? undefined : start + 1
}

/** Where each cell of the line begins, its quotation mark included. */
function cellStarts(text: string, delimiter: string): number[] {
  const starts = [0]
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted
    else if (text[at] === delimiter && !quoted) starts.push(at + 1)
  }
  return starts
}
