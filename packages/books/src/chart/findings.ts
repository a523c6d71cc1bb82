/** What is wrong with a YAML file (a chart, a file of tests), with the line and column of each. */

import {ParixError} from '@parix/kit/errors'
import {
  type Document,
  type DocumentOptions,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type ParseOptions,
  parseDocument,
  type SchemaOptions,
  type YAMLMap,
} from 'yaml'

/** Something wrong in a file. Lines and columns are counted from 1. */
export interface ChartFinding {
  line: number
  column: number
  message: string
}

/** @param what the kind of file: `chart`; its error code is `chart_invalid` */
export function failed(file: string, findings: ChartFinding[], what = 'chart'): ParixError {
  const sorted = [...findings].sort((a, b) => a.line - b.line || a.column - b.column)
  const shown = sorted.slice(0, 100).map(({line, column, message}) => `${file}:${line}:${column} ${message}`)
  const more = sorted.length > 100 ? [`and ${sorted.length - 100} more`] : []
  return new ParixError(
    'BAD_INPUT',
    `The ${what} ${file} has ${sorted.length === 1 ? 'an error' : `${sorted.length} errors`}. Nothing was sent.`,
    {
      code: `${what.replaceAll(' ', '_')}_invalid`,
      errors: [...shown, ...more],
    },
  )
}

/** @throws ParixError BAD_INPUT as `failed`, where `text` is not YAML 1.2 */
export function parseYaml(
  text: string,
  file: string,
  what: string,
  options: ParseOptions & DocumentOptions & SchemaOptions,
): {doc: Document.Parsed; lines: LineCounter} {
  const lines = new LineCounter()
  const doc = parseDocument(text, {...options, lineCounter: lines, version: '1.2', prettyErrors: false})
  const faults = [...doc.errors, ...doc.warnings].map(({pos, code, message}) => {
    const {line, col} = lines.linePos(pos[0])
    const sentence = code === 'MULTIPLE_DOCS' ? 'A second document begins here; one is read.' : `${message}.`
    return {line, column: col, message: sentence.replace(/\.\.$/, '.')}
  })
  if (faults.length > 0) throw failed(file, faults, what)
  return {doc, lines}
}

/** The values of a document. @throws ParixError BAD_INPUT as `failed`, where its aliases stand for far more than is written */
export function valuesOf(doc: Document.Parsed, file: string, what: string): unknown {
  try {
    return doc.toJS({maxAliasCount: 100})
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    throw failed(file, [{line: 1, column: 1, message: 'Its aliases stand for too much.'}], what)
  }
}

export interface Findings {
  all: ChartFinding[]
  /** `path` is where in the document; the nearest node that exists gives line and column. */
  add(path: readonly PropertyKey[], message: string): void
}

export function createFindings(doc: Document.Parsed, lines: LineCounter): Findings {
  const all: ChartFinding[] = []
  return {
    all,
    add(path, message) {
      const {line, column} = positionOf(doc, lines, path)
      const where = path.map((step) => escaped(String(step))).join('.')
      all.push({line, column, message: where === '' ? message : `${where}: ${message}`})
    },
  }
}

/** Where the key at `path` is, or the nearest parent's that is in the file; lines and columns from 1. */
export function positionOf(
  doc: Document.Parsed,
  lines: LineCounter,
  path: readonly PropertyKey[],
): {line: number; column: number} {
  const {line, col} = lines.linePos(nodeAt(doc, path)?.range?.[0] ?? 0)
  return {line, column: col}
}

/** A key of the file with its control characters escaped, cut to 80 characters. */
function escaped(key: string): string {
  const text = JSON.stringify(key)
    .slice(1, -1)
    .replace(/[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '?')
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

/** The key at `path`, or the nearest parent's that is in the file. */
function nodeAt(doc: Document.Parsed, path: readonly PropertyKey[]): Node | undefined {
  let node: unknown = doc.contents
  let found: Node | undefined = doc.contents ?? undefined
  for (const step of path) {
    if (isMap(node)) {
      const pair = (node as YAMLMap).items.find(({key}) => isScalar(key) && String(key.value) === String(step))
      if (pair === undefined) return found
      found = pair.key as Node
      node = pair.value
    } else {
      const item = (node as {items?: unknown[]} | undefined)?.items?.[Number(step)]
      if (item === undefined) return found
      found = item as Node
      node = item
    }
  }
  return found
}

interface Issue {
  code?: string | undefined
  message: string
  keys?: string[]
  /** Of an `invalid_key`: what is wrong with the key. */
  issues?: readonly {message: string}[]
}

export function messageOf(issue: Issue): string {
  if (issue.code === 'unrecognized_keys')
    return `unknown key ${issue.keys?.map((key) => JSON.stringify(key)).join(', ')}.`
  // That of a union within another is not shown.
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
    return 'is not valid here: for an account a whole number; for a pattern "uuid", {base: N, plus: n} or {hash: NAMESPACE}.'
  }
  const {message} = issue.code === 'invalid_key' ? (issue.issues?.[0] ?? issue) : issue
  return `${message.replace(/\.$/, '')}.`
}
