/** `parix test`: files of tests, the chart that each is about, and the database that its tests begin with. */

import {mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {readTestFile, type TestFile} from '@parix/books/test-file'
import {currentDirectory} from '@parix/files/paths'
import {ParixError} from '@parix/kit/errors'
import {readNamedText} from '@parix/kit/named-file'
import type {Terminal} from '@parix/kit/output'
import type {Account} from '@parix/ledger'
import {accountPages, type BookReader, transferPages} from '../books/read-books.js'
import {Replay} from '../books/replay.js'
import {loadChart} from '../chart/load-chart.js'
import type {ChartFlagValues} from '../tb-command.js'
import type {FileResult} from './report-tests.js'
import {type Base, runTests} from './run-tests.js'

/** 2026-01-01: tests that begin with nothing always have the same times. */
const START = 1_767_225_600_000_000_000n

/** The files that were named, else every `*.test.yaml` of the directory. @throws ParixError USAGE where there is none */
export function testFiles(named: readonly string[]): string[] {
  if (named.length > 0) return [...named]
  const found = readdirSync(currentDirectory())
    .filter((name) => /\.test\.ya?ml$/.test(name))
    .sort()
  if (found.length > 0) return found
  throw new ParixError('USAGE', 'There is no *.test.yaml here. Name a file of tests.', {code: 'no_tests'})
}

export interface ReadFile {
  path: string
  tests: TestFile
}

/** All files, before the first test runs. @throws ParixError BAD_INPUT with line and column of what is wrong */
export async function readTestFiles(paths: readonly string[], terminal: Terminal): Promise<ReadFile[]> {
  const files: ReadFile[] = []
  for (const path of paths) files.push({path, tests: readTestFile(await readNamedText(path, {terminal}), path)})
  return files
}

/** @param copyOf reads the database that a file names */
export async function runFile(
  {path, tests}: ReadFile,
  flags: ChartFlagValues,
  copyOf: (database: string, work: (reader: BookReader) => Promise<FileResult>) => Promise<FileResult>,
): Promise<FileResult> {
  const here = currentDirectory()
  const directory = dirname(resolve(here, path))
  const loaded = await loadChart({
    flag: flags.chart === undefined ? tests.chart && resolve(directory, tests.chart) : resolve(here, flags.chart),
    none: flags['no-chart'] === true,
    environment: process.env,
    cwd: directory,
  })
  const run = async (base: Base) => ({file: path, tests: await runTests(tests, loaded?.chart, base)})
  if (tests.database === undefined) return run({directory: undefined, now: START})
  return copyOf(tests.database, (reader) => withCopy(reader, run))
}

/** Executes the history of a database again in a ledger on disk, of which each test takes a copy. */
async function withCopy(reader: BookReader, work: (base: Base) => Promise<FileResult>): Promise<FileResult> {
  const parent = mkdtempSync(join(tmpdir(), 'parix-test-'))
  try {
    const directory = join(parent, 'ledger')
    const accounts: Account[] = []
    for await (const page of accountPages(reader)) accounts.push(...page)
    const replay = await Replay.open(directory)
    const now = BigInt(Date.now()) * 1_000_000n
    try {
      replay.accounts(accounts)
      for await (const page of transferPages(reader)) await replay.transfers(page)
      const findings = await replay.compare(new Map(), now)
      if (findings.length > 0)
        throw new ParixError('FAILED', `The database could not be copied: ${findings[0]!.message}.`, {
          code: 'not_copied',
        })
    } finally {
      await replay.close()
    }
    return await work({directory, now})
  } finally {
    rmSync(parent, {recursive: true, force: true})
  }
}
