import {packages} from 'parix:baked'
import type {Catalog, CommandEntry, TopicEntry} from '../help/catalog.js'
import {aboutTheCli} from '../help/from-config.js'

/** What help and completion need, from the baked manifests alone: oclif itself isn't loaded. */
export function bakedCatalog(): Catalog {
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
