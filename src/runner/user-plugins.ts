import {readFileSync} from 'node:fs'
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

/** What the user installed or linked; nothing where no such file is, or none that can be read. */
export function userPlugins(dataFolder: string): InstalledPlugin[] {
  let text: string
  try {
    text = readFileSync(join(dataFolder, 'package.json'), 'utf8')
  } catch {
    return []
  }
  const {oclif} = JSON.parse(text) as {oclif?: {plugins?: InstalledPlugin[]}}
  return oclif?.plugins ?? []
}
