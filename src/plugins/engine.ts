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
 * plugins, and npm's node_modules, are there and nowhere else.
 *
 * @returns the entry for the list of plugins
 * @throws ParixError that tells whether the registry, the package or its version is the problem
 */
export async function installInto(directory: string, spec: string, options: InstallOptions): Promise<InstalledPlugin> {
  const {verbose = false, force = false, timeoutMs, dataDir, cli} = options
  makeDirectory(directory)
  const words = [spec, ...(force ? ['--force'] : []), verbose ? '--verbose' : '--silent']
  const job = {do: 'install' as const, words, directory, cli, plugins: withHooks(dataDir)}
  try {
    const {error} = await runEngine(job, {env: npmEnvironment(options, directory), timeoutMs, verbose})
    if (error !== undefined) throw npmFailure(spec, error, readLogs(directory))
  } finally {
    removeTraces(directory)
  }
  const [plugin] = readPluginList(directory).plugins
  if (plugin === undefined) throw new ParixError('FAILED', `npm installed nothing for ${spec}.`)
  return {...plugin, root: join(directory, 'node_modules', ...plugin.name.split('/'))}
}

/** The entry that plugin-plugins makes for a directory that is used as it is. Nothing is installed in it. */
export async function linkEntry(
  root: string,
  options: Pick<InstallOptions, 'cli' | 'dataDir' | 'environment'>,
): Promise<InstalledPlugin> {
  const {cli, dataDir, environment} = options
  const directory = join(dataDir, 'plugins', `.link-${process.pid}`)
  makeDirectory(directory)
  try {
    const words = [root, '--no-install']
    const {error} = await runEngine(
      {do: 'link', words, directory, cli, plugins: []},
      {env: environment, timeoutMs: READ_LIMIT_MS},
    )
    if (error !== undefined) throw broken(root, error.message)
    return readPluginList(directory).plugins[0]!
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}

/**
 * Loads the plugin in `root`, in a process of its own, and returns what is in it.
 *
 * @throws ParixError BAD_INPUT when it is not a plugin, or can't be loaded
 */
export async function readContents(root: string): Promise<PluginContents> {
  packageJsonOf(root)
  const {PARIX_API_KEY: _key, ...env} = process.env
  const {contents, error} = await runEngine({do: 'read', root}, {env, timeoutMs: READ_LIMIT_MS})
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

interface RunOptions {
  env: NodeJS.ProcessEnv
  timeoutMs: number
  verbose?: boolean
}

/** @throws ParixError UNAVAILABLE when it takes longer than `timeoutMs`; what it started is stopped with it */
async function runEngine(job: EngineJob, {env, timeoutMs, verbose = false}: RunOptions): Promise<EngineReply> {
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
  let late = false
  const timer = setTimeout(() => {
    late = true
    stop()
  }, timeoutMs)
  try {
    const reply = await new Promise<EngineReply>((resolve, reject) => {
      let answer: EngineReply = {error: {message: 'it exits while it is loaded'}}
      child.on('message', (message: EngineReply) => {
        answer = message
      })
      child.once('error', reject)
      child.once('close', () => resolve(answer))
      child.send(job)
    })
    if (!late) return reply
    throw new ParixError('UNAVAILABLE', `It took longer than ${Math.round(timeoutMs / 1000)} s, and was stopped.`, {
      code: 'plugin_timeout',
      retryable: true,
    })
  } finally {
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
