import {existsSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {Plugin} from '@oclif/core/config'
import type {FileError, FileErrorCode} from '@parix/files/errors'
import {assertTrustedDirectory, distrust} from '@parix/files/ownership'
import {readPrivateText} from '@parix/files/read-private-file'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {cleanLine, excerpt} from '@parix/kit/text'
import {pluginDirectory} from './directories.js'
import {sayEarly} from './say.js'

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

const LIST_BYTES_MAX = 4 * 1024 * 1024
const REFUSALS: Partial<Record<FileErrorCode, string>> = {
  not_a_file: 'is not a regular file',
  not_owned: 'belongs to another user, or others may write there',
  writable_by_others: 'belongs to another user, or others may write there',
}

/** What the user installed or linked. Only a file of this user that nobody else may write is believed: what it lists is run. */
export function readPluginList(dataDir: string): PluginList {
  const path = join(dataDir, 'package.json')
  const refused = (why: string): PluginList => ({
    plugins: [],
    state: {},
    problem: `${path}, the list of plugins, ${why}`,
  })
  let text: string | undefined
  try {
    text = readPrivateText(path, {bytesMax: LIST_BYTES_MAX, trust: {root: true}})
    if (text === undefined) return {plugins: [], state: {}}
    assertTrustedDirectory(dataDir)
  } catch (error) {
    const {code, details} = error as FileError
    if (details.errno === 'ENOTDIR') return {plugins: [], state: {}}
    return refused(code === 'unreadable' ? `can't be read (${details.errno})` : (REFUSALS[code] ?? 'is damaged'))
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

/** Where a plugin is. */
export function rootOf({name, root}: InstalledPlugin, dataDir: string): string {
  return root ?? join(dataDir, 'node_modules', ...name.split('/'))
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
  const directory = process.env.PARIX_NO_PLUGINS ? undefined : pluginDirectory()
  if (directory === undefined) return []
  const {plugins, problem} = readPluginList(directory)
  if (problem !== undefined) sayEarly(`${cleanLine(problem)}: installed plugins are left out.\n`)
  if (plugins.length === 0) return []
  const {emitWarning} = process
  // Node would print it as it is; oclif puts the version in it that the manifest of a plugin gives.
  process.emitWarning = (warning: string | Error) =>
    sayEarly(`${excerpt(typeof warning === 'string' ? warning : warning.message, 300)}\n`)
  try {
    const loaded = await Promise.all(plugins.map((plugin) => loadOne(plugin, directory, code)))
    return loaded.filter((plugin) => plugin !== undefined)
  } finally {
    process.emitWarning = emitWarning
  }
}

async function loadOne(installed: InstalledPlugin, directory: string, code: boolean): Promise<Plugin | undefined> {
  const {name, type, tag} = installed
  const root = rootOf(installed, directory)
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
  if (!isPackageName(plugin.name)) return sayLeftOut(name, 'calls itself by a name that no package may have')
  leaveOutUntypable(plugin)
  if (!code) plugin.hooks = {}
  return plugin
}

/** What npm takes for a name, also one of long ago with capitals. */
function isPackageName(name: string): boolean {
  return name.length <= 214 && /^(@[\w.~-]+\/)?[\w.~-]+$/.test(name)
}

const COMMAND_NAME_MAX = 200

/** Commands that nobody can type: a name with a blank or a control character is two words, or moves the cursor (threats 7.9). */
function leaveOutUntypable(plugin: Plugin): void {
  const typable = (id: string) => id.length <= COMMAND_NAME_MAX && cleanLine(id) === id && !/\s/.test(id)
  const commands = plugin.commands.filter(({id}) => typable(id))
  const left = plugin.commands.length - commands.length
  if (left > 0) sayEarly(`Plugin ${plugin.name}: commands left out, whose names can't be typed: ${left}.\n`)
  for (const command of commands) {
    // A manifest may say that its commands are somebody else's.
    Object.assign(command, {pluginName: plugin.name, pluginType: plugin.type})
    command.aliases = command.aliases?.filter(typable) ?? []
    command.hiddenAliases = command.hiddenAliases?.filter(typable) ?? []
  }
  plugin.commands = commands
  Object.defineProperty(plugin, 'topics', {value: plugin.topics.filter(({name}) => typable(name)), configurable: true})
}

function refusalOf({name, type}: InstalledPlugin, root: string): string | undefined {
  if (isReservedName(name)) return 'has the name of a part of parix'
  const found = statSync(root, {throwIfNoEntry: false})
  if (type !== 'link' || found === undefined || distrust(found, {root: true}) === undefined) return undefined
  return `is not loaded: others may write to ${root}, or it belongs to another user`
}

function hasManifest(root: string): boolean {
  return ['oclif.manifest.json', '.oclif.manifest.json'].some((file) => existsSync(join(root, file)))
}

function sayLeftOut(name: string, problem: string): undefined {
  const uninstall = renderCommand(nextCommand('plugins uninstall', {args: [name]}))
  sayEarly(`Plugin ${excerpt(name, 100)} ${excerpt(problem, 300)}\n  ${uninstall}\n`)
  return undefined
}
