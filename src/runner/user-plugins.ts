import {closeSync, constants, existsSync, fstatSync, openSync, readFileSync, type Stats, statSync} from 'node:fs'
import {join} from 'node:path'
import type {Plugin} from '@oclif/core/config'
import {folder} from './folders.js'

/** A plugin that the user installed or linked, as oclif writes it down in the data directory's package.json. */
export interface InstalledPlugin {
  name: string
  type: 'user' | 'link'
  /** The version, range or tag asked for, when it came from a registry. */
  tag?: string
  /** Where it came from otherwise. */
  url?: string
  /** Its directory; `node_modules/NAME` of the data directory when left out. */
  root?: string
}

/** The data directory's package.json: oclif's own format, so that any oclif can load what is listed there. */
export interface PluginList {
  plugins: InstalledPlugin[]
  /** Everything in the file, also what others wrote there. */
  state: Record<string, unknown>
  /** Why it can't be used: then there are no plugins, and nothing may be written in its place. */
  problem?: string
}

/** Never installed and never loaded: a plugin of such a name would take the place of the CLI itself. */
export function isReservedName(name: string): boolean {
  return ['@parix/cli', '@oclif/plugin-help', '@oclif/plugin-plugins'].includes(name)
}

/** What the user installed or linked. Only a file of this user that nobody else may write is believed: what it lists is run. */
export function readPluginList(dataFolder: string): PluginList {
  const path = join(dataFolder, 'package.json')
  const refused = (why: string): PluginList => ({
    plugins: [],
    state: {},
    problem: `${path}, the list of plugins, ${why}`,
  })
  let file: number | undefined
  let text: string
  try {
    // Without blocking: a FIFO would be waited for.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const found = fstatSync(file)
    if (!found.isFile()) return refused('is not a regular file')
    if (!isTrusted(found) || !isTrusted(statSync(dataFolder))) {
      return refused('belongs to another user, or others may write there')
    }
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return {plugins: [], state: {}}
    return refused(`can't be read (${code})`)
  } finally {
    if (file !== undefined) closeSync(file)
  }
  try {
    const state: unknown = JSON.parse(text)
    if (!isObject(state)) return refused('is damaged')
    const {plugins = []} = isObject(state.oclif) ? state.oclif : {}
    return Array.isArray(plugins) ? {plugins: plugins.filter(isEntry), state} : refused('is damaged')
  } catch {
    return refused('is damaged')
  }
}

function isEntry(entry: unknown): entry is InstalledPlugin {
  if (!isObject(entry) || typeof entry.name !== 'string') return false
  if (entry.root !== undefined && typeof entry.root !== 'string') return false
  return entry.type === 'user' || (entry.type === 'link' && typeof entry.root === 'string')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const OTHERS_MAY_WRITE = 0o022

/** Code that runs as this user: only they, or the system, may have written it. Windows has no such owner. */
export function isTrusted({uid, mode}: Stats): boolean {
  const me = process.geteuid?.()
  return me === undefined || ((uid === me || uid === 0) && (mode & OTHERS_MAY_WRITE) === 0)
}

/** Where a plugin is. */
export function rootOf({name, root}: InstalledPlugin, dataFolder = folder('data')): string {
  return root ?? join(dataFolder, 'node_modules', ...name.split('/'))
}

export interface LoadOptions {
  /** `false`: nothing of the plugins is run, neither hooks nor modules of commands. */
  code: boolean
}

/**
 * The user's plugins, loaded by oclif's own class. One that can't be loaded is named on stderr, with the command that removes
 * it, and left out.
 */
export async function loadUserPlugins({code}: LoadOptions): Promise<Plugin[]> {
  if (process.env.PARIX_NO_PLUGINS) return []
  const {plugins, problem} = readPluginList(folder('data'))
  if (problem !== undefined) process.stderr.write(`${problem}: installed plugins are left out.\n`)
  if (plugins.length === 0) return []
  const loaded = await Promise.all(plugins.map((plugin) => loadOne(plugin, code)))
  return loaded.filter((plugin) => plugin !== undefined)
}

async function loadOne(installed: InstalledPlugin, code: boolean): Promise<Plugin | undefined> {
  const {name, type, tag} = installed
  const root = rootOf(installed)
  const refusal = refusalOf(installed, root)
  if (refusal !== undefined) return sayLeftOut(name, refusal)
  const {Plugin} = await import('@oclif/core/config')
  const plugin = new Plugin({name, type, ...(tag !== undefined && {tag}), root})
  const problems: string[] = []
  // oclif would print a warning of Node's, with a stack, for each command that can't be loaded.
  const warn = (error: Error | string) => problems.push(typeof error === 'string' ? error : error.message)
  Object.assign(plugin, {warn})
  try {
    if (!code && !hasManifest(root)) {
      const {readContents} = await import('../plugins/engine.js')
      const {manifest} = await readContents(root)
      Object.assign(plugin, {_manifest: async () => manifest})
    }
    await plugin.load()
  } catch (error) {
    problems.push((error as Error).message)
  }
  if (problems.length > 0)
    sayLeftOut(name, `can't be loaded: ${problems[0]!.split('\n')[0]!.replace(/^.* can't be loaded: /, '')}`)
  if (plugin.commands === undefined) return undefined
  if (isReservedName(plugin.name)) return sayLeftOut(plugin.name, 'has the name of a part of parix')
  if (!code) plugin.hooks = {}
  return plugin
}

function refusalOf({name, type}: InstalledPlugin, root: string): string | undefined {
  if (isReservedName(name)) return 'has the name of a part of parix'
  const found = statSync(root, {throwIfNoEntry: false})
  if (type !== 'link' || found === undefined || isTrusted(found)) return undefined
  return `is not loaded: others may write to ${root}, or it belongs to another user`
}

function hasManifest(root: string): boolean {
  return ['oclif.manifest.json', '.oclif.manifest.json'].some((file) => existsSync(join(root, file)))
}

function sayLeftOut(name: string, problem: string): undefined {
  process.stderr.write(`Plugin ${name} ${problem}\n  parix plugins uninstall ${name}\n`)
  return undefined
}
