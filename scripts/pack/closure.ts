import {cpSync, existsSync, realpathSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {type PackageJson, readPackage} from '../build/workspaces.js'

/** A package that another one needs, and where it is installed. */
export interface Needed {
  name: string
  folder: string
  json: PackageJson
}

/**
 * Everything that `names` need to run, themselves included, as Node finds it from `from`. Optional dependencies that are
 * not installed are left out: they are for other platforms.
 *
 * @throws Error when a dependency is missing, or needed in two versions: a flat copy could not hold both
 */
export function closure(names: string[], from: string): Needed[] {
  const found = new Map<string, Needed>()
  const visit = (name: string, start: string, optional: boolean) => {
    const folder = findPackage(name, start)
    if (folder === undefined) {
      if (optional) return
      throw new Error(`${name}, which ${start} needs, is not installed`)
    }
    const known = found.get(name)
    if (known !== undefined) {
      if (known.folder !== folder) throw new Error(`${name} is needed in two versions: ${known.folder}, ${folder}`)
      return
    }
    const json = readPackage(folder)
    found.set(name, {name, folder, json})
    for (const dependency of Object.keys(json.dependencies ?? {})) visit(dependency, folder, false)
    for (const dependency of Object.keys((json.optionalDependencies ?? {}) as object)) visit(dependency, folder, true)
  }
  for (const name of names) visit(name, from, false)
  return [...found.values()]
}

function findPackage(name: string, start: string): string | undefined {
  for (let folder = realpathSync(start); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (dirname(folder) === folder) return undefined
  }
}

/** Copies each into `folder`/node_modules, without what is installed below it. */
export function copyPackages(packages: Needed[], folder: string): void {
  for (const {name, folder: from} of packages) {
    cpSync(from, join(folder, 'node_modules', name), {
      recursive: true,
      filter: (path) => !path.slice(from.length).includes('node_modules') && !path.endsWith('.tsbuildinfo'),
    })
  }
}
