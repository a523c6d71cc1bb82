import {existsSync} from 'node:fs'
import {join} from 'node:path'
import type {Plugin} from 'esbuild'
import {makeManifest} from './manifest.js'
import {type PackageJson, pluginWorkspaces, type Workspace} from './workspaces.js'

/** The module `parix:baked`: the manifests of the CLI and its plugins, and a lazy import of each command and hook. */
export function bakedModule(): Plugin {
  return {
    name: 'parix-baked',
    setup(build) {
      build.onResolve({filter: /^parix:baked$/}, ({path}) => ({path, namespace: 'parix-baked'}))
      build.onLoad({filter: /.*/, namespace: 'parix-baked'}, async () => ({contents: await source(), resolveDir: '/'}))
    },
  }
}

async function source(): Promise<string> {
  const parts = await Promise.all(
    pluginWorkspaces().map(async (workspace) => ({workspace, manifest: await makeManifest(workspace)})),
  )
  const packages = parts.map(({workspace, manifest}) => ({json: shortPackage(workspace.json), manifest}))
  const bundled = Object.fromEntries(packages.slice(1).map(({json}) => [json.name, json.version]))
  packages[0]!.json.oclif = {...packages[0]!.json.oclif, bundled}
  const commands = parts.flatMap(({workspace, manifest}) =>
    Object.keys(manifest.commands).map((id) => [id, commandFile(workspace, id)] as const),
  )
  const hooks = Object.entries(parts[0]!.workspace.json.oclif?.hooks ?? {}).map(
    ([event, target]) =>
      [event, [target].flat().map((file) => join(parts[0]!.workspace.folder, `${file}.js`))] as const,
  )
  return [
    // A string that is parsed is quicker than an object that is compiled.
    `export const packages = JSON.parse(${JSON.stringify(JSON.stringify(packages))})`,
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
