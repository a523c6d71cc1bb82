/**
 * Expectations of books, one per line: `@customer/* available >= 0`, `ledgers balanced`, `pending older than 7d = 0`. They are
 * parsed with a chart of accounts, and compared with what a database, or a ledger in memory, has (`judge.ts`).
 */

import {parseDuration} from '@parix/kit/duration'
import {isParixError} from '@parix/kit/errors'
import {suggest} from '@parix/kit/suggest'
import type {Chart} from './chart/chart.js'

/** Where in the text it is wrong: a column, from 1. */
export class ExpectationError extends Error {
  constructor(
    readonly column: number,
    message: string,
  ) {
    super(message)
  }
}

/** What an account is compared by. `balance` and `available` are on its normal side; pending amounts count as spent in `available`. */
const QUANTITIES = ['balance', 'available', 'debits', 'credits', 'debits_pending', 'credits_pending'] as const
export type Quantity = (typeof QUANTITIES)[number]

export const OPERATORS = {
  '=': (a: bigint, b: bigint) => a === b,
  '!=': (a: bigint, b: bigint) => a !== b,
  '<': (a: bigint, b: bigint) => a < b,
  '<=': (a: bigint, b: bigint) => a <= b,
  '>': (a: bigint, b: bigint) => a > b,
  '>=': (a: bigint, b: bigint) => a >= b,
} as const
export type Operator = keyof typeof OPERATORS
const SPELLINGS: Readonly<Record<string, Operator>> = {'==': '=', '\u2264': '<=', '\u2265': '>=', '\u2260': '!='}

/** One account, those whose name begins with a prefix, or all. */
type Selector = {id: bigint} | {prefix: string} | 'all'

export type Expectation = {text: string} & (
  | {kind: 'accounts'; of: Selector; quantity: Quantity; operator: Operator; value: Quantity | Amount}
  | {kind: 'balanced'; ledger: number | undefined}
  | {kind: 'pending'; account: bigint | undefined; olderThanMs: number | undefined; operator: Operator; count: bigint}
  | {kind: 'count'; of: 'accounts' | 'transfers'; operator: Operator; count: bigint}
)

/** As it is written: what it means depends on the ledger of each account. */
export interface Amount {
  text: string
  column: number
}

interface Token {
  text: string
  column: number
}

/** @throws ExpectationError */
export function parseExpectation(text: string, chart: Chart | undefined): Expectation {
  const tokens = tokensOf(text)
  const [first, second] = tokens
  if (first === undefined) throw new ExpectationError(1, 'it is empty')
  const words = new Words(tokens, text.length + 1)
  words.next()
  if (first.text === 'ledgers') return {text, kind: 'balanced', ledger: balanced(words, undefined)}
  if (first.text === 'ledger')
    return {text, kind: 'balanced', ledger: balanced(words, ledgerId(words.need('a ledger'), chart))}
  if (first.text === 'pending') return {text, ...pending(words, chart)}
  const isCount = second !== undefined && isOperator(second.text)
  if ((first.text === 'accounts' || first.text === 'transfers') && isCount)
    return {text, kind: 'count', of: first.text, ...comparedCount(words)}
  const of = selector(first, chart)
  const quantity = quantityOf(words.need(`one of ${QUANTITIES.join(', ')}`))
  const operator = operatorOf(words.need('= < <= > >= or !='))
  const right = words.need('an amount')
  const value = (QUANTITIES as readonly string[]).includes(right.text) ? (right.text as Quantity) : amount(right, words)
  words.end()
  return {text, kind: 'accounts', of, quantity, operator, value}
}

function tokensOf(text: string): Token[] {
  const pattern = /(<=|>=|!=|==|[=<>\u2264\u2265\u2260]|[^\s<>=!\u2264\u2265\u2260]+|!)/g
  return [...text.matchAll(pattern)].map((match) => ({text: match[0], column: match.index + 1}))
}

class Words {
  #at = 0

  constructor(
    private readonly tokens: readonly Token[],
    private readonly endColumn: number,
  ) {}

