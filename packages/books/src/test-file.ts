/**
 * `books.test.yaml`: what a ledger is to do with transfers, and what its books are to be then. Read with the line and column of
 * everything, so that what fails can be found.
 */

import {suggest} from '@parix/kit/suggest'
import {CreateAccountStatus, CreateTransferStatus} from '@parix/ledger/schema'
import {type Document, isMap, isScalar, type LineCounter} from 'yaml'
import {z} from 'zod'
import {createFindings, failed, messageOf, parseYaml, positionOf, valuesOf} from './chart/findings.js'

export interface Place {
  line: number
  column: number
}

/** An expectation as it is written, to be parsed with the chart. */
export type Written = Place & {text: string}

/** Texts by field, in the spelling of flags: `user-data-128`. */
export type StepFields = Readonly<Record<string, string>>

export type TestStep = Place & {
  /** The name by which later steps post or void the transfer. */
  as?: string
  /** Statuses, one for each event. */
  expect: string[]
} & (
    | {kind: 'account'; events: [StepFields]}
    | {kind: 'transfers'; events: StepFields[]}
    | {
        kind: 'resolve'
        flag: 'post_pending_transfer' | 'void_pending_transfer'
        pending: string
        amount: string | undefined
      }
    | {kind: 'wait'; duration: string}
    | {kind: 'check'; expectations: Written[]}
  )

export interface BooksTest extends Place {
  name: string
  steps: TestStep[]
  expectations: Written[]
}

export interface TestFile {
  /** Relative to the file. */
  chart: string | undefined
  /** The tests begin with a copy of it. */
  database: string | undefined
  tests: BooksTest[]
}

const FIELDS = {
  account: ['id', 'ledger', 'code', 'flags', 'user-data-128', 'user-data-64', 'user-data-32'],
  transfer: [
    'id',
    'from',
    'to',
    'amount',
    'amount-raw',
    'ledger',
    'code',
    'flags',
    'pending-id',
    'timeout',
    'user-data-128',
    'user-data-64',
    'user-data-32',
  ],
}

const text = z.string({error: 'must be text'}).min(1, {error: 'must not be empty'})
const texts = z.union([text, z.array(text)])
const fields = (known: readonly string[]) =>
  z.record(z.string(), texts, {error: `must be a mapping of ${known.join(', ')}`}).superRefine((given, context) => {
    for (const key of Object.keys(given)) {
      const name = key.replaceAll('_', '-')
      if (known.includes(name)) continue
      const [near] = suggest(name, [...known])
      const message = near === undefined ? `is none of ${known.join(', ')}` : `is unknown. Did you mean ${near}?`
      context.addIssue({code: 'custom', path: [key], message})
    }
  })

const ACTIONS = ['account', 'transfer', 'chain', 'post', 'void', 'wait', 'check'] as const
const stepSchema = z
  .strictObject({
    account: fields(FIELDS.account).optional(),
    transfer: fields(FIELDS.transfer).optional(),
    chain: z.array(fields(FIELDS.transfer), {error: 'must be a list of transfers'}).min(1).optional(),
    post: text.optional(),
    void: text.optional(),
    wait: text.optional(),
    check: texts.optional(),
    amount: text.optional(),
    as: text.optional(),
    expect: texts.optional(),
  })
  .superRefine((step, context) => {
    const actions = ACTIONS.filter((action) => step[action] !== undefined)
    if (actions.length !== 1)
      context.addIssue({
        code: 'custom',
        message: `A step has one of ${ACTIONS.join(', ')}; this has ${actions.length}.`,
      })
  })

const fileSchema = z.strictObject({
  version: z.literal('1', {error: 'must be 1'}),
  chart: text.optional(),
  database: text.optional(),
  tests: z
    .array(
      z.strictObject({
        name: text,
        steps: z.array(stepSchema).default([]),
        expect: texts.default([]),
      }),
      {error: 'must be a list of tests'},
    )
    .min(1, {error: 'must have a test'}),
})
type Step = z.infer<typeof stepSchema>

