import {isParixError} from '@parix/kit/errors'
import {terminalLook} from '../help/look.js'
import {helpText} from '../help/show.js'
import {asksForCompletion} from './asked.js'
import {bakedCatalog} from './baked-catalog.js'
import {printFailure} from './failure.js'

/**
 * Answers what needs no command: help, a topic by itself, completion. For a CLI without installed plugins: the baked
 * manifests are all there is to know, and oclif isn't loaded.
 */
export async function answer(argv: string[]): Promise<void> {
  if (asksForCompletion(argv)) {
    const {completionText} = await import('../completion/answer.js')
    process.stdout.write(completionText(bakedCatalog(), argv.slice(1)))
    return
  }
  try {
    process.stdout.write(helpText(bakedCatalog(), argv, terminalLook(argv)))
  } catch (error) {
    if (!isParixError(error)) throw error
    printFailure(error, argv)
  }
}
