import {readFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import type {Config} from '@oclif/core/interfaces'
import {replaceFile} from '@parix/files/atomic-write'
import {notWritten} from '@parix/files/errors'
import {acquireLock, describeHolder} from '@parix/files/lock'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {excerpt, suggest} from '@parix/kit/text'
import gt from 'semver/functions/gt.js'
import valid from 'semver/functions/valid.js'
import {type InstalledPlugin, type PluginList, readPluginList} from '../runner/user-plugins.js'
import type {Contents} from './install.js'
import {fullName} from './source.js'

/** What is installed and linked. @throws ParixError FAILED when the list can't be used: it is never taken for empty */
export function listPlugins(dataDir: string): InstalledPlugin[] {
  return usableList(dataDir).plugins
}

function usableList(dataDir: string): PluginList {
  const list = readPluginList(dataDir)
  if (list.problem === undefined) return list
  throw new ParixError('FAILED', `${list.problem}.`, {
    code: 'plugin_list_unusable',
    next: `Repair or remove ${join(dataDir, 'package.json')}.`,
  })
}

/** Puts `plugin` in the place of one of the same name, or adds it. */
export function rememberPlugin(dataDir: string, plugin: InstalledPlugin): Promise<void> {
  return changePlugins(dataDir, (plugins) => [...plugins.filter(({name}) => name !== plugin.name), plugin])
}

export function forgetPlugin(dataDir: string, name: string): Promise<void> {
  return changePlugins(dataDir, (plugins) => plugins.filter((plugin) => plugin.name !== name))
}

const LOCK_WAIT_MS_MAX = 30_000

/** One process at a time: of two that install at once, neither may lose the other's entry. */
async function changePlugins(
  dataDir: string,
  change: (plugins: InstalledPlugin[]) => InstalledPlugin[],
): Promise<void> {
  const path = join(dataDir, 'plugins.lock')
  const attempt = await acquireLock(path, {stale: 'heartbeat', waitMaxMs: LOCK_WAIT_MS_MAX}).catch((error: unknown) => {
    throw notWritten(path, error)
  })
  if ('heldBy' in attempt) {
    const holder = describeHolder(attempt.heldBy.holder)
    throw new ParixError('UNAVAILABLE', `${holder} is changing the list of plugins and did not finish in time.`, {
      code: 'plugins_locked',
      retryable: true,
      hint: 'Try again. If that process hangs, end it.',
    })
  }
  try {
    writePlugins(dataDir, change(listPlugins(dataDir)))
  } finally {
    attempt.lock.release()
  }
}

function writePlugins(dataDir: string, plugins: InstalledPlugin[]): void {
  const {state} = usableList(dataDir)
  const {oclif} = state as {oclif?: Record<string, unknown>}
  const text = JSON.stringify({...state, private: true, oclif: {...oclif, schema: 1, plugins}}, null, 2)
  replaceFile(join(dataDir, 'package.json'), `${text}\n`)
}

/** Versions of the plugins that come with the CLI, by name; put there by the build, and read from source in development. */
export function bundledPlugins({pjson}: Pick<Config, 'pjson'>): Record<string, string> {
  const {bundled, plugins = []} = pjson.oclif as {bundled?: Record<string, string>; plugins?: string[]}
  return bundled ?? Object.fromEntries(plugins.map((name) => [name, pjson.version]))
}

/** A plugin whose commands run, and where they come from. */
export interface ListedPlugin {
  name: string
  version: string
  /** With the CLI; installed or linked by the user, perhaps in place of a bundled one. */
  origin: 'bundled' | 'installed' | 'linked'
  /** Where it was asked for: a version, range or tag of a registry, or an address. */
  from?: string
  root: string
  commands: string[]
  /** The version that comes with the CLI, of one that the user's takes the place of. */
  bundledVersion?: string
  /** The user's is older than the bundled one. */
  outdated?: boolean
  /** Commands of it that another plugin has as well, and which do not run from here. */
  shadowed?: string[]
}

/** Of a version that is shown: what a plugin says of itself is its own. */
const VERSION_MAX = 60

/** Every plugin in use but the CLI itself, the bundled ones first. */
export function listedPlugins(config: Config): ListedPlugin[] {
  const bundled = bundledPlugins(config)
  return config
    .getPluginsList()
    .filter((plugin) => plugin.isRoot !== true)
    .map((plugin) => {
      const origin = plugin.type === 'link' ? 'linked' : plugin.type === 'user' ? 'installed' : 'bundled'
      const bundledVersion = origin === 'bundled' ? undefined : bundled[plugin.name]
      const shadowed = plugin.commands
        .map(({id}) => id)
        .filter((id) => config.findCommand(id)?.pluginName !== plugin.name)
      return {
        name: plugin.name,
        version: excerpt(String(plugin.version), VERSION_MAX),
        origin,
        ...(plugin.tag !== undefined && {from: plugin.tag}),
        root: plugin.root,
        commands: plugin.commands.filter(({hidden}) => hidden !== true).map(({id}) => id.replaceAll(':', ' ')),
        ...(bundledVersion !== undefined && {bundledVersion, outdated: isOlder(plugin.version, bundledVersion)}),
        ...(shadowed.length > 0 && {shadowed: shadowed.map((id) => id.replaceAll(':', ' '))}),
      } satisfies ListedPlugin
    })
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
}

/** A package that a plugin needs: what its package.json asks for, and what it gets. */
export interface Dependency {
  name: string
  range: string
  version: string
}

/** Those that are on disk, each where Node finds it from `root`. What is bundled into the CLI has none there. */
export function dependenciesOf(root: string): Dependency[] {
  const {dependencies = {}} = (readJson(join(root, 'package.json')) ?? {}) as {dependencies?: Record<string, string>}
  return Object.entries(dependencies)
    .flatMap(([name, range]) => {
      const version = versionOf(name, root)
      return version === undefined ? [] : [{name, range, version}]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function versionOf(name: string, from: string): string | undefined {
  const found = readJson(join(from, 'node_modules', ...name.split('/'), 'package.json')) as
    | {version?: unknown}
    | undefined
  if (typeof found?.version === 'string') return found.version
  return dirname(from) === from ? undefined : versionOf(name, dirname(from))
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** What is not a version is not compared. */
function isOlder(version: string, than: string): boolean {
  return valid(version) !== null && gt(than, version)
}

function rank({origin}: ListedPlugin): number {
  return ['bundled', 'installed', 'linked'].indexOf(origin)
}

/**
 * The installed or linked plugin that `word` names: by name, by the short name of a bundled one or of one made by
 * `plugins create`, or by a linked directory.
 *
 * @throws ParixError NOT_FOUND
 */
export function findInstalled(word: string, installed: InstalledPlugin[], bundled: readonly string[]): InstalledPlugin {
  const name = fullName(word, bundled)
  const named = (wanted: string) => installed.find((plugin) => plugin.name === wanted)
  const found =
    named(name) ??
    named(`parix-plugin-${word}`) ??
    installed.find((plugin) => plugin.type === 'link' && plugin.root === resolve(word))
  if (found !== undefined) return found
  if (bundled.includes(name)) {
    throw new ParixError('NOT_FOUND', `No copy of ${name} is installed: the one in use is bundled with parix.`, {
      next: nextCommand('plugins'),
    })
  }
  const [near] = suggest(
    word,
    installed.map((plugin) => plugin.name),
    1,
  )
  throw new ParixError(
    'NOT_FOUND',
    `${excerpt(word, 100)} is not installed.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    {
      next: nextCommand('plugins'),
    },
  )
}

/** What a plugin adds, for a person. Its own text is data, and is cleaned. */
export function additionsText({commands, hooks}: Contents, clashes: string[]): string {
  const added = commands.filter((command) => !clashes.includes(command))
  const lines =
    added.length > 0
      ? ['It adds:', ...added.map((command) => `  ${excerpt(renderCommand(nextCommand(command)), 100)}`)]
      : ['It adds no commands.']
  if (clashes.length > 0) {
    lines.push('These of its commands never run, because others have the same name:')
    lines.push(...clashes.map((command) => `  ${excerpt(renderCommand(nextCommand(command)), 100)}`))
  }
  if (hooks.length > 0) lines.push(`Its code also runs at: ${hooks.map((hook) => excerpt(hook, 60)).join(', ')}.`)
  return lines.join('\n')
}

/** Commands of a plugin that another plugin already has; one whose place it takes doesn't count. */
export function clashesOf({name, commands}: Contents, config: Config): string[] {
  return commands.filter((command) => {
    const found = config.findCommand(command.replaceAll(' ', ':'))
    return found !== undefined && found.pluginName !== name
  })
}

/** What should be known about the plugins in use: older copies, commands that never run. */
export function remarks(plugins: ListedPlugin[]): string[] {
  return plugins.flatMap(({name, version, origin, bundledVersion, outdated, shadowed = []}) => [
    ...(outdated === true
      ? [
          `${name} ${version} (${origin}) is older than the ${bundledVersion} that comes with parix: ${renderCommand(nextCommand('plugins uninstall', {args: [name]}))}`,
        ]
      : []),
    ...(shadowed.length > 0 ? [`${name} also has ${shadowed.join(', ')}, which others have, too: theirs run.`] : []),
  ])
}
