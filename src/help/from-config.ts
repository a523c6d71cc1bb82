import type {Config, PJSON} from '@oclif/core/interfaces'
import type {Catalog, CommandEntry, TopicEntry} from './catalog.js'

/** What oclif's configuration knows, as help reads it. */
export function catalogOf(config: Pick<Config, 'bin' | 'version' | 'commands' | 'topics' | 'pjson'>): Catalog {
  return {
    ...aboutTheCli(config.pjson),
    bin: config.bin,
    version: config.version,
    // oclif's types are wider than what a manifest holds.
    commands: config.commands as unknown as CommandEntry[],
    topics: config.topics as TopicEntry[],
  }
}

/** Root help opens with what package.json says: its description, and `oclif.examples`. */
export function aboutTheCli(json: PJSON): Pick<Catalog, 'description' | 'examples'> {
  const {examples = []} = json.oclif as {examples?: string[]}
  return {description: (json as {description?: string}).description ?? '', examples}
}
