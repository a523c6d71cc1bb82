import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Plugin} from 'esbuild'
import {type CommandEntry, globalFlags} from '../../src/help/catalog.js'
import type {IndexedCommand} from '../../src/runner/bundled.js'
import {type Manifest, makeManifest} from './manifest.js'
import {foreignPlugins, type PackageJson, pluginWorkspaces, ROOT, type Workspace} from './workspaces.js'

export interface Part {
  workspace: Workspace
  manifest: Manifest
}

/** What the CLI was built with: each package that brings commands, and the manifest of these; those of others last. */
export async function bakedParts(): Promise<Part[]> {
  const own = pluginWorkspaces().map(async (workspace) => ({workspace, manifest: await makeManifest(workspace)}))
  const foreign = foreignPlugins().map((workspace) => ({workspace, manifest: shippedManifest(workspace)}))
  return withoutShadowed([...(await Promise.all(own)), ...foreign])
}

/** As its author published it. */
function shippedManifest({directory}: Workspace): Manifest {
  return JSON.parse(readFileSync(join(directory, 'oclif.manifest.json'), 'utf8')) as Manifest
}

/** A command that an earlier part has never runs: oclif gives the CLI itself precedence, then the order of `oclif.plugins`. */
function withoutShadowed(parts: Part[]): Part[] {
  const seen = new Set<string>()
  return parts.map(({workspace, manifest}) => {
    const commands = Object.fromEntries(Object.entries(manifest.commands).filter(([id]) => !seen.has(id)))
    for (const id of Object.keys(commands)) seen.add(id)
    return {workspace, manifest: {...manifest, commands}}
  })
}

/** The modules `parix:baked`, where the files of `bakedFiles` are, and `parix:modules`, what oclif loads of commands and hooks. */
export function bakedModule(parts: Part[]): Plugin {
  return {
    name: 'parix-baked',
    setup(build) {
      build.onResolve({filter: /^parix:/}, ({path}) => ({path, namespace: 'parix'}))
      build.onLoad({filter: /^parix:baked$/, namespace: 'parix'}, () => ({
        contents: 'export const directory = __dirname',
      }))
      build.onLoad({filter: /^parix:modules$/, namespace: 'parix'}, () => ({
        contents: modulesSource(parts),
        resolveDir: '/',
      }))
    },
  }
}

/** Two files beside the bundle: in the bundle, the code cache would hold them once more. */
export interface BakedFiles {
  /** All packages, with their manifests; read whole where a command looks at other commands. */
  manifests: string
  /** A `CommandIndex` of `manifests`: what a list of commands shows, and where the rest of each command is. */
  index: string
}

export function bakedFiles(parts: Part[]): BakedFiles {
  const packages = parts.map(({workspace, manifest}, index) => ({
    json: shortPackage(workspace.json, index === 0),
    manifest,
  }))
  const bundled = Object.fromEntries(packages.slice(1).map(({json}) => [json.name, json.version]))
  packages[0]!.json.oclif = {...packages[0]!.json.oclif, bundled}
  const commands: IndexedCommand[] = []
  let text = ''
  let bytes = 0
  const add = (more: string) => {
    text += more
    bytes += Buffer.byteLength(more)
  }
  for (const [owner, {json, manifest}] of packages.entries()) {
    add(`${owner === 0 ? '[' : ','}{"json":${JSON.stringify(json)},"manifest":{"commands":{`)
    for (const [place, [id, entry]] of Object.entries(manifest.commands).entries()) {
      add(`${place === 0 ? '' : ','}${JSON.stringify(id)}:`)
      const start = bytes
      add(JSON.stringify(entry))
      const {summary, aliases, hiddenAliases, hidden} = entry as Partial<IndexedCommand>
      commands.push({id, summary, aliases, hiddenAliases, hidden, owner, at: [start, bytes]})
    }
    add(`},"version":${JSON.stringify(manifest.version)}}}`)
  }
  add(']')
  const entries = packages.flatMap(({manifest}) => Object.values(manifest.commands) as CommandEntry[])
  const index = {packages: packages.map(({json}) => json), commands, globalFlags: globalFlags(entries)}
  return {manifests: text, index: JSON.stringify(index)}
}

/** Ids of all commands, with their aliases. */
export function commandIds(parts: Part[]): string[] {
  const commands = parts.flatMap(({manifest}) => Object.values(manifest.commands)) as {id: string; aliases?: string[]}[]
  return commands.flatMap(({id, aliases = []}) => [id, ...aliases])
}

/** Ids of topics, also of those that aliases have, which are not commands themselves: `parix tb` shows their help. */
export function topicsAlone(parts: Part[]): string[] {
  const ids = commandIds(parts)
  const starts = ids.flatMap((id) =>
    id
      .split(':')
      .slice(0, -1)
      .map((_, index, words) => words.slice(0, index + 1).join(':')),
  )
  return [...new Set(starts)].filter((start) => !ids.includes(start)).sort()
}

/** A table that evaluates a module when its command or hook is first looked at. */
function modulesSource(parts: Part[]): string {
  const commands = parts.map(({workspace, manifest}) => {
    const entries = Object.keys(manifest.commands).map((id) => getter(id, commandFile(workspace, id)))
    return `${JSON.stringify(workspace.json.name)}: {${entries.join(',\n')}}`
  })
  const own = [HOOK, HELP].map(([name, file]) => getter(name, join(ROOT, file)))
  return `export default {${[...commands, ...own].join(',\n')}}`
}

const HOOK = ['commandNotFound', 'lib/hooks/command-not-found.js'] as const
const HELP = ['Help', 'lib/help.js'] as const

function getter(name: string, file: string): string {
  return `get ${JSON.stringify(name)}() { return require(${JSON.stringify(file)}).default }`
}

function commandFile({directory}: Workspace, id: string): string {
  const path = join(directory, 'lib', 'commands', ...id.split(':'))
  return existsSync(`${path}.js`) ? `${path}.js` : join(path, 'index.js')
}

/**
 * The file that a package.json names for oclif, and for the copies of it that plugins bring: what the running bundle offers,
 * by name.
 */
export const OCLIF_FILE = "module.exports = globalThis[Symbol.for('@parix/cli')]\n"
const TARGET = './dist/oclif.cjs'
/** The help class by itself, as `oclif.helpClass` names it. */
export const HELP_FILE = "module.exports = require('./oclif.cjs').Help\n"
export const HELP_TARGET = './dist/help.cjs'

/** What the CLI and its commands read of a package.json. Commands are found by oclif's `explicit` discovery. */
export function shortPackage(
  {name, version, description, oclif = {}, dependencies}: PackageJson,
  isRoot: boolean,
): PackageJson {
  const own = isRoot
    ? {
        helpClass: HELP_TARGET,
        hooks: {command_not_found: {target: TARGET, identifier: HOOK[0]}},
      }
    : {hooks: {}}
  const commands = {strategy: 'explicit', target: TARGET, identifier: name} as unknown as string
  return {name, version, description, oclif: {...oclif, ...own, commands}, ...(dependencies && {dependencies})}
}
