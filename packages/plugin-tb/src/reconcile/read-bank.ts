/** The lines of a bank's CSV file, all of them checked before anything is read from the database. */

import {type BankFormat, bankLineReader} from '@parix/books/bank-lines'
import type {BankLine} from '@parix/books/reconcile'
import {ParixError} from '@parix/kit/errors'
import type {Terminal} from '@parix/kit/output'
import {openRows} from '../import/read-rows.js'
import {withFile} from '../input/spool.js'
import {createProblems} from '../records/problems.js'

/** @param file a path, or `-` for stdin @throws ParixError BAD_INPUT with every line that can't be read */
export function readBank(file: string, format: BankFormat, terminal: Terminal): Promise<BankLine[]> {
  return withFile(file, terminal, (name, path) => readFile(name, path, format))
}

async function readFile(name: string, path: string, format: BankFormat): Promise<BankLine[]> {
  const rows = await openRows({name, path, format: 'csv'})
  const read = bankLineReader(format, rows.header ?? [])
  const problems = createProblems()
  const lines: BankLine[] = []
  for await (const chunk of rows.rows(rows.first)) {
    for (const {line, cells, fault} of chunk) {
      if (cells === undefined) problems.add(`${name} line ${line} ${fault}`)
      else {
        const before = problems.count
        const bank = problems.collect(() => attempt(name, line, () => read(line, cells)))
        if (problems.count === before) lines.push(bank!)
      }
    }
  }
  problems.throwIfAny(name)
  if (lines.length === 0) throw new ParixError('BAD_INPUT', `${name} has no lines.`)
  return lines
}

function attempt<T>(name: string, line: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ParixError)) throw error
    throw new ParixError(error.kind, `${name} line ${line}: ${error.message}`, error.details)
  }
}
