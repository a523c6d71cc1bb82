import {readFileSync, type Stats, statSync} from 'node:fs'
import {join} from 'node:path'

/** A plugin that the user installed or linked, as oclif writes it down in the data folder's package.json. */
export interface InstalledPlugin {
  name: string
  type: 'user' | 'link'
  /** The version, range or tag asked for, when it came from a registry. */
  tag?: string
  /** Where it came from otherwise. */
  url?: string
  /** The folder of a linked plugin. */
  root?: string
}

/**
 * What the user installed or linked; nothing where no such file is. One that is damaged is told on stderr, and the CLI goes
 * on with what it has.
 */
export function userPlugins(dataFolder: string): InstalledPlugin[] {
  const path = join(dataFolder, 'package.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
    if (!isTrusted(statSync(dataFolder)) || !isTrusted(statSync(path))) return distrusted(path)
  } catch {
    return []
  }
  try {
    const {oclif} = JSON.parse(text) as {oclif?: {plugins?: InstalledPlugin[]}}
    return (oclif?.plugins ?? []).filter((plugin) => typeof plugin === 'object' && plugin !== null)
  } catch {
    process.stderr.write(`${path}, the list of plugins, is damaged: installed plugins are left out.\n`)
    return []
  }
}

const EVERYBODY_MAY_WRITE = 0o002

/** What is listed is code that runs as this user: only they, or the system, may list it. Windows has no such owner. */
function isTrusted({uid, mode}: Stats): boolean {
  const me = process.geteuid?.()
  return me === undefined || ((uid === me || uid === 0) && (mode & EVERYBODY_MAY_WRITE) === 0)
}

function distrusted(path: string): InstalledPlugin[] {
  process.stderr.write(
    `${path}, the list of plugins, belongs to another user, or everybody may write there: installed plugins are left out.\n`,
  )
  return []
}
