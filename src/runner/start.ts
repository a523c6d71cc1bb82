import {existsSync, readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {cachedDataVersionTag} from 'node:v8'
import {Script} from 'node:vm'
import {cachePath, readCodeCache, writeCodeCache} from './code-cache.js'
import {folder} from './folders.js'

/** Put in by the build. */
declare const PARIX_BUNDLE_HASH: string
declare const PARIX_NAME_AND_VERSION: string

/** Runs the CLI of `dist`: the version at once, everything else from the bundle, compiled from the cache where there is one. */
export function start(dist: string): void {
  const argv = process.argv.slice(2)
  if (versionAlone(argv)) {
    process.stdout.write(`${PARIX_NAME_AND_VERSION} ${process.platform}-${process.arch} node-${process.version}\n`)
    return
  }
  const {main} = loadBundle(join(dist, PARIX_BUNDLE_HASH, 'parix.cjs'), partOf(argv)) as {
    main: (argv: string[], root: string) => Promise<void>
  }
  void main(argv, dirname(dist))
}

/** An installed plugin may have hooks that run before the version is shown; and WSL has a name of its own. */
function versionAlone([first]: string[]): boolean {
  if (first !== '--version' && first !== '-v') return false
  const plain = (process.platform === 'linux' || process.platform === 'darwin') && process.arch !== 'ia32'
  return plain && process.env.WSL_DISTRO_NAME === undefined && !existsSync(join(folder('data'), 'package.json'))
}

/** Each command has a cache of its own, named by its words; help is one part whatever it is about. */
function partOf(argv: string[]): string {
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h')) return 'help'
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
  const wrapped = `(function (exports, require, module, __filename, __dirname, __parixImport, __parixBundleUrl) {${source}\n})`
  const script = new Script(wrapped, {filename: path, ...(cachedData && {cachedData})})
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
