import {spawn} from 'node:child_process'
import {excerpt} from '@parix/kit/text'
import type {Catalog} from '../help/catalog.js'
import {usableCacheDirectory} from '../runner/directories.js'
import {readChartNames} from './chart-names.js'
import {complete} from './complete.js'
import {identity, mayLook, readNames} from './database-names.js'

/** PowerShell before 7.3 drops an empty argument: its script sends this in its place. */
const EMPTY = '__empty__'

/** Shells show one line of it. */
const DESCRIPTION_MAX = 300

/** The answer to `parix __complete WORD…`: one candidate a line, its description behind a tab. */
export function completionText(catalog: Catalog, words: string[]): string {
  const plain = words.map((word) => (word === EMPTY ? '' : word))
  return complete(catalog, plain, {databases: databaseNames, chart: () => readChartNames(plain)})
    .map(({word, description}) => (description ? `${word}\t${excerpt(description, DESCRIPTION_MAX)}\n` : `${word}\n`))
    .join('')
}

/** From the cache; where that is old, a process of its own looks, and this key press does not wait for it. */
function databaseNames(): string[] {
  const who = identity(process.env)
  const cacheFolder = usableCacheDirectory()
  if (who === undefined || cacheFolder === undefined) return []
  const {names, fresh} = readNames(cacheFolder, who)
  if (!fresh && mayLook(cacheFolder)) {
    const look = [process.argv[1]!, 'completion', 'refresh', '--no-input', '--quiet']
    spawn(process.execPath, look, {detached: true, stdio: 'ignore'}).unref()
  }
  return names
}
