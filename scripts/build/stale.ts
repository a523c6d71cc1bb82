import {existsSync, readdirSync, rmSync} from 'node:fs'
import {join, relative} from 'node:path'
import {workspaces} from './workspaces.js'

/**
 * tsc keeps the output of a source that is gone, and oclif would go on offering it as a command. Where lib/ itself is
 * gone, tsc's record of the last build must go too, or it believes that nothing needs doing.
 */
export function removeStaleOutputs(): void {
  for (const {directory} of workspaces()) {
    const lib = join(directory, 'lib')
    if (!existsSync(lib)) {
      rmSync(join(directory, 'tsconfig.tsbuildinfo'), {force: true})
      continue
    }
    for (const entry of readdirSync(lib, {recursive: true, withFileTypes: true})) {
      const source = sourceOf(relative(lib, join(entry.parentPath, entry.name)))
      if (entry.isFile() && source !== undefined && !existsSync(join(directory, 'src', source))) {
        rmSync(join(entry.parentPath, entry.name))
      }
    }
  }
}

/** `commands/list.d.ts` comes from `commands/list.ts`; undefined for what tsc did not write. */
function sourceOf(output: string): string | undefined {
  const match = /^(.*?)(\.d\.ts|\.d\.ts\.map|\.js|\.js\.map)$/.exec(output)
  return match === null ? undefined : `${match[1]}.ts`
}
