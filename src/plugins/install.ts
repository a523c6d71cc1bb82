import {existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {distrust} from '@parix/files/ownership'
import {isRunning} from '@parix/files/process-identity'
import {ParixError} from '@parix/kit/errors'
import {systemCommand} from '@parix/kit/next-command'
import satisfies from 'semver/functions/satisfies.js'
import {type InstalledPlugin, isReservedName} from '../runner/user-plugins.js'
import {installInto, linkEntry, type PluginContents} from './engine.js'
import {listPlugins, rememberPlugin} from './list.js'
import {type InstallOptions, versionsOf} from './npm.js'
import {packageJsonOf, type Source} from './source.js'

/** What a plugin brings. */
export interface Contents {
  name: string
  version: string
  root: string
  /** As typed. */
  commands: string[]
  /** Events at which its code runs whatever the command is. */
  hooks: string[]
}

export interface Installed extends Contents {
  /** The version that was in its place. */
  replaced?: string
  /** Packages whose lifecycle scripts were not run. */
  scriptsNotRun: string[]
  /** A newer version that does not run on this Node. */
  newer?: {version: string; node: string}
}

/**
 * Installs a plugin into a directory of its own, beside the one in use, and puts it in place once it has shown that it can be
 * loaded: whatever fails, what was installed before keeps working. Of a registry's versions, it takes the newest that runs
 * on this Node.
 *
 * @throws ParixError
 */
export async function installPlugin(source: Source, options: InstallOptions): Promise<Installed> {
  const {dataDir} = options
  const present = listPlugins(dataDir)
  removeLeftovers(dataDir, present)
  // What a directory is called and needs is known before npm copies it.
  if (source.kind === 'directory') {
    const root = source.spec.slice('file:'.length)
    const {name, version} = packageJsonOf(root)
    assertNotReserved(name)
    const needs = nodeNeeded(root)
    if (needs !== undefined) throw wrongNode(`${name} ${version}`, needs)
  }
  const first = await tryInstall(source, options)
  if (first.needs === undefined) return enter(first, source, options)
  rmSync(first.directory, {recursive: true, force: true})
  const {name, version} = first.json
  const older = await newestThatRuns(source, name, version, options)
  if (older === undefined) throw wrongNode(`${name} ${version}`, first.needs)
  const second = await tryInstall({...source, spec: `${name}@${older}`}, options)
  return {...(await enter(second, source, options)), newer: {version, node: first.needs}}
}

/** Uses the plugin in `root` as it is. @throws ParixError when others may write there, or it can't be loaded */
export async function linkPlugin(
  root: string,
  options: Pick<InstallOptions, 'cli' | 'dataDir' | 'environment'>,
): Promise<Contents> {
  packageJsonOf(root)
  assertOnlyOurs(root)
  const needs = nodeNeeded(root)
  if (needs !== undefined) throw wrongNode(root, needs)
  const {entry, contents: read} = await linkEntry(root, options, ({name}) => assertNotReserved(name))
  const contents = listed(read, root)
  const before = listPlugins(options.dataDir).find(({name}) => name === contents.name)
  await rememberPlugin(options.dataDir, {...entry, name: contents.name, type: 'link', root})
  if (before?.type === 'user') removeDirectoryOf(before, options.dataDir)
  return contents
}

interface Attempt {
  directory: string
  entry: InstalledPlugin
  json: {name: string; version: string}
  /** What is in it; or, where that is not this Node, the one that it asks for. */
  contents?: PluginContents
  needs?: string
}

async function tryInstall({spec}: Source, options: InstallOptions): Promise<Attempt> {
  const directory = join(options.dataDir, 'plugins', `${Date.now().toString(36)}-${process.pid}`)
  try {
    const {entry, contents} = await installInto(directory, spec, options, ({name, root}) => {
      assertNotReserved(name)
      return nodeNeeded(root!) === undefined
    })
    const json = readJson(entry.root!) as {name: string; version: string}
    const outcome = contents === undefined ? {needs: nodeNeeded(entry.root!)!} : {contents}
    return {directory, entry, json, ...outcome}
  } catch (error) {
    rmSync(directory, {recursive: true, force: true})
    throw error
  }
}

async function enter(
  {directory, entry, json, contents: read, needs}: Attempt,
  source: Source,
  {dataDir, allowScripts}: InstallOptions,
): Promise<Installed> {
  try {
    if (read === undefined) throw wrongNode(`${json.name} ${json.version}`, needs!)
    const root = entry.root!
    writeManifest(root, read)
    const before = listPlugins(dataDir).find(({name}) => name === read.name)
    const replaced = before && versionAt(before)
    const from = source.kind === 'registry' ? {tag: source.tag ?? 'latest'} : {url: source.spec}
    await rememberPlugin(dataDir, {name: read.name, type: 'user', root, ...from})
    if (before?.type === 'user') removeDirectoryOf(before, dataDir)
    const scriptsNotRun = allowScripts ? [] : packagesWithScripts(directory)
    return {...listed(read, root), scriptsNotRun, ...(replaced !== undefined && {replaced})}
  } catch (error) {
    rmSync(directory, {recursive: true, force: true})
    throw error
  }
}

/** The newest version up to `latest` that runs on this Node; only where a choice was left. */
async function newestThatRuns(
  source: Source,
  name: string,
  latest: string,
  options: InstallOptions,
): Promise<string | undefined> {
  if (source.kind !== 'registry') return undefined
  const [{default: lte}, {default: rcompare}, {default: validRange}, {default: valid}] = await Promise.all([
    import('semver/functions/lte.js'),
    import('semver/functions/rcompare.js'),
    import('semver/ranges/valid.js'),
    import('semver/functions/valid.js'),
  ])
  const tag = source.tag ?? 'latest'
  if (valid(tag) !== null || (tag !== 'latest' && validRange(tag) === null)) return undefined
  const versions = await versionsOf(`${name}@${tag === 'latest' ? '>=0' : tag}`, options)
  return versions
    .filter(({version, node}) => lte(version, latest) && satisfies(process.version, node ?? '*'))
    .map(({version}) => version)
    .sort(rcompare)[0]
}

function nodeNeeded(root: string): string | undefined {
  const {node} = (packageJsonOf(root).engines ?? {}) as {node?: unknown}
  return typeof node === 'string' && !satisfies(process.version, node, {includePrerelease: true}) ? node : undefined
}

function wrongNode(what: string, node: string): ParixError {
  return new ParixError('BAD_INPUT', `${what} needs Node ${node}; this is ${process.version}. Nothing was installed.`, {
    code: 'wrong_node',
  })
}

function assertNotReserved(name: string): void {
  if (!isReservedName(name)) return
  throw new ParixError('BAD_INPUT', `${name} is the name of a part of parix: no plugin may have it.`, {
    code: 'reserved_name',
  })
}

/** What is linked runs as this user at every start: nobody else may be able to change it (threats 4.3). */
function assertOnlyOurs(root: string): void {
  const paths = [root, join(root, 'package.json')]
  for (let parent = dirname(root); parent !== dirname(parent); parent = dirname(parent)) paths.push(parent)
  for (const path of paths) {
    const found = statSync(path, {throwIfNoEntry: false})
    // In a directory such as /tmp, others may add files, not replace ours.
    const sticky = found !== undefined && path !== root && (found.mode & 0o1000) !== 0
    if (found === undefined || sticky || distrust(found, {root: true}) === undefined) continue
    throw new ParixError('BAD_INPUT', `Others may write to ${path}, or it belongs to another user: it is not linked.`, {
      code: 'not_trusted',
      next: systemCommand('chmod', 'go-w', path),
    })
  }
}

function listed({name, version, hooks, manifest}: PluginContents, root: string): Contents {
  const visible = Object.values(manifest.commands).filter(({hidden}) => hidden !== true)
  return {
    name,
    version,
    root,
    commands: visible.map(({id}) => id.replaceAll(':', ' ')).sort(),
    hooks: [...hooks].sort(),
  }
}

/** So that nothing of it is evaluated at each start. */
function writeManifest(root: string, {manifest, version}: PluginContents): void {
  const path = join(root, 'oclif.manifest.json')
  if (!existsSync(path)) writeFileSync(path, JSON.stringify({...manifest, version}))
}

/** Directories that an interrupted installation left: no entry names them, and the process that made them is gone. */
function removeLeftovers(dataDir: string, present: InstalledPlugin[]): void {
  const plugins = join(dataDir, 'plugins')
  if (!existsSync(plugins) || !statSync(plugins).isDirectory()) return
  for (const name of readdirSync(plugins)) {
    const directory = join(plugins, name)
    const listedThere = present.some(({root}) => root?.startsWith(join(directory, '/')))
    const maker = Number(/-(\d+)$/.exec(name)?.[1])
    if (!listedThere && !isRunning(maker)) rmSync(directory, {recursive: true, force: true})
  }
}

/** Removes the directory that `installPlugin` made; nothing outside the data directory is ever touched. */
export function removeDirectoryOf({root}: InstalledPlugin, dataDir: string): void {
  const plugins = join(dataDir, 'plugins')
  for (let directory = root ?? ''; dirname(directory) !== directory; directory = dirname(directory)) {
    if (dirname(directory) !== plugins) continue
    const away = join(plugins, `.removed-${basename(directory)}`)
    // Renamed first: a removal that is cut short leaves nothing that looks installed.
    if (existsSync(directory)) renameSync(directory, away)
    rmSync(away, {recursive: true, force: true})
    return
  }
}

export function versionAt({root}: InstalledPlugin): string | undefined {
  try {
    return (readJson(root ?? '') as {version?: string}).version
  } catch {
    return undefined
  }
}

function readJson(root: string): unknown {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
}

const LIFECYCLE = ['preinstall', 'install', 'postinstall']

function packagesWithScripts(directory: string): string[] {
  const modules = join(directory, 'node_modules')
  const files = readdirSync(modules, {recursive: true, encoding: 'utf8'}).filter((path) =>
    /(^|[\\/])package\.json$/.test(path),
  )
  const names = files.flatMap((file) => {
    try {
      const {name, scripts = {}} = JSON.parse(readFileSync(join(modules, file), 'utf8')) as {
        name?: string
        scripts?: Record<string, string>
      }
      return name !== undefined && LIFECYCLE.some((script) => script in scripts) ? [name] : []
    } catch {
      return []
    }
  })
  return [...new Set(names)].sort()
}
