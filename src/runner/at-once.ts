import {isParixError} from '@parix/kit/errors'
import {topicOf} from '../help/catalog.js'
import {terminalLook} from '../help/look.js'
import {helpText} from '../help/show.js'
import {asksForCompletion, asksForHelp} from './asked.js'
import {bakedCatalog} from './baked-catalog.js'
import {printFailure} from './failure.js'

/** Answers what needs no command: help, a topic by itself, completion. False when it was something else. */
export async function answer(argv: string[]): Promise<boolean> {
  if (asksForCompletion(argv)) {
    const {completionText} = await import('../completion/answer.js')
    process.stdout.write(completionText(bakedCatalog(), argv.slice(1)))
    return true
  }
  if (!asksForHelp(argv) && !isTopicAlone(argv)) return false
  try {
    process.stdout.write(helpText(bakedCatalog(), argv, terminalLook(argv)))
  } catch (error) {
    if (!isParixError(error)) throw error
    printFailure(error, argv)
  }
  return true
}

/** `parix tb`; a topic that is a command as well is run. */
function isTopicAlone(argv: string[]): boolean {
  if (argv.some((word) => word.startsWith('-'))) return false
  const catalog = bakedCatalog()
  const id = argv.flatMap((word) => word.split(':')).join(':')
  return topicOf(catalog, id) !== undefined && !catalog.commands.some((command) => command.id === id)
}
