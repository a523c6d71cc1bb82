import {type ChildProcess, fork} from 'node:child_process'
import {existsSync, readFileSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Manifest, PJSON} from '@oclif/core/interfaces'
import {makeDirectory} from '@parix/files/atomic-write'
import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import {cleanLine} from '@parix/kit/text'
import {sayEarly} from '../runner/say.js'
import {type InstalledPlugin, readPluginList} from '../runner/user-plugins.js'
import {type InstallOptions, npmEnvironment, npmFailure, READ_LIMIT_MS, readLogs, removeTraces} from './npm.js'
import {packageJsonOf} from './source.js'

/** What the engine's process (engine-main.ts) is asked to do. */
export type EngineJob =
  | {do: 'read'; root: string}
  | {do: 'end'}
  | {
      do: 'install' | 'link'
      /** Of plugin-plugins' command. */
      words: string[]
      /** Where plugin-plugins keeps its list, and npm installs. */
      directory: string
      cli: {root: string; pjson: PJSON}
      /** Those whose hooks run. */
      plugins: {name: string; type: 'user' | 'link'; root: string}[]
    }

export interface EngineReply {
  contents?: PluginContents
  error?: {message: string; code?: string; exit?: number}
}

export interface PluginContents {
  name: string
  version: string
  /** Whether its package.json has an `oclif`. */
  valid: boolean
  hooks: string[]
  manifest: Manifest
}

/**
 * Installs `spec` (`name@range`, `file:…`, an address) by @oclif/plugin-plugins into `directory`, which is new. Its list of
 * plugins, and npm's node_modules, are there and nowhere else. The process that installed it reads it, too.
 *
 * @param isWanted whether the plugin, of which nothing has been evaluated but by plugin-plugins, is to be read
 * @returns the entry for the list of plugins, and what is in the plugin if it is wanted
 * @throws ParixError that tells whether the registry, the package or its version is the problem; what `isWanted` throws
 */
export async function installInto(
  directory: string,
  spec: string,
  options: InstallOptions,
  isWanted: (entry: InstalledPlugin) => boolean,
): Promise<{entry: InstalledPlugin; contents?: PluginContents}> {
  const {verbose = false, force = false, timeoutMs, dataDir, cli} = options
  makeDirectory(directory)
  const words = [spec, ...(force ? ['--force'] : []), verbose ? '--verbose' : '--silent']
  const job = {do: 'install' as const, words, directory, cli, plugins: withHooks(dataDir)}
  return withEngine({env: npmEnvironment(options, directory), verbose}, async (engine) => {
    try {
      const {error} = await engine(job, timeoutMs)
      if (error !== undefined) throw npmFailure(spec, error, readLogs(directory))
    } finally {
      removeTraces(directory)
    }
    const [plugin] = readPluginList(directory).plugins
    if (plugin === undefined) throw new ParixError('FAILED', `npm installed nothing for ${spec}.`)
    const root = join(directory, 'node_modules', ...plugin.name.split('/'))
    const entry = {...plugin, root}
    return isWanted(entry) ? {entry, contents: await contentsAt(root, engine)} : {entry}
  })
}

/**
 * The entry that plugin-plugins makes for a directory that is used as it is, and what is in it. Nothing is installed in it.
 *
 * @param check throws where that is not to be linked
 */
export async function linkEntry(
  root: string,
  options: Pick<InstallOptions, 'cli' | 'dataDir' | 'environment'>,
  check: (contents: PluginContents) => void,
): Promise<{entry: InstalledPlugin; contents: PluginContents}> {
  const {cli, dataDir, environment} = options
  const {PARIX_API_KEY: _key, ...env} = environment
  return withEngine({env}, async (engine) => {
    const contents = await contentsAt(root, engine)
    check(contents)
    const directory = join(dataDir, 'plugins', `.link-${process.pid}`)
    makeDirectory(directory)
    try {
      const words = [root, '--no-install']
      const {error} = await engine({do: 'link', words, directory, cli, plugins: []}, READ_LIMIT_MS)
      if (error !== undefined) throw broken(root, error.message)
      return {entry: readPluginList(directory).plugins[0]!, contents}
    } finally {
      rmSync(directory, {recursive: true, force: true})
    }
  })
}

