/**
 * Which chart of accounts a command uses, read once and compiled once.
 *
 * Compiling YAML costs 0.3 ms of CPU per account, so the compiled form is kept in the cache directory under the digest of
 * everything that it was made from: the chart and the files of names that it refers to. A changed file has another digest.
 */

import {createHash} from 'node:crypto'
import {readdirSync, rmSync, statSync} from 'node:fs'
import {basename, dirname, isAbsolute, join} from 'node:path'
import {Chart, type CompiledChart, type IdForm} from '@parix/books/chart'
import {assertMatchesLock, type ChartLock, readLock} from '@parix/books/chart/lock'
import {makeDirectory, replaceFile} from '@parix/files/atomic-write'
import {isFileError} from '@parix/files/errors'
import {cacheDirectory, type Environment} from '@parix/files/paths'
import {readPrivateText} from '@parix/files/read-private-file'
import {CHART_BYTES_MAX, type ChartNames, type ChartQuestion, chartNamesFile, findChart} from '@parix/kit/chart-names'
import {ParixError} from '@parix/kit/errors'

export const LOCK_FILE = 'parix.chart.lock.json'
const NAMES_BYTES_MAX = 256 * 1024 * 1024
/** Compiled charts beyond this number are removed, oldest first. */
const CACHED_MAX = 20
/** Names of a chart that completion offers, at most: beyond, it would be slow and the list of no use. */
const OFFERED_MAX = 20_000
/** Raised whenever the compiled form changes. */
const FORMAT = 'parix-chart/2'

export interface LoadedChart {
  chart: Chart
  path: string
  lock: ChartLock | undefined
  lockPath: string
  /** The chart as it is written. */
  text: string
  /** The files of names that it refers to, by their names. */
  names: ReadonlyMap<string, string>
}

/**
 * The chart that a command uses, checked against the scale lock beside it; undefined where there is none.
 *
 * @throws ParixError BAD_INPUT when the chart is wrong, can't be read, belongs to another user, or a scale has changed
 */
export async function loadChart(
  question: ChartQuestion & {idForm?: IdForm | undefined},
): Promise<LoadedChart | undefined> {
  const path = findChart(question)
  if (path === undefined) return undefined
  const text = readText(path, CHART_BYTES_MAX)
  if (text === undefined) throw new ParixError('BAD_INPUT', `There is no chart ${path}.`, {code: 'no_chart'})
  const {compiled, names} = await compiledChart(path, text, question.environment)
  const lockPath = join(dirname(path), LOCK_FILE)
  const lockText = readText(lockPath, CHART_BYTES_MAX)
  const lock = lockText === undefined ? undefined : readLock(lockPath, lockText)
  if (lock !== undefined) assertMatchesLock(compiled, lock)
  return {chart: new Chart(compiled, question.idForm), path, lock, lockPath, text, names}
}

/** What is used where there is no chart file, but a form of ids was asked for: it names nothing. */
export function emptyChart(idForm: IdForm): Chart {
  const none = {account: {}, transfer: {}}
  const lists = {ledgers: [], accounts: [], patterns: []}
  return new Chart({version: 1, ...lists, codes: none, userData: none, types: {}, imports: {}}, idForm)
}