  next(): Token | undefined {
    return this.tokens[this.#at++]
  }

  peek(): Token | undefined {
    return this.tokens[this.#at]
  }

  need(what: string): Token {
    const token = this.next()
    if (token === undefined) throw new ExpectationError(this.endColumn, `${what} is missing`)
    return token
  }

  word(expected: string): void {
    const token = this.need(`"${expected}"`)
    if (token.text !== expected)
      throw new ExpectationError(token.column, `"${expected}" is expected, not "${token.text}"`)
  }

  end(): void {
    const token = this.peek()
    if (token !== undefined) throw new ExpectationError(token.column, `nothing more is expected, not "${token.text}"`)
  }
}

function balanced(words: Words, ledger: number | undefined): number | undefined {
  words.word('balanced')
  words.end()
  return ledger
}

function pending(words: Words, chart: Chart | undefined) {
  let account: bigint | undefined
  let olderThanMs: number | undefined
  for (let word = words.peek(); word !== undefined && !isOperator(word.text); word = words.peek()) {
    words.next()
    if (word.text === 'of') {
      const of = selector(words.need('an account'), chart)
      if (of === 'all' || !('id' in of)) throw new ExpectationError(word.column, 'one account is expected after "of"')
      account = of.id
    } else if (word.text === 'older') {
      words.word('than')
      olderThanMs = at(words.need('a time such as 7d'), (text) => parseDuration('it', text))
    } else
      throw new ExpectationError(
        word.column,
        `"of ACCOUNT", "older than TIME" or an operator is expected, not "${word.text}"`,
      )
  }
  return {kind: 'pending' as const, account, olderThanMs, ...comparedCount(words)}
}

function comparedCount(words: Words): {operator: Operator; count: bigint} {
  const operator = operatorOf(words.need('= < <= > >= or !='))
  const number = words.need('a number')
  if (!/^\d{1,20}$/.test(number.text))
    throw new ExpectationError(number.column, `a number is expected, not "${number.text}"`)
  words.end()
  return {operator, count: BigInt(number.text)}
}

function isOperator(text: string): boolean {
  return text in OPERATORS || text in SPELLINGS
}

function operatorOf({text, column}: Token): Operator {
  const operator = SPELLINGS[text] ?? text
  if (operator in OPERATORS) return operator as Operator
  throw new ExpectationError(column, `= < <= > >= or != is expected, not "${text}"`)
}

function quantityOf({text, column}: Token): Quantity {
  if ((QUANTITIES as readonly string[]).includes(text)) return text as Quantity
  const [near] = suggest(text, [...QUANTITIES])
  const hint = near === undefined ? `Use one of ${QUANTITIES.join(', ')}` : `Did you mean ${near}?`
  throw new ExpectationError(column, `"${text}" is not what an account has. ${hint}`)
}

function selector(token: Token, chart: Chart | undefined): Selector {
  const {text, column} = token
  if (text === 'accounts') return 'all'
  if (/^\d[\d_]*$|^0x[0-9a-f_]+$/i.test(text)) return {id: BigInt(text.replaceAll('_', ''))}
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
  if (uuid) return {id: BigInt(`0x${text.replaceAll('-', '')}`)}
  if (!text.startsWith('@'))
    throw new ExpectationError(column, `"${text}" is not an account, ledger, ledgers, pending, accounts or transfers`)
  if (chart === undefined)
    throw new ExpectationError(column, `${text} is a name, and there is no chart of accounts here`)
  if (text.endsWith('*')) return {prefix: text.slice(1, -1)}
  return {id: at(token, () => chart.account(text.slice(1)).id)}
}

function ledgerId(token: Token, chart: Chart | undefined): number {
  if (/^\d{1,10}$/.test(token.text)) return Number(token.text)
  if (chart === undefined)
    throw new ExpectationError(token.column, `${token.text} is a name, and there is no chart of accounts here`)
  return at(token, () => chart.ledger(token.text).id)
}

function amount(first: Token, words: Words): Amount {
  const unit = words.next()
  return {text: unit === undefined ? first.text : `${first.text} ${unit.text}`, column: first.column}
}

/** What a check says of a word, with its column. @throws ExpectationError */
export function at<T>({text, column}: Token, work: (text: string) => T): T {
  try {
    return work(text)
  } catch (error) {
    if (isParixError(error)) throw new ExpectationError(column, error.message.replace(/\.$/, ''))
    throw error
  }
}

/** What expectations need to know of the books. */
export interface Needs {
  /** Accounts by id; more of them do no harm. */
  ids: bigint[]
  allAccounts: boolean
  pending: boolean
  transfers: boolean
}

export function needsOf(expectations: readonly Expectation[]): Needs {
  const needs: Needs = {ids: [], allAccounts: false, pending: false, transfers: false}
  for (const expectation of expectations) {
    if (expectation.kind === 'pending') needs.pending = true
    else if (expectation.kind === 'count' && expectation.of === 'transfers') needs.transfers = true
    else if (expectation.kind === 'accounts' && expectation.of !== 'all' && 'id' in expectation.of)
      needs.ids.push(expectation.of.id)
    else needs.allAccounts = true
  }
  return needs
}
