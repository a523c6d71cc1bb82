import {isParixError} from '@parix/kit/errors'
import {bundledCatalog} from './bundled.js'
import {asksForCompletion, readCommandLine} from './command-line.js'

/**
 * Answers what needs no command: help, a topic by itself, completion. For a CLI without installed plugins: the bundled
 * manifests are all there is to know, and oclif isn't loaded.
 */
export async function answer(argv: string[]): Promise<void> {
  const catalog = bundledCatalog()
  if (asksForCompletion(argv)) {
    const {completionText} = await import('../completion/completion-text.js')
    process.stdout.write(completionText(catalog, argv.slice(1)))
    return
  }
  const [{helpOutput}, {terminalLook}] = await Promise.all([import('../help/show.js'), import('../help/layout.js')])
  try {
    const request = readCommandLine(catalog, argv)
    const words = request.kind === 'help' ? request.words : argv
    process.stdout.write(helpOutput(catalog, words, {look: terminalLook(argv), json: argv.includes('--json')}))
  } catch (error) {
    if (!isParixError(error)) throw error
    const {printFailure} = await import('./failure.js')
    printFailure(error, argv)
  }
}
