import {cpSync, existsSync, realpathSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {type PackageJson, readPackage} from '../build/workspaces.js'

/** A package that another one needs, and where it is installed. */
export interface Needed {
  name: string
  directory: string
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
    const directory = findPackage(name, start)
    if (directory === undefined) {
      if (optional) return
      throw new Error(`${name}, which ${start} needs, is not installed`)
    }
    const known = found.get(name)
    if (known !== undefined) {
      if (known.directory !== directory)
        throw new Error(`${name} is needed in two versions: ${known.directory}, ${directory}`)
      return
    }
    const json = readPackage(directory)
    found.set(name, {name, directory, json})
    for (const dependency of Object.keys(json.dependencies ?? {})) visit(dependency, directory, false)
    for (const dependency of Object.keys((json.optionalDependencies ?? {}) as object))
      visit(dependency, directory, true)
  }
  for (const name of names) visit(name, from, false)
  return [...found.values()]
}

function findPackage(name: string, start: string): string | undefined {
  for (let directory = realpathSync(start); ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (dirname(directory) === directory) return undefined
  }
}

/** What no program runs: TypeScript, its declarations, and maps to it; half of all files. */
const NEVER_RUN = /\.([cm]?ts|map|tsbuildinfo)$/

/** Copies what runs of each into `directory`/node_modules, without what is installed below it. */
export function copyPackages(packages: Needed[], directory: string): void {
  for (const {name, directory: from} of packages) {
    cpSync(from, join(directory, 'node_modules', name), {
      recursive: true,
      filter: (path) => !path.slice(from.length).includes('node_modules') && !NEVER_RUN.test(path),
    })
  }
}
