import stringWidth from 'string-width'
import {clean, cleanLine} from '../text.js'
import {type Paint, plain} from './colour.js'

/** Rows of one kind. Cells are data: they are cleaned here, so callers pass what the service sent. */
export interface Table {
  columns: Column[]
  rows: Cell[][]
  /** What is said (on stderr) when there are no rows. */
  whenEmpty: string
}

/** A heading, or one whose column is set flush right, for numbers. */
export type Column = string | {name: string; align: 'right'}
export type Cell = string | number | bigint | boolean | null | undefined

/** One thing and its properties, in the order given; empty ones are left out. */
export interface Details {
  details: [label: string, value: Cell][]
}

/** Text that was cleaned and painted by whoever made it. */
export interface Painted {
  painted: string
}

export type View = Table | Details | Painted | string

export interface LookOptions {
  paint?: Paint
  /** Columns at hand; undefined: as many as it takes. */
  width?: number | undefined
}

/** `view` as text that ends in a newline; the empty text for a table without rows. */
export function render(view: View, {paint = plain, width}: LookOptions = {}): string {
  if (typeof view === 'string') return ended(clean(view))
  if ('painted' in view) return ended(view.painted)
  if ('details' in view) return renderDetails(view.details, paint)
  return renderTable(view, paint, width)
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

const GAP = '  '

function renderTable(table: Table, paint: Paint, width: number | undefined): string {
  if (table.rows.length === 0) return ''
  const names = table.columns.map((column) => (typeof column === 'string' ? column : column.name))
  const rows = table.rows.map((row) => names.map((_, index) => cellText(row[index])))
  const widths = names.map((name, index) =>
    Math.max(displayWidth(name), ...rows.map((row) => displayWidth(row[index]!))),
  )
  const total = widths.reduce((sum, columns) => sum + columns, GAP.length * (widths.length - 1))
  if (width !== undefined && total > width) return renderRecords(names, rows, paint)
  const line = (cells: string[]) =>
    cells.map((cell, index) => pad(table.columns[index]!, cell, widths[index]!, index === names.length - 1)).join(GAP)
  return `${[paint('bold', line(names).trimEnd()), ...rows.map((row) => line(row).trimEnd())].join('\n')}\n`
}

function pad(column: Column, text: string, columns: number, last: boolean): string {
  if (typeof column !== 'string') return padStart(text, columns)
  return last ? text : padEnd(text, columns)
}

/** Where a table is wider than the terminal, each row becomes a block: an id that is cut can't be copied. */
function renderRecords(names: string[], rows: string[][], paint: Paint): string {
  const blocks = rows.map((row) =>
    renderDetails(
      names.map((name, index) => [name.toLowerCase(), row[index]!]),
      paint,
    ),
  )
  return blocks.join('\n')
}

function renderDetails(details: [string, Cell][], paint: Paint): string {
  const shown = details.filter(([, value]) => value !== null && value !== undefined && value !== '')
  const labelWidth = Math.max(0, ...shown.map(([label]) => displayWidth(label)))
  return shown.map(([label, value]) => `${paint('dim', padEnd(label, labelWidth))}${GAP}${cellText(value)}\n`).join('')
}

function cellText(cell: Cell): string {
  return cell === null || cell === undefined || cell === '' ? '-' : cleanLine(String(cell))
}

/** Columns that `text` takes on a terminal: wide characters take two, combining ones none. */
export function displayWidth(text: string): number {
  return /^[\u0020-\u007e]*$/.test(text) ? text.length : stringWidth(text)
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)))
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text
}
