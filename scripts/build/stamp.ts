import {existsSync, readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT, workspaces} from './workspaces.js'

/** Touched after each build without errors. */
export const STAMP = join(ROOT, 'dist', 'stamp')

/** Whether the last build is newer than everything that goes into it. */
export function isFresh(): boolean {
  return newerThanBuild() === undefined
}

/** The first input that is newer than the last build, if there is one; without a build its stamp, which is missing. */
export function newerThanBuild(): string | undefined {
  if (!existsSync(STAMP)) return STAMP
  const built = statSync(STAMP).mtimeMs
  return inputs().find((path) => statSync(path).mtimeMs > built)
}

/** Directories count as well: their time changes when a file goes. */
function inputs(): string[] {
  const sources = workspaces().flatMap(({directory}) => [
    join(directory, 'package.json'),
    ...tree(join(directory, 'src')),
  ])
  return [
    ...sources,
    ...tree(join(ROOT, 'scripts', 'build')),
    join(ROOT, 'tsconfig.base.json'),
    join(ROOT, 'package-lock.json'),
  ]
}

function tree(directory: string): string[] {
  if (!existsSync(directory)) return []
  const entries = readdirSync(directory, {recursive: true, withFileTypes: true})
  return [directory, ...entries.map((entry) => join(entry.parentPath, entry.name))]
}
