import {folder} from './folders.js'
import {userPlugins} from './user-plugins.js'

/**
 * What bin/run.js runs when a command is meant: oclif's own steps, over commands that are baked into the bundle.
 * Development goes through bin/dev.js and plain oclif; test/platform/runners.test.ts holds the two against each other.
 *
 * @param argv without node and the script
 * @param root the folder of the installed CLI
 */
export async function main(argv: string[], root: string): Promise<void> {
  const {runCommandLine} = await import('./command-line.js')
  await runCommandLine(argv, {root, installed: userPlugins(folder('data'))})
}
