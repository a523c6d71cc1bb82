import {existsSync} from 'node:fs'
import {join} from 'node:path'
import type {Plugin} from 'esbuild'
import {type Manifest, makeManifest} from './manifest.js'
import {type PackageJson, pluginWorkspaces, type Workspace} from './workspaces.js'

interface Part {
  workspace: Workspace
  manifest: Manifest
}

/** What the CLI was built with: each package that brings commands, and the manifest of these. */
export function bakedParts(): Promise<Part[]> {
  return Promise.all(
    pluginWorkspaces().map(async (workspace) => ({workspace, manifest: await makeManifest(workspace)})),
  )
}

/** The module `parix:baked`: the manifests of the CLI and its plugins, and a lazy import of each command and hook. */
export function bakedModule(parts: Part[]): Plugin {
  return {
    name: 'parix-baked',
    setup(build) {
      build.onResolve({filter: /^parix:baked$/}, ({path}) => ({path, namespace: 'parix-baked'}))
      build.onLoad({filter: /.*/, namespace: 'parix-baked'}, () => ({contents: source(parts), resolveDir: '/'}))
    },
  }
}

/** The manifests, which the bundle reads from a file beside it: in the bundle, the code cache would hold them once more. */
export function bakedManifests(parts: Part[]): string {
  const packages = parts.map(({workspace, manifest}) => ({json: shortPackage(workspace.json), manifest}))
  const bundled = Object.fromEntries(packages.slice(1).map(({json}) => [json.name, json.version]))
  packages[0]!.json.oclif = {...packages[0]!.json.oclif, bundled}
  return JSON.stringify(packages)
}

/** Ids of topics, also of those that aliases have, which are no commands themselves: `parix tb` shows their help. */
export function topicsAlone(parts: Part[]): string[] {
  const commands = parts.flatMap(({manifest}) => Object.values(manifest.commands)) as {id: string; aliases?: string[]}[]
  const ids = commands.flatMap(({id, aliases = []}) => [id, ...aliases])
  const starts = ids.flatMap((id) =>
    id
      .split(':')
      .slice(0, -1)
      .map((_, index, words) => words.slice(0, index + 1).join(':')),
  )
  return [...new Set(starts)].filter((start) => !ids.includes(start)).sort()
}

function source(parts: Part[]): string {
  const commands = parts.flatMap(({workspace, manifest}) =>
    Object.keys(manifest.commands).map((id) => [id, commandFile(workspace, id)] as const),
  )
  const hooks = Object.entries(parts[0]!.workspace.json.oclif?.hooks ?? {}).map(
    ([event, target]) =>
      [event, [target].flat().map((file) => join(parts[0]!.workspace.folder, `${file}.js`))] as const,
  )
  return [
    "import {readFileSync} from 'node:fs'",
    "import {join} from 'node:path'",
    "export const packages = JSON.parse(readFileSync(join(__dirname, 'manifests.json'), 'utf8'))",
    `export const commands = {${commands.map(([id, file]) => `${JSON.stringify(id)}: ${lazily(file)}`).join(',\n')}}`,
    `export const hooks = {${hooks.map(([event, files]) => `${event}: [${files.map(lazily).join(', ')}]`).join(',\n')}}`,
  ].join('\n')
}

function lazily(file: string): string {
  return `() => import(${JSON.stringify(file)})`
}

function commandFile({folder}: Workspace, id: string): string {
  const path = join(folder, 'lib', 'commands', ...id.split(':'))
  return existsSync(`${path}.js`) ? `${path}.js` : join(path, 'index.js')
}

/** What the CLI and its commands read of a package.json. */
function shortPackage({name, version, description, oclif, dependencies}: PackageJson): PackageJson {
  return {name, version, description, oclif: oclif ?? {}, ...(dependencies && {dependencies})}
}