async function compiledChart(
  path: string,
  text: string,
  environment: Environment,
): Promise<{compiled: CompiledChart; names: Map<string, string>}> {
  const names = new Map<string, string>()
  const readNames = (file: string) => {
    const known = names.get(file)
    if (known !== undefined) return known
    const read = readNamesFile(path, file)
    names.set(file, read)
    return read
  }
  // The files of names are found without the YAML parser, so that the digest covers them before anything is compiled.
  for (const [, file = ''] of text.matchAll(/\bnames"?\s*:\s*["']?([^"',}\s#][^"',}\n#]*?)["']?\s*(?:[,}\n#]|$)/g)) {
    try {
      readNames(file)
    } catch {
      // Reported with its line and column by the compiler.
    }
  }
  const digest = createHash('sha256').update(`${FORMAT}\0${text}`)
  for (const [file, content] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) digest.update(`\0${file}\0${content}`)
  const cached = cachePath(environment, digest.digest('hex'))
  const known = cached === undefined ? undefined : readCached(cached)
  if (known !== undefined) return {compiled: known, names}
  const covered = names.size
  const {compileChart} = await import('@parix/books/chart/compile')
  const compiled = compileChart(text, {file: basename(path), readNames})
  // A file of names that was only found by the parser is not in the digest.
  if (cached !== undefined && names.size === covered) writeCached(cached, compiled)
  writeNames(text, compiled, environment)
  return {compiled, names}
}

/** A file that the chart names lies beside it or below: a chart in a repository must not read elsewhere. */
function readNamesFile(chart: string, file: string): string {
  if (isAbsolute(file) || file.split(/[\\/]/).includes('..'))
    throw new Error(`${file} must be in the chart's directory or below it.`)
  const text = readText(join(dirname(chart), file), NAMES_BYTES_MAX)
  if (text === undefined) throw new Error(`there is no file ${file} beside the chart.`)
  return text
}

/** A chart decides what names mean, and so where money goes: whoever else may write to it is not believed. */
function readText(path: string, bytesMax: number): string | undefined {
  try {
    return readPrivateText(path, {bytesMax, trust: {root: true, group: true}})
  } catch (error) {
    if (!isFileError(error)) throw error
    throw new ParixError('BAD_INPUT', error.message, {code: 'chart_unreadable', cause: error})
  }
}

function cachePath(environment: Environment, digest: string): string | undefined {
  const directory = attempt(() => cacheDirectory(environment))
  return directory === undefined ? undefined : join(directory, 'charts', `${digest}.json`)
}

/** A cache that can't be used is not a reason to fail: the chart is compiled again. */
function readCached(path: string): CompiledChart | undefined {
  try {
    const text = readPrivateText(path, {bytesMax: NAMES_BYTES_MAX, secret: false})
    const value = text === undefined ? undefined : (JSON.parse(text) as {digest?: unknown; chart?: CompiledChart})
    // The name is the digest of the source; the contents say which source they were made from.
    return value?.digest === basename(path, '.json') ? value.chart : undefined
  } catch {
    return undefined
  }
}

function writeCached(path: string, chart: CompiledChart): void {
  keep(path, JSON.stringify({digest: basename(path, '.json'), chart}))
}

/** Writes down what completion offers of a chart, which neither parses YAML nor loads this package. */
export function writeNames(text: string, chart: CompiledChart, environment: Environment): void {
  const listed = chart.patterns.flatMap(({prefix, ids}) =>
    ids.kind === 'hash' ? ids.names.slice(0, OFFERED_MAX).map((name) => prefix + name) : [prefix],
  )
  const names: ChartNames = {
    accounts: [...chart.accounts.map(({name}) => name), ...listed].slice(0, OFFERED_MAX),
    ledgers: chart.ledgers.map(({name}) => name),
    codes: {account: Object.keys(chart.codes.account), transfer: Object.keys(chart.codes.transfer)},
  }
  const directory = attempt(() => cacheDirectory(environment))
  if (directory !== undefined) keep(chartNamesFile(directory, text), JSON.stringify(names))
}

/** A cache that can't be written is not a reason to fail. */
function keep(path: string, content: string): void {
  attempt(() => {
    const directory = dirname(path)
    makeDirectory(directory)
    replaceFile(path, content, 0o600)
    const byAge = readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => ({path: join(directory, name), modified: statSync(join(directory, name)).mtimeMs}))
      .sort((a, b) => b.modified - a.modified)
    for (const {path: old} of byAge.slice(CACHED_MAX)) rmSync(old, {force: true})
  })
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
