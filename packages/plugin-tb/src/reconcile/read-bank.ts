/** The lines of a bank's CSV file, all of them checked before anything is read from the database. */

import {createWriteStream, mkdtempSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {type BankFormat, bankLineReader} from '@parix/books/bank-lines'
import type {BankLine} from '@parix/books/reconcile'
import {currentDirectory} from '@parix/files/paths'
import {ParixError} from '@parix/kit/errors'
import {openRows} from '../import/read-rows.js'
import {createProblems} from '../records/problems.js'

/** @param file a path, or `-` for stdin @throws ParixError BAD_INPUT with every line that can't be read */
export async function readBank(file: string, format: BankFormat): Promise<BankLine[]> {
  if (file !== '-') {
    const found = statSync(file, {throwIfNoEntry: false})
    if (!found?.isFile()) throw new ParixError('BAD_INPUT', `There is no file ${file}.`, {code: 'no_file'})
    return readFile(file, resolve(currentDirectory(), file), format)
  }
  const directory = mkdtempSync(join(tmpdir(), 'parix-bank-'))
  try {
    const path = join(directory, 'stdin.csv')
    await pipeline(process.stdin, createWriteStream(path, {mode: 0o600}))
    return await readFile('stdin', path, format)
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
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
