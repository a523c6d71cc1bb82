import {existsSync, readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {cachedDataVersionTag} from 'node:v8'
import {Script} from 'node:vm'
import {asksForCompletion, asksForHelp} from './asked.js'
import {cachePath, readCodeCache, writeCodeCache} from './code-cache.js'
import {dropRelativeFolders} from './environment.js'
import {folder} from './folders.js'

/** Put in by the build. */
declare const PARIX_BUNDLE_HASH: string
declare const PARIX_NAME_AND_VERSION: string
declare const PARIX_TOPICS: string[]

/** Runs the CLI of `dist`: the version at once, help from a small bundle, everything else from the whole one. */
export function start(dist: string): void {
  dropRelativeFolders(process.env)
  process.stdout.on('error', outputFailed)
  run(process.argv.slice(2), dist).catch(sayFatal)
}

/** `parix --help | head -1`: a reader that has enough is no error. A full disk is. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') sayFatal(new Error(`The output could not be written: ${error.message}`))
}

/** What no command could show. */
function sayFatal(error: Error): void {
  process.stderr.write(`Error: ${error.message}\n`)
  if (process.env.DEBUG) process.stderr.write(`${error.stack}\n`)
  process.exitCode = 1
}

async function run(argv: string[], dist: string): Promise<void> {
  const plain = !existsSync(join(folder('data'), 'package.json'))
  if (plain && versionAlone(argv)) {
    process.stdout.write(`${PARIX_NAME_AND_VERSION} ${process.platform}-${process.arch} node-${process.version}\n`)
    return
  }
  const build = join(dist, PARIX_BUNDLE_HASH)
  if (plain && (asksForCompletion(argv) || asksForHelp(argv) || PARIX_TOPICS.includes(argv.join(':')))) {
    const {answer} = loadBundle(join(build, 'at-once.cjs'), 'help') as {answer: (argv: string[]) => Promise<void>}
    return answer(argv)
  }
  const {main} = loadBundle(join(build, 'parix.cjs'), partOf(argv)) as {
    main: (argv: string[], root: string) => Promise<void>
  }
  return main(argv, dirname(dist))
}

/** WSL, and Node on 32-bit Windows, have names of their own in oclif. */
function versionAlone([first]: string[]): boolean {
  if (first !== '--version' && first !== '-v') return false
  const plain = process.platform === 'linux' || process.platform === 'darwin'
  return plain && process.env.WSL_DISTRO_NAME === undefined
}

/** Each command has a cache of its own, named by its words. */
function partOf(argv: string[]): string {
  const words = argv.slice(0, 2).filter((word) => /^[a-z][a-z-]{0,40}$/.test(word))
  return words.join('.') || 'other'
}

function loadBundle(path: string, part: string): unknown {
  const source = readFileSync(path, 'latin1')
  const disabled = process.env.PARIX_NO_CODE_CACHE
  const cacheFile = disabled
    ? undefined
    : cachePath(folder('cache'), {hash: PARIX_BUNDLE_HASH, v8: cachedDataVersionTag(), part})
  const cachedData = cacheFile === undefined ? undefined : readCodeCache(cacheFile)
  const script = new Script(source, {filename: path, ...(cachedData && {cachedData})})
  if (cacheFile !== undefined && (cachedData === undefined || script.cachedDataRejected)) {
    // At the end, when the functions that this command needs have been compiled.
    process.once('exit', () => writeCodeCache(cacheFile, () => script.createCachedData()))
  }
  const module = {exports: {}}
  const importer = (specifier: string) =>
    import(specifier.startsWith('./') ? pathToFileURL(join(dirname(path), specifier)).href : specifier)
  const run = script.runInThisContext() as (...values: unknown[]) => void
  run(module.exports, createRequire(path), module, path, dirname(path), importer, pathToFileURL(path).href)
  return module.exports
}