/** @throws ParixError BAD_INPUT `test_file_invalid` with every finding as `FILE:LINE:COLUMN message` */
export function readTestFile(source: string, file: string): TestFile {
  // Every scalar stays text: amounts and ids are read by those who know what they are.
  const {doc, lines} = parseYaml(source, file, 'test file', {schema: 'failsafe'})
  if (!isMap(doc.contents))
    throw failed(
      file,
      [{line: 1, column: 1, message: 'Tests are a mapping that begins with "version: 1".'}],
      'test file',
    )
  const findings = createFindings(doc, lines)
  const parsed = fileSchema.safeParse(valuesOf(doc, file, 'test file'))
  if (!parsed.success) {
    for (const issue of parsed.error.issues) findings.add(issue.path, unionMessage(messageOf(issue)))
    throw failed(file, findings.all, 'test file')
  }
  const from: Source = {doc, lines, at: (path) => positionOf(doc, lines, path), add: findings.add}
  const tests = parsed.data.tests.map(({name, steps, expect}, index): BooksTest => {
    const path = ['tests', index]
    return {
      name,
      ...from.at(path),
      steps: steps.map((step, number) => stepOf(step, [...path, 'steps', number], from)),
      expectations: written(expect, [...path, 'expect'], from),
    }
  })
  if (findings.all.length > 0) throw failed(file, findings.all, 'test file')
  return {chart: parsed.data.chart, database: parsed.data.database, tests}
}

/** The only unions here are of text and lists of text. */
function unionMessage(message: string): string {
  return message.startsWith('is not valid here') ? 'must be text, or a list of texts.' : message.replace('?.', '?')
}

interface Source {
  doc: Document.Parsed
  lines: LineCounter
  at(path: readonly PropertyKey[]): Place
  add(path: readonly PropertyKey[], message: string): void
}

function stepOf(step: Step, path: readonly PropertyKey[], source: Source): TestStep {
  const {add, at} = source
  const statuses = step.account === undefined ? CreateTransferStatus : CreateAccountStatus
  const expected = [step.expect ?? 'created'].flat()
  for (const status of expected) {
    if (status in statuses && !/^\d/.test(status)) continue
    const names = Object.keys(statuses).filter((name) => !/^\d/.test(name))
    const [near] = suggest(status, names)
    add(
      [...path, 'expect'],
      `"${status}" is not a result of TigerBeetle.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    )
  }
  const events = step.chain?.map(spelled) ?? [spelled(step.account ?? step.transfer ?? {})]
  if (expected.length !== 1 && expected.length !== events.length)
    add([...path, 'expect'], `has ${expected.length} results for ${events.length} events.`)
  if (step.amount !== undefined && step.post === undefined) add([...path, 'amount'], 'belongs to post.')
  const shared = {
    ...at(path),
    ...(step.as !== undefined && {as: step.as}),
    expect: expected.length === 1 ? events.map(() => expected[0]!) : expected,
  }
  if (step.account !== undefined) return {...shared, kind: 'account', events: [events[0]!]}
  if (step.wait !== undefined) return {...shared, kind: 'wait', duration: step.wait}
  if (step.check !== undefined)
    return {...shared, kind: 'check', expectations: written(step.check, [...path, 'check'], source)}
  const pending = step.post ?? step.void
  if (pending === undefined) return {...shared, kind: 'transfers', events}
  const flag = step.post === undefined ? 'void_pending_transfer' : 'post_pending_transfer'
  return {...shared, kind: 'resolve', flag, pending, amount: step.amount}
}

function spelled(given: Readonly<Record<string, string | string[]>>): StepFields {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key.replaceAll('_', '-'), [value].flat().join(',')]),
  )
}

/** Where the text of each begins: after a quotation mark. */
function written(given: string | string[], path: readonly PropertyKey[], {doc, lines}: Source): Written[] {
  return [given].flat().map((text, index) => {
    const node = doc.getIn(Array.isArray(given) ? [...path, index] : path, true)
    const {line, col} = lines.linePos((isScalar(node) && node.range?.[0]) || 0)
    const quoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')
    return {text, line, column: quoted ? col + 1 : col}
  })
}
