import {execFile} from 'node:child_process'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {homedir, tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import type {PJSON} from '@oclif/core/interfaces'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, plainCommand} from '@parix/kit/next-command'
import {cleanLine} from '@parix/kit/text'

/** How long npm or a plugin may take to say what it is. */
export const READ_LIMIT_MS = 30_000

export interface InstallOptions {
  cli: {root: string; pjson: PJSON}
  dataDir: string
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

/** npm's script: beside this Node, or where the npm of PATH links to. */
function findNpm(environment: NodeJS.ProcessEnv): string | undefined {
  const script = join('node_modules', 'npm', 'bin', 'npm-cli.js')
  const onPath = (environment.PATH ?? '').split(delimiter).filter((directory) => directory !== '')
  const directories = [dirname(process.execPath), ...onPath]
  const candidates = directories.flatMap((directory) => [join(directory, '..', 'lib', script), join(directory, script)])
  return candidates.find((candidate) => existsSync(candidate))
}

/**
 * The environment of npm. Of the user's settings it has those that say where packages come from, and no others: a `save=false`
 * or `git=PROGRAM` of theirs would change what an installation is. Nothing reads the API key (threats 8.1).
 */
export function npmEnvironment(
  {environment, allowScripts, allowGit}: InstallOptions,
  directory: string,
): NodeJS.ProcessEnv {
  const userSettings = join(directory, USER_SETTINGS)
  writeFileSync(userSettings, sourceSettings(environment), {mode: 0o600})
  const settings: Record<string, string> = {
    ignore_scripts: String(!allowScripts),
    allow_git: allowGit ? 'all' : 'none',
    // An npm without that setting runs git all the same: at this path there is no program.
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
export function readLogs(directory: string): string {
  const dir = join(directory, LOGS)
  try {
    return readdirSync(dir)
      .sort()
      .map((name) => readFileSync(join(dir, name), 'utf8'))
      .join('\n')
  } catch {
    return ''
  }
}

/** What `npmEnvironment` and npm have left in `directory`, besides the plugin. */
export function removeTraces(directory: string): void {
  for (const name of [LOGS, USER_SETTINGS]) rmSync(join(directory, name), {recursive: true, force: true})
}

const UNREACHABLE = [
  ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTCACHED', 'ERR_SOCKET_TIMEOUT', 'FETCH_ERROR'],
]

/**
 * What the failure of an installation means. plugin-plugins says no more than that npm failed, or that a package isn't in the
 * registry, also where the registry can't be reached; the log of npm has the reason.
 *
 * @param error what plugin-plugins, or a hook of a plugin, threw
 * @param log what npm wrote into its log files
 */
export function npmFailure(spec: string, error: {message: string; exit?: number}, log: string): ParixError {
  if (/not found: npm|npm not found/.test(error.message)) {
    return new ParixError('FAILED', 'npm, which installs plugins, is not there. It comes with Node.js.', {
      code: 'npm_missing',
    })
  }
  const lines = linesOf(log)
  const code = lines.findLast((line) => line.startsWith('code '))?.slice(5) ?? ''
  const reasons = lines.filter((line) => !/^(code|errno|syscall|type) |A complete log|Log files/.test(line))
  const errors = reasons.slice(0, 1)
  if (/git-is-not-allowed/.test(log) || code === 'EALLOWGIT') {
    return new ParixError(
      'BAD_INPUT',
      `${spec} is, or needs, a package from a git repository. Nothing was installed.`,
      {
        code: 'git_not_allowed',
        next: nextCommand('plugins install', {args: [spec], flags: {'allow-git': true}}),
      },
    )
  }
  if (UNREACHABLE.includes(code) || reasons.some((line) => /network request to|request to .* failed/.test(line))) {
    const address = /request to (https?:\/\/[^\s/]+)/.exec(log)?.[1] ?? 'the registry'
    return new ParixError('UNAVAILABLE', `Can't reach ${address}. Nothing was installed.`, {
      code: 'registry_unreachable',
      retryable: true,
      hint: 'Install from a file with everything in it instead: parix plugins install ./plugin.tgz',
      errors,
    })
  }
  if (code === 'E404')
    return new ParixError('NOT_FOUND', `${spec} is not in the registry, or something that it needs is not.`, {errors})
  if (code === 'ETARGET') return new ParixError('NOT_FOUND', `The registry has no such version: ${spec}.`, {errors})
  if (code !== '' || / exited with code /.test(error.message)) {
    return new ParixError('FAILED', `npm could not install ${spec}. Nothing was installed.`, {
      code: code === '' ? 'npm_failed' : code.toLowerCase(),
      errors: reasons.slice(0, 5),
    })
  }
  if (/plugin is invalid/.test(error.message)) {
    return new ParixError('BAD_INPUT', `${spec} is not a plugin: its package.json has no "oclif".`, {
      code: 'not_a_plugin',
      next: plainCommand('plugins create', {flags: {help: true}}),
    })
  }
  const message = cleanLine(error.message.split('\n')[0]!)
  // A hook that refuses speaks for itself; what is not allowed by `oclif.aliases`, too.
  if (error.exit !== undefined)
    return new ParixError('REFUSED', `${spec} was not installed: ${message}`, {code: 'plugin_refused'})
  return new ParixError('BAD_INPUT', `${spec} can't be loaded: ${message}`, {code: 'plugin_broken'})
}

/** The texts of lines such as `31 error code E404`. */
function linesOf(log: string): string[] {
  return [...log.matchAll(/^\d+ error (.+)$/gm)]
    .map(([, text]) => cleanLine(text!).trim())
    .filter((text) => text !== '')
}
