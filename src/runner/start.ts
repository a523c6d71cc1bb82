import {existsSync, readFileSync, writeSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {Script} from 'node:vm'
import {beforeDoubleDash} from '@parix/kit/shell-words'
import {cachePath, readCodeCache, writeCodeCache} from './code-cache.js'
import {dropRelativeDirectories, pluginDirectory, usableCacheDirectory} from './directories.js'
import {type Guard, guardProcess, silenceDebug} from './guard.js'
import {sayLargeFile} from './large-file.js'

/** This file is CommonJS when it is built. */
declare const require: NodeJS.Require
/** Put in by the build. */
declare const PARIX_BUNDLE_HASH: string
declare const PARIX_NAME_AND_VERSION: string
/** Ids of topics that are not commands, and of commands. */
declare const PARIX_TOPICS: string[]
declare const PARIX_COMMANDS: string[]

/** Runs the CLI of `dist`: the version at once, help from a small bundle, everything else from the whole one. */
export function start(dist: string): void {
  const argv = process.argv.slice(2)
  const guard = guardProcess(argv)
  silenceDebug(process.env)
  dropRelativeDirectories(process.env)
  // What it rejects with goes to the guard, as all that nobody catches.
  void run(argv, dist, guard).then(guard.finished)
}

/** `parix --help | head -1`: a reader that has enough is not an error. A full disk is. */
function outputFailed(guard: Guard, error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') guard.failed(`The output could not be written: ${error.message}`)
}

async function run(argv: string[], dist: string, guard: Guard): Promise<void> {
  const plugins = process.env.PARIX_NO_PLUGINS ? undefined : pluginDirectory()
  const plain = plugins === undefined || !existsSync(join(plugins, 'package.json'))
  if (plain && versionAlone(argv)) {
    const text = `${PARIX_NAME_AND_VERSION} ${process.platform}-${process.arch} node-${process.version}\n`
    try {
      // Node takes longer to make the stream than for all else that happens here.
      writeSync(1, text)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') process.stdout.write(text)
      else outputFailed(guard, error as NodeJS.ErrnoException)
    }
    return
  }
  process.stdout.on('error', (error) => outputFailed(guard, error))
  const build = join(dist, PARIX_BUNDLE_HASH)
  if (plain && (argv[0] === '__complete' || asksForHelp(argv) || PARIX_TOPICS.includes(argv.join(':')))) {
    const {answer} = loadBundle(join(build, 'help.cjs'), helpPartOf(argv)) as {
      answer: (argv: string[]) => Promise<void>
    }
    return answer(argv)
  }
  const part = partOf(argv)
  // What plugins say would be written beside it.
  if (plain) sayLargeFile(part, argv, (file) => (require('node:tty') as typeof import('node:tty')).isatty(file))
  const {main} = loadBundle(join(build, 'parix.cjs'), part) as {
    main: (argv: string[], root: string, guard: Guard) => Promise<void>
  }
  return main(argv, dirname(dist), guard)
}

/** No words at all, or `-h` or `--help` before any `--`. */
function asksForHelp(argv: string[]): boolean {
  return argv.length === 0 || beforeDoubleDash(argv).some((word) => word === '--help' || word === '-h')
}

/** WSL, and Node on 32-bit Windows, have names of their own in oclif. */
function versionAlone([first, second]: string[]): boolean {
  if ((first !== '--version' && first !== '-v') || second !== undefined) return false
  const plain = process.platform === 'linux' || process.platform === 'darwin'
  return plain && process.env.WSL_DISTRO_NAME === undefined
}

/** Completion, help of the whole and help of one topic or command run different functions: each has a cache of its own. */
function helpPartOf([first]: string[]): string {
  if (first === '__complete') return 'help-completion'
  return first === undefined || first.startsWith('-') ? 'help-bundle' : 'help-topic'
}

/** Each command has a cache of its own, by its id (the small bundle has one beside that of `parix help`); what is not a command shares one, so that a typo leaves nothing behind. */
function partOf(argv: string[]): string {
  const words = argv.filter((word) => !word.startsWith('-')).flatMap((word) => word.split(':'))
  for (let length = Math.min(words.length, 4); length > 0; length -= 1) {
    const id = words.slice(0, length).join(':')
    if (PARIX_COMMANDS.includes(id)) return id.replaceAll(':', '.')
  }
  return 'other'
}

function loadBundle(path: string, part: string): unknown {
  return evaluated(path, part, requireBeside(dirname(path)))
}

/** What a file of the build exports. It is one function (scripts/build/bundle.ts, `asFunction`), whose compiled code is kept as `part`. */
function evaluated(path: string, part: string, beside: NodeJS.Require): unknown {
  const module = {exports: {}}
  const run = compiled(path, part).runInThisContext() as (...values: unknown[]) => void
  run(module.exports, beside, module, path, dirname(path), (specifier: string) => load(specifier, beside), {
    // Of `import.meta`: few ask for it, and it takes a parser of URLs.
    get url() {
      return pathToFileURL(path).href
    },
  })
  return module.exports
}

function compiled(path: string, part: string): Script {
  const source = readFileSync(path, 'latin1')
  const directory = process.env.PARIX_NO_CODE_CACHE ? undefined : usableCacheDirectory()
  const cacheFile = directory && cachePath(directory, {hash: PARIX_BUNDLE_HASH, part})
  const cachedData = cacheFile === undefined ? undefined : readCodeCache(cacheFile)
  const script = new Script(source, {filename: path, ...(cachedData && {cachedData})})
  if (cacheFile !== undefined && (cachedData === undefined || script.cachedDataRejected)) {
    // At the end, when the functions that this command needs have been compiled.
    process.once('exit', () => writeCodeCache(cacheFile, () => script.createCachedData()))
  }
  return script
}

/**
 * What `import()` gives. A part that lies beside the bundle has exports as CommonJS has them.
 */
async function load(specifier: string, beside: NodeJS.Require): Promise<unknown> {
  if (!specifier.startsWith('./')) return import(specifier)
  const exports = beside(specifier) as object
  return Object.create(exports, {default: {value: exports}})
}

/**
 * As `createRequire` of the bundle, but for the time that `node:module` takes to load. Packages are found from here as from there;
 * a part that lies beside it is evaluated once, with code that is kept for all commands that ask for it.
 */
function requireBeside(directory: string): NodeJS.Require {
  const parts = new Map<string, unknown>()
  const beside = (specifier: string) => {
    if (!specifier.startsWith('./')) return require(specifier)
    if (!parts.has(specifier))
      parts.set(specifier, evaluated(join(directory, specifier), partName(specifier), resolver))
    return parts.get(specifier)
  }
  const resolver: NodeJS.Require = Object.assign(beside, require)
  return resolver
}

/** No command has a `-` in front: the code of a part is never taken for that of a command. */
function partName(specifier: string): string {
  return `-${basename(specifier, '.cjs')}`
}