/**
 * Loads the plugin in `root`, in a process of its own, and returns what is in it.
 *
 * @throws ParixError BAD_INPUT when it is not a plugin, or can't be loaded
 */
export async function readContents(root: string): Promise<PluginContents> {
  const {PARIX_API_KEY: _key, ...env} = process.env
  return withEngine({env}, (engine) => contentsAt(root, engine))
}

async function contentsAt(root: string, engine: Engine): Promise<PluginContents> {
  packageJsonOf(root)
  const {contents, error} = await engine({do: 'read', root}, READ_LIMIT_MS)
  if (contents === undefined) throw broken(nameAt(root), error?.message ?? 'it exits while it is loaded')
  if (contents.valid) return contents
  throw new ParixError('BAD_INPUT', `${contents.name} is not a plugin: its package.json has no "oclif".`, {
    code: 'not_a_plugin',
    next: plainCommand('plugins create', {flags: {help: true}}),
  })
}

function broken(name: string, message: string): ParixError {
  return new ParixError('BAD_INPUT', `${name} can't be loaded: ${cleanLine(message.split('\n')[0]!)}`, {
    code: 'plugin_broken',
  })
}

function nameAt(root: string): string {
  try {
    return String((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {name?: unknown}).name ?? root)
  } catch {
    return root
  }
}

/** Does a job. @throws ParixError UNAVAILABLE when it takes longer than `timeoutMs`; what it started is stopped with it */
type Engine = (job: EngineJob, timeoutMs: number) => Promise<EngineReply>

interface EngineOptions {
  env: NodeJS.ProcessEnv
  /** Shows what npm and plugins print. */
  verbose?: boolean
}

/** Starts the engine's process for `work`, which gives it one job after another. */
async function withEngine<T>({env, verbose = false}: EngineOptions, work: (engine: Engine) => Promise<T>): Promise<T> {
  const ownGroup = process.platform !== 'win32'
  const child = fork(enginePath(), {env, execArgv: [], detached: ownGroup, stdio: ['ignore', 'pipe', 'pipe', 'ipc']})
  // The output of npm and of plugins is never part of the result.
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      if (verbose) sayEarly(chunk.toString('utf8'))
    })
  }
  const stop = () => stopGroup(child, ownGroup)
  process.once('exit', stop)
  let failure: Error | undefined
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', (error) => {
      failure = error
      resolve()
    })
  })
  try {
    return await work(async (job, timeoutMs) => {
      let late = false
      const timer = setTimeout(() => {
        late = true
        stop()
      }, timeoutMs)
      const reply = new Promise<EngineReply>((resolve) => child.once('message', resolve))
      // One that has just ended takes no message: that it is closed says so.
      child.send(job, () => {})
      const ended = closed.then((): EngineReply => ({error: {message: 'it exits while it is loaded'}}))
      const first = await Promise.race([reply, ended]).finally(() => clearTimeout(timer))
      if (failure !== undefined) throw failure
      if (!late) return first
      throw new ParixError('UNAVAILABLE', `It took longer than ${Math.round(timeoutMs / 1000)} s, and was stopped.`, {
        code: 'plugin_timeout',
        retryable: true,
      })
    })
  } finally {
    // That the parent disconnects would not count as closed.
    if (child.connected) child.send({do: 'end'} satisfies EngineJob, () => {})
    const timer = setTimeout(stop, READ_LIMIT_MS)
    await closed
    clearTimeout(timer)
    process.removeListener('exit', stop)
  }
}

function stopGroup({pid}: ChildProcess, ownGroup: boolean): void {
  if (pid === undefined) return
  try {
    process.kill(ownGroup ? -pid : pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/** A file beside the bundle; the compiled module in a checkout. */
function enginePath(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  const bundled = join(here, 'plugin-engine.cjs')
  return existsSync(bundled)
    ? bundled
    : join(here, 'engine-main.js').replace(/([\\/])src([\\/]plugins[\\/])/, '$1lib$2')
}

/** Installed plugins whose hooks may look at what is installed, and refuse it. */
function withHooks(dataDir: string) {
  if (process.env.PARIX_NO_PLUGINS) return []
  return readPluginList(dataDir).plugins.flatMap(({name, type, root}) =>
    root === undefined ? [] : [{name, type, root}],
  )
}
