import {folder} from './folders.js'
import {userPlugins} from './user-plugins.js'

/**
 * What bin/run.js runs: oclif's own steps, over commands that are baked into the bundle. Development goes through
 * bin/dev.js and plain oclif; test/platform/runners.test.ts holds the two against each other.
 *
 * Help and completion of a CLI without installed plugins need no more than the manifests: oclif isn't loaded for them.
 *
 * @param argv without node and the script
 * @param root the folder of the installed CLI
 */
export async function main(argv: string[], root: string): Promise<void> {
  const installed = userPlugins(folder('data'))
  if (installed.length === 0 && (await answerAtOnce(argv))) return
  const {runCommandLine} = await import('./command-line.js')
  await runCommandLine(argv, {root, installed})
}

async function answerAtOnce(argv: string[]): Promise<boolean> {
  const {answer} = await import('./at-once.js')
  return answer(argv)
}
