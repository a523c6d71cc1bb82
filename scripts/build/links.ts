import {existsSync, mkdirSync, symlinkSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {ROOT, workspaces} from './workspaces.js'

/** Links workspaces into node_modules that were added since npm ran last: a pull that brings a package needs no install. */
export function linkWorkspaces(): void {
  for (const {directory, json} of workspaces()) {
    const link = join(ROOT, 'node_modules', json.name)
    if (directory === ROOT || existsSync(link)) continue
    mkdirSync(dirname(link), {recursive: true})
    symlinkSync(process.platform === 'win32' ? directory : relative(dirname(link), directory), link, 'junction')
  }
}
