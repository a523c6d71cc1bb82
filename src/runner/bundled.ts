import {closeSync, openSync, readFileSync, readSync} from 'node:fs'
import {join} from 'node:path'
import {directory} from 'parix:baked'
import type {Command} from '@oclif/core/command'
import type {PJSON} from '@oclif/core/interfaces'
import {aboutTheCli, type Catalog, type CommandEntry, type GlobalFlag, type TopicEntry} from '../help/catalog.js'

/**
 * The packages that this CLI was built with, and their commands. All that is known of the commands is far more than a start
 * needs, and grows with each of them: an index says what a list of commands shows, and where the rest of each command is.
 */
export interface BundledPackage {
  json: PJSON
  manifest: {commands: Record<string, Command.Cached>; version: string}
}

export interface IndexedCommand {
  id: string
  summary?: string | undefined
  aliases?: string[] | undefined
  hiddenAliases?: string[] | undefined
  hidden?: boolean | undefined
  /** Its package, by its place among the packages. */
  owner: number
  /** Its entry of the manifest, from byte to byte of manifests.json. */
  at: [start: number, end: number]
}

/** The CLI itself first, then its plugins in the order in which their commands take precedence. */
interface CommandIndex {
  packages: PJSON[]
  commands: IndexedCommand[]
  globalFlags: GlobalFlag[]
}

const MANIFESTS = 'manifests.json'
let known: CommandIndex | undefined

function index(): CommandIndex {
  known ??= JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as CommandIndex
  return known
}

/**
 * What help and completion need. What is read of a command besides its name and summary is read when it is first looked at.
 */
export function bundledCatalog(): Catalog {
  const {packages, commands, globalFlags} = index()
  const [json] = packages as [PJSON]
  const topics = packages.flatMap(({oclif}) =>
    Object.entries((oclif.topics ?? {}) as Record<string, Omit<TopicEntry, 'name'>>).map(([name, topic]) => ({
      ...topic,
      name,
    })),
  )
  return {
    ...aboutTheCli(json),
    bin: json.oclif.bin ?? 'parix',
    version: json.version,
    commands: commands.map((command) => new BundledCommand(command)),
    topics,
    globalFlags,
  }
}

/** Every package with all its commands, or only the packages that the command of this id needs, with this one alone. */
export function bundledPackages(id?: string): BundledPackage[] {
  if (id === undefined) return JSON.parse(readFileSync(join(directory, MANIFESTS), 'utf8')) as BundledPackage[]
  const {packages, commands} = index()
  const command = commands.find((one) => one.id === id)!
  const owners = [...new Set([0, command.owner])]
  return owners.map((owner) => {
    const json = packages[owner]!
    const own = owner === command.owner ? {[id]: detailsOf(command)} : {}
    return {json, manifest: {commands: own, version: json.version}}
  })
}

function detailsOf({at: [start, end]}: IndexedCommand): Command.Cached {
  const bytes = Buffer.allocUnsafe(end - start)
  const file = openSync(join(directory, MANIFESTS), 'r')
  try {
    if (readSync(file, bytes, 0, bytes.length, start) !== bytes.length) throw new Error(`${MANIFESTS} is cut short`)
  } finally {
    closeSync(file)
  }
  return JSON.parse(bytes.toString('utf8')) as Command.Cached
}

/** A command as help reads it. */
class BundledCommand implements CommandEntry {
  readonly id: string
  readonly summary: string | undefined
  readonly aliases: string[]
  readonly hiddenAliases: string[]
  readonly hidden: boolean | undefined
  private read: CommandEntry | undefined

  constructor(private readonly command: IndexedCommand) {
    const {id, summary, aliases = [], hiddenAliases = [], hidden} = command
    this.id = id
    this.summary = summary
    this.aliases = aliases
    this.hiddenAliases = hiddenAliases
    this.hidden = hidden
  }

  private get details(): CommandEntry {
    // oclif's types are wider than what a manifest holds.
    this.read ??= detailsOf(this.command) as unknown as CommandEntry
    return this.read
  }

  get description() {
    return this.details.description
  }
  get examples() {
    return this.details.examples
  }
  get usage() {
    return this.details.usage
  }
  get strict() {
    return this.details.strict
  }
  get state() {
    return this.details.state
  }
  get args() {
    return this.details.args
  }
  get flags() {
    return this.details.flags
  }
  get pluginName() {
    return this.details.pluginName
  }
}
