import {type ChildProcess, execFile, fork} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {homedir, tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Manifest, PJSON} from '@oclif/core/interfaces'
import {ParixError} from '@parix/kit/errors'
import {cleanLine} from '@parix/kit/text'
import {type InstalledPlugin, readPluginList} from '../runner/user-plugins.js'
import {npmFailure} from './npm-failure.js'

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

export interface InstallOptions {
  cli: {root: string; pjson: PJSON}
  dataFolder: string
  /** Whether packages may run their lifecycle scripts: any code, as this user. */
  allowScripts: boolean
  /** Whether npm may run git. */
  allowGit: boolean
  /** npm fetches anew what it has in its cache. */
  force?: boolean
  /** Shows what npm prints. */
  verbose?: boolean
  timeoutMs: number
  environment: NodeJS.ProcessEnv
}

/**
 * Installs `spec` (`name@range`, `file:…`, an address) by @oclif/plugin-plugins into `directory`, which is new. Its list of
 * plugins, and npm's node_modules, are there and nowhere else.
 *
 * @returns the entry for the list of plugins
 * @throws ParixError that tells whether the registry, the package or its version is the problem
 */
export async function installInto(directory: string, spec: string, options: InstallOptions): Promise<InstalledPlugin> {
  const {verbose = false, force = false, timeoutMs, dataFolder, cli} = options
  mkdirSync(directory, {recursive: true, mode: 0o700})
  const words = [spec, ...(force ? ['--force'] : []), verbose ? '--verbose' : '--silent']
  const job = {do: 'install' as const, words, directory, cli, plugins: withHooks(dataFolder)}
  try {
    const {error} = await runEngine(job, {env: npmEnvironment(options, directory), timeoutMs, verbose})
    if (error !== undefined) throw npmFailure(spec, error, readLogs(join(directory, LOGS)))
  } finally {
    for (const name of [LOGS, USER_SETTINGS]) rmSync(join(directory, name), {recursive: true, force: true})
  }
  const [plugin] = readPluginList(directory).plugins
  if (plugin === undefined) throw new ParixError('FAILED', `npm installed nothing for ${spec}.`)
  return {...plugin, root: join(directory, 'node_modules', ...plugin.name.split('/'))}
}

