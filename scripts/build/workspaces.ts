import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The repository's root directory, without a slash at its end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

export interface PackageJson {
  name: string
  version: string
  dependencies?: Record<string, string>
  oclif?: {plugins?: string[]; commands?: string; topics?: Record<string, {description: string}>} & Record<
    string,
    unknown
  >
  [key: string]: unknown
}

export interface Workspace {
  directory: string
  json: PackageJson
}

export function readPackage(directory: string): PackageJson {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as PackageJson
}

/** The root package and every workspace of it, the root first. */
export function workspaces(): Workspace[] {
  const packages = join(ROOT, 'packages')
  const directories = readdirSync(packages)
    .map((name) => join(packages, name))
    .filter((directory) => existsSync(join(directory, 'package.json')))
  return [ROOT, ...directories].map((directory) => ({directory, json: readPackage(directory)}))
}

/** Those that bring commands: the CLI itself, then its plugins in the order of `oclif.plugins`. */
export function pluginWorkspaces(): Workspace[] {
  const all = workspaces()
  const order = all[0]?.json.oclif?.plugins ?? []
  const plugins = order.flatMap((name) => all.filter((workspace) => workspace.json.name === name))
  return [all[0]!, ...plugins]
}

/** Plugins of others in `oclif.plugins`, as npm installed them. */
export function foreignPlugins(): Workspace[] {
  const own = workspaces().map(({json}) => json.name)
  const names = readPackage(ROOT).oclif?.plugins ?? []
  return names
    .filter((name) => !own.includes(name))
    .map((name) => join(ROOT, 'node_modules', name))
    .map((directory) => ({directory, json: readPackage(directory)}))
}
