import {packages} from 'parix:baked'
import {isParixError} from '@parix/kit/errors'
import type {Catalog, CommandEntry, TopicEntry} from '../help/catalog.js'
import {aboutTheCli} from '../help/catalog.js'
import {asksForCompletion, readCommandLine} from './command-line.js'

/**
 * Answers what needs no command: help, a topic by itself, completion. For a CLI without installed plugins: the bundled
 * manifests are all there is to know, and oclif isn't loaded.
 */
export async function answer(argv: string[]): Promise<void> {
  const catalog = bundledCatalog()
  if (asksForCompletion(argv)) {
    const {completionText} = await import('../completion/answer.js')
    process.stdout.write(completionText(catalog, argv.slice(1)))
    return
  }
  // Here, because the whole CLI takes the catalog from this module, and seldom needs these.
  const [{helpAnswer}, {terminalLook}] = await Promise.all([import('../help/show.js'), import('../help/layout.js')])
  try {
    const request = readCommandLine(catalog, argv)
    const words = request.kind === 'help' ? request.words : argv
    process.stdout.write(helpAnswer(catalog, words, {look: terminalLook(argv), json: argv.includes('--json')}))
  } catch (error) {
    if (!isParixError(error)) throw error
    const {printFailure} = await import('./failure.js')
    printFailure(error, argv)
  }
}

/** What help and completion need, from the bundled manifests alone. */
export function bundledCatalog(): Catalog {
  const {json} = packages[0]!
  const topics = packages.flatMap(({json: {oclif}}) =>
    Object.entries((oclif.topics ?? {}) as Record<string, Omit<TopicEntry, 'name'>>).map(([name, topic]) => ({
      ...topic,
      name,
    })),
  )
  return {
    ...aboutTheCli(json),
    bin: json.oclif.bin ?? 'parix',
    version: json.version,
    commands: packages.flatMap(({manifest}) => Object.values(manifest.commands) as unknown as CommandEntry[]),
    topics,
  }
}
