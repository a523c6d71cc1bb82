/** `tb assert`: expectations, one per line, against a database. */

import type {Chart} from '@parix/books/chart'
import {type Expectation, ExpectationError, type Needs, needsOf, parseExpectation} from '@parix/books/expectations'
import {Holds} from '@parix/books/holds'
import {type Facts, judge, type Verdict} from '@parix/books/judge'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import type {Terminal} from '@parix/kit/output'
import type {Account} from '@parix/ledger/schema'
import {readSource} from '../input/source.js'
import {accountPages, accountsById, type BookReader, newestTransfer, transferPages} from './read-books.js'

/** `--json`; with exit code 6 where one is not so. */
export interface AssertResult {
  database: {id: string; name: string}
  passed: number
  failed: number
  expectations: Verdict[]
}

/** Expectations of a file: one per line; `#` begins a comment. @throws ParixError BAD_INPUT */
export async function expectationLines(file: string, terminal: Terminal): Promise<string[]> {
  const {text} = (await readSource({file}, terminal))!
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
}

/** @throws ParixError BAD_INPUT with each that is not one, and its column */
export function readExpectations(texts: readonly string[], chart: Chart | undefined): Expectation[] {
  const wrong: string[] = []
  const expectations = texts.flatMap((text) => {
    try {
      return [parseExpectation(text, chart)]
    } catch (error) {
      wrong.push(sentenceOf(text, error))
      return []
    }
  })
  if (wrong.length === 0) return expectations
  throw notExpectations(wrong)
}

/** @throws what is not an error of an expectation */
function sentenceOf(text: string, error: unknown): string {
  if (!(error instanceof ExpectationError)) throw error
  return `${JSON.stringify(text.slice(0, 200))}, column ${error.column}: ${error.message}`
}

function notExpectations(wrong: string[]): ParixError {
  const [first] = wrong
  if (wrong.length === 1)
    return new ParixError('BAD_INPUT', `${first}.`.replace(/([.?])\.$/, '$1'), {code: 'bad_expectation'})
  return new ParixError('BAD_INPUT', `${wrong.length} expectations can't be read.`, {
    code: 'bad_expectation',
    errors: wrong,
  })
}

/** Read again while others write: accounts that are read page by page are not of one moment. */
const ROUNDS_MAX = 3

/** @throws ParixError BAD_INPUT for an amount that is not valid on the ledger of its account */
export async function runAssert(
  reader: BookReader,
  database: ResolvedDatabase,
  expectations: readonly Expectation[],
  chart: Chart | undefined,
): Promise<AssertResult> {
  const needs = needsOf(expectations)
  for (let round = 1; ; round++) {
    const before = await newestTransfer(reader)
    const facts = await readFacts(reader, needs)
    const verdicts = judgeAll(expectations, facts, chart)
    const failed = verdicts.filter(({ok}) => !ok).length
    if (failed > 0 && round < ROUNDS_MAX && (await newestTransfer(reader)) !== before) continue
    return {
      database: {id: database.id, name: database.name},
      passed: verdicts.length - failed,
      failed,
      expectations: verdicts,
    }
  }
}

function judgeAll(expectations: readonly Expectation[], facts: Facts, chart: Chart | undefined): Verdict[] {
  const wrong: string[] = []
  const verdicts = expectations.flatMap((expectation) => {
    try {
      return [judge(expectation, facts, chart)]
    } catch (error) {
      wrong.push(sentenceOf(expectation.text, error))
      return []
    }
  })
  if (wrong.length > 0) throw notExpectations(wrong)
  return verdicts
}

async function readFacts(reader: BookReader, needs: Needs): Promise<Facts> {
  const now = BigInt(Date.now()) * 1_000_000n
  const accounts = new Map<bigint, Account>()
  if (needs.allAccounts) {
    for await (const page of accountPages(reader)) for (const account of page) accounts.set(account.id, account)
  } else for (const [id, account] of await accountsById(reader, needs.ids)) accounts.set(id, account)
  const holds = new Holds()
  let transfers = 0
  if (needs.pending || needs.transfers) {
    for await (const page of transferPages(reader)) {
      transfers += page.length
      for (const transfer of page) {
        holds.lapse(transfer.timestamp)
        holds.take(transfer)
      }
    }
    holds.lapse(now)
  }
  return {accounts, pending: holds.open().map(({transfer}) => transfer), transfers, now}
}