/** The entry that plugin-plugins makes for a directory that is used as it is. Nothing is installed in it. */
export async function linkEntry(
  root: string,
  options: Pick<InstallOptions, 'cli' | 'dataFolder' | 'environment'>,
): Promise<InstalledPlugin> {
  const {cli, dataFolder, environment} = options
  const directory = join(dataFolder, 'plugins', `.link-${process.pid}`)
  mkdirSync(directory, {recursive: true, mode: 0o700})
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

/** The versions of a package that match `spec`, with the Node that each asks for. None where the registry has nothing to say. */
export async function versionsOf(spec: string, options: InstallOptions): Promise<{version: string; node?: string}[]> {
  const npm = findNpm(options.environment)
  if (npm === undefined) return []
  const registry = options.environment.PARIX_NPM_REGISTRY
  const words = [
    npm,
    'view',
    spec,
    'version',
    'engines',
    '--json',
    '--loglevel=silent',
    ...(registry ? [`--registry=${registry}`] : []),
  ]
  const directory = mkdtempSync(join(tmpdir(), 'parix-npm-'))
  const env = {...npmEnvironment(options, directory), npm_config_json: 'true'}
  const stdout = await new Promise<string>((resolve) => {
    const limits = {timeout: READ_LIMIT_MS, maxBuffer: 1e8}
    execFile(process.execPath, words, {env, cwd: directory, ...limits}, (_error, text) => resolve(text))
  }).finally(() => rmSync(directory, {recursive: true, force: true}))
  try {
    const found = JSON.parse(stdout) as
      | {version: string; engines?: {node?: string}}
      | {version: string; engines?: {node?: string}}[]
    return [found]
      .flat()
      .map(({version, engines}) => ({version, ...(engines?.node !== undefined && {node: engines.node})}))
  } catch {
    return []
  }
}

/** npm's script: beside this Node, or behind the npm of PATH. */
function findNpm(environment: NodeJS.ProcessEnv): string | undefined {
  const script = join('node_modules', 'npm', 'bin', 'npm-cli.js')
  const onPath = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const folders = [dirname(process.execPath), ...onPath]
  const candidates = folders.flatMap((folder) => [join(folder, '..', 'lib', script), join(folder, script)])
  return candidates.find((candidate) => existsSync(candidate))
}

const READ_LIMIT_MS = 30_000

/**
 * Loads the plugin in `root`, in a process of its own, and returns what is in it.
 *
 * @throws ParixError BAD_INPUT when it is not a plugin, or can't be loaded
 */
export async function readContents(root: string): Promise<PluginContents> {
  if (!existsSync(join(root, 'package.json'))) throw new ParixError('BAD_INPUT', `There is no package.json in ${root}.`)
  const {PARIX_API_KEY: _key, ...env} = process.env
  const {contents, error} = await runEngine({do: 'read', root}, {env, timeoutMs: READ_LIMIT_MS})
  if (contents === undefined) throw broken(nameAt(root), error?.message ?? 'it exits while it is loaded')
  if (contents.valid) return contents
  throw new ParixError('BAD_INPUT', `${contents.name} is not a plugin: its package.json has no "oclif".`, {
    code: 'not_a_plugin',
    next: 'parix plugins create --help',
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
      if (verbose) process.stderr.write(chunk)
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
function withHooks(dataFolder: string) {
  if (process.env.PARIX_NO_PLUGINS) return []
  return readPluginList(dataFolder).plugins.flatMap(({name, type, root}) =>
    root === undefined ? [] : [{name, type, root}],
  )
}

/**
 * The environment of npm. Of the user's settings it has those that say where packages come from, and no others: a `save=false`
 * or `git=PROGRAM` of theirs would change what an installation is. Nothing reads the API key (threats 8.1).
 */
function npmEnvironment({environment, allowScripts, allowGit}: InstallOptions, directory: string): NodeJS.ProcessEnv {
  const userSettings = join(directory, USER_SETTINGS)
  writeFileSync(userSettings, sourceSettings(environment), {mode: 0o600})
  const settings: Record<string, string> = {
    ignore_scripts: String(!allowScripts),
    allow_git: allowGit ? 'all' : 'none',
    // An npm that has no such setting runs git all the same; this is none.
    git: allowGit ? 'git' : join(directory, 'git-is-not-allowed'),
    fetch_retries: '0',
    fetch_timeout: '8000',
    logs_dir: join(directory, LOGS),
    logs_max: '10',
    userconfig: userSettings,
    // A directory is copied, as its tarball would be; a link is what `plugins link` is for.
    install_links: 'true',
    save: 'true',
    ...Object.fromEntries(OFF.map((name) => [name, 'false'])),
  }
  const kept = Object.entries(environment).filter(([name]) => {
    const setting = /^npm_config_(.*)$/i.exec(name)?.[1]
    if (setting !== undefined) return SOURCE_SETTING.test(setting.replaceAll('_', '-').replace(/^-auth/, '_auth'))
    return name !== 'PARIX_API_KEY' && name.toUpperCase() !== 'NODE_OPTIONS'
  })
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`npm_config_${name}`, value])),
    // The npm that came with this Node is found first.
    PATH: [dirname(process.execPath), environment.PATH ?? ''].join(delimiter),
  }
}

const LOGS = '.npm-logs'
const USER_SETTINGS = '.npmrc-user'
const OFF = [
  ...['audit', 'fund', 'update_notifier', 'package_lock', 'package_lock_only', 'dry_run', 'global', 'engine_strict'],
  ...['workspaces', 'strict_peer_deps', 'json'],
]

/** Settings of npm that say where packages come from, and how to get there. */
const SOURCE_SETTING =
  /^(@[^:]+:registry|\/\/.*|registry|(https?-)?proxy|no-?proxy|cafile|ca(\[\])?|cert|key|strict-ssl|cache|offline|prefer-offline|prefer-online|local-address|maxsockets|_auth.*|_password|username|email|always-auth|replace-registry-host)$/i

/** The lines of the user's npmrc that are about that. */
function sourceSettings(environment: NodeJS.ProcessEnv): string {
  const given = Object.entries(environment).find(([name]) => name.toLowerCase() === 'npm_config_userconfig')?.[1]
  const path = given ?? join(environment.HOME ?? environment.USERPROFILE ?? homedir(), '.npmrc')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return ''
  }
  const lines = text.split(/\r?\n/).filter((line) => SOURCE_SETTING.test(/^\s*([^=]+?)\s*=/.exec(line)?.[1] ?? ''))
  return `${lines.join('\n')}\n`
}

/** npm writes down what went wrong, however silent it is asked to be. */
function readLogs(folder: string): string {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n')
  } catch {
    return ''
  }
}
