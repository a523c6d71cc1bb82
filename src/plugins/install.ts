import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {ParixError} from '@parix/kit/errors'
import type {InstalledPlugin} from '../runner/user-plugins.js'
import {type Contents, readContents} from './contents.js'
import {npmInstall} from './npm.js'
import type {Source} from './source.js'
import {listPlugins, rememberPlugin} from './state.js'

export interface InstallOptions {
  dataFolder: string
  allowScripts: boolean
  environment: NodeJS.ProcessEnv
}

export interface Installed extends Contents {
  /** The version that was in its place. */
  replaced?: string
  /** Packages whose lifecycle scripts were not run. */
  scriptsNotRun: string[]
}

/**
 * Installs a plugin into a folder of its own, beside the one in use, and puts it in place once it has shown that it can be
 * loaded: whatever fails, what was installed before goes on working.
 *
 * @throws ParixError
 */
export async function installPlugin(source: Source, options: InstallOptions): Promise<Installed> {
  const {dataFolder, allowScripts, environment} = options
  const present = listPlugins(dataFolder)
  const folder = join(dataFolder, 'plugins', `${Date.now().toString(36)}-${process.pid}`)
  mkdirSync(folder, {recursive: true, mode: 0o700})
  try {
    writeFileSync(join(folder, 'package.json'), '{"private": true}\n')
    await npmInstall(source.spec, folder, {allowScripts, environment})
    const root = join(folder, 'node_modules', installedName(folder, source))
    const contents = await readContents(root)
    const before = present.find(({name}) => name === contents.name)
    const replaced = before && versionAt(before)
    await rememberPlugin(dataFolder, {name: contents.name, type: 'user', root, ...origin(source)})
    if (before?.type === 'user') removeFolderOf(before, dataFolder)
    const scriptsNotRun = allowScripts ? [] : packagesWithScripts(folder)
    return {...contents, scriptsNotRun, ...(replaced !== undefined && {replaced})}
  } catch (error) {
    rmSync(folder, {recursive: true, force: true})
    throw error
  }
}

/** Removes the folder that `installPlugin` made; nothing outside the data folder is ever touched. */
export function removeFolderOf({root}: InstalledPlugin, dataFolder: string): void {
  const plugins = join(dataFolder, 'plugins')
  for (let folder = root ?? ''; dirname(folder) !== folder; folder = dirname(folder)) {
    if (dirname(folder) !== plugins) continue
    const away = join(plugins, `.removed-${basename(folder)}`)
    // Renamed first: a removal that is cut short leaves nothing that looks installed.
    if (existsSync(folder)) renameSync(folder, away)
    rmSync(away, {recursive: true, force: true})
    return
  }
}

function origin({kind, tag, spec}: Source): Pick<InstalledPlugin, 'tag' | 'url'> {
  return kind === 'registry' ? {tag: tag ?? 'latest'} : {url: spec}
}

function installedName(folder: string, source: Source): string {
  const {dependencies = {}} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  const [name] = Object.keys(dependencies)
  if (name === undefined) throw new ParixError('FAILED', `npm installed nothing for ${source.spec}.`)
  return name
}

export function versionAt({root}: InstalledPlugin): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(root ?? '', 'package.json'), 'utf8')) as {version?: string}).version
  } catch {
    return undefined
  }
}

const LIFECYCLE = ['preinstall', 'install', 'postinstall']

function packagesWithScripts(folder: string): string[] {
  const modules = join(folder, 'node_modules')
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
