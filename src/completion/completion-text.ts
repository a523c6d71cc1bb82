import {spawn} from 'node:child_process'
import {currentDirectory} from '@parix/files/paths'
import {readPrivateText} from '@parix/files/read-private-file'
import {CHART_BYTES_MAX, type ChartNames, chartNamesFile, findChart} from '@parix/kit/chart-names'
import {excerpt} from '@parix/kit/text'
import type {Catalog} from '../help/catalog.js'
import {usableCacheDirectory} from '../runner/directories.js'
import {complete} from './complete.js'
import {identity, isOffered, mayLook, readNames} from './database-names.js'

/** PowerShell before 7.3 drops an empty argument: its script sends this in its place. */
const EMPTY = '__empty__'

/** Shells show one line of it. */
const DESCRIPTION_MAX = 300

/** The response to `parix __complete WORD…`: one candidate per line, its description after a tab. */
export function completionText(catalog: Catalog, words: string[]): string {
  const plain = words.map((word) => (word === EMPTY ? '' : word))
  return complete(catalog, plain, {databases: databaseNames, chart: () => readChartNames(plain)})
    .map(({word, description}) => (description ? `${word}\t${excerpt(description, DESCRIPTION_MAX)}\n` : `${word}\n`))
    .join('')
}

/** From the cache; where that is old, a process of its own looks, and this key press does not wait for it. */
function databaseNames(): string[] {
  const who = identity(process.env)
  const cacheDir = usableCacheDirectory()
  if (who === undefined || cacheDir === undefined) return []
  const {names, fresh} = readNames(cacheDir, who)
  if (!fresh && mayLook(cacheDir)) {
    const look = [process.argv[1]!, 'completion', 'refresh', '--no-input', '--quiet']
    spawn(process.execPath, look, {detached: true, stdio: 'ignore'}).unref()
  }
  return names
}

/**
 * The names of the chart of accounts that this command line would use. Where no command has compiled it yet, a process of
 * its own does, and this key press does not wait for it.
 */
function readChartNames(words: readonly string[]): ChartNames | undefined {
  const cacheDirectory = usableCacheDirectory()
  if (cacheDirectory === undefined) return undefined
  try {
    const path = findChart({
      flag: flagValue(words, '--chart'),
      none: words.includes('--no-chart'),
      environment: process.env,
      cwd: currentDirectory(),
    })
    const trust = {root: true, group: true}
    const text = path === undefined ? undefined : readPrivateText(path, {bytesMax: CHART_BYTES_MAX, trust})
    if (path === undefined || text === undefined) return undefined
    const names = readPrivateText(chartNamesFile(cacheDirectory, text), {bytesMax: CHART_BYTES_MAX})
    if (names !== undefined) return checked(JSON.parse(names))
    if (mayLook(cacheDirectory, 'chart-names.asked')) compileApart(path)
  } catch {
    // Nothing to offer.
  }
  return undefined
}

function compileApart(path: string): void {
  const command = [process.argv[1]!, 'chart', 'show', '--chart', path, '--no-input', '--quiet']
  spawn(process.execPath, command, {detached: true, stdio: 'ignore'}).unref()
}

function flagValue(words: readonly string[], flag: string): string | undefined {
  const at = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`))
  if (at === -1) return undefined
  return words[at] === flag ? words[at + 1] : words[at]!.slice(flag.length + 1)
}

/** What the shell is given is one word per line, whatever the file holds. */
function checked(value: unknown): ChartNames {
  const {accounts, ledgers, codes} = value as Partial<ChartNames>
  const texts = (list: unknown) => (Array.isArray(list) ? list.map(String).filter(isOffered) : [])
  return {
    accounts: texts(accounts),
    ledgers: texts(ledgers),
    codes: {account: texts(codes?.account), transfer: texts(codes?.transfer)},
  }
}
