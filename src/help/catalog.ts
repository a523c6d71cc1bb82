import type {Config, PJSON} from '@oclif/core/interfaces'
import {clean, excerpt} from '@parix/kit/text'

/**
 * All commands and topics there are, as help and suggestions need them. Made from oclif's configuration, or from the
 * baked manifests alone, which is what makes `parix --help` quick.
 */
export interface Catalog {
  bin: string
  version: string
  description: string
  /** Examples that a newcomer should see first, without the leading `$`. */
  examples: string[]
  commands: CommandEntry[]
  topics: TopicEntry[]
  /** The flags of every command; those that `globalFlags` finds when left out. */
  globalFlags?: GlobalFlag[]
}

export type GlobalFlag = Pick<FlagEntry, 'name' | 'char' | 'type'>

/** The part of oclif's cached command that help reads. Ids are joined by colons. */
export interface CommandEntry {
  id: string
  summary?: string | undefined
  description?: string | undefined
  examples?: readonly Example[] | string | undefined
  usage?: string | string[] | undefined
  aliases?: string[]
  hiddenAliases?: string[]
  hidden?: boolean | undefined
  strict?: boolean | undefined
  state?: string | {to?: string} | undefined
  args?: Record<string, ArgEntry> | undefined
  flags?: Record<string, FlagEntry> | undefined
  pluginName?: string | undefined
}

export type Example = string | {command: string; description?: string}

export interface ArgEntry {
  name: string
  description?: string | undefined
  required?: boolean | undefined
  hidden?: boolean | undefined
  multiple?: boolean | undefined
  default?: unknown
  options?: readonly string[] | undefined
}

export interface FlagEntry {
  name: string
  char?: string | undefined
  type?: 'boolean' | 'option' | undefined
  summary?: string | undefined
  description?: string | undefined
  helpValue?: string | string[] | undefined
  helpGroup?: string | undefined
  required?: boolean | undefined
  hidden?: boolean | undefined
  multiple?: boolean | undefined
  allowNo?: boolean | undefined
  default?: unknown
  env?: string | undefined
  options?: readonly string[] | undefined
  exclusive?: unknown[] | undefined
  aliases?: string[] | undefined
}

export interface TopicEntry {
  name: string
  description?: string | undefined
  /** What a newcomer needs, in that order; the first example of each command when left out. */
  examples?: string[] | undefined
  hidden?: boolean | undefined
}

/** What is asked for most comes first, what is about parix itself last; in between, the topics of other plugins. */
const FIRST = ['auth', 'database', 'tb', 'api', 'local']
const LAST = ['plugins', 'commands', 'completion', 'help', 'version']

/** Compares names of topics and commands in the order in which people need them. */
export function byNeed(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0)
}

function rank(name: string): number {
  if (FIRST.includes(name)) return FIRST.indexOf(name)
  return FIRST.length + 1 + LAST.indexOf(name)
}

/** Without hidden ones, and without the entries that oclif makes for aliases. */
export function visibleCommands(catalog: Catalog): CommandEntry[] {
  const known = VISIBLE.get(catalog.commands)
  if (known !== undefined) return known
  const found = catalog.commands.filter(
    (command) => command.hidden !== true && command.aliases?.includes(command.id) !== true,
  )
  VISIBLE.set(catalog.commands, found)
  return found
}

/** Help of a topic asks for each of its commands: filtering all of them each time would make half of what it costs. */
const VISIBLE = new WeakMap<readonly CommandEntry[], CommandEntry[]>()

/** `auth:login` as a user types it. */
export function typed(id: string): string {
  return id.replaceAll(':', ' ')
}

/** The commands and topics right under `prefix`; those of the top without one. */
export function childrenOf(catalog: Catalog, prefix = ''): TopicEntry[] {
  const start = prefix === '' ? '' : `${prefix}:`
  const names = new Map<string, TopicEntry>()
  for (const command of visibleCommands(catalog)) {
    if (!command.id.startsWith(start) || command.id === prefix) continue
    const name = start + command.id.slice(start.length).split(':', 1)[0]!
    if (!names.has(name)) names.set(name, {name, description: describe(catalog, name)})
  }
  return [...names.values()]
    .filter(({name}) => catalog.topics.find((topic) => topic.name === name)?.hidden !== true)
    .sort((a, b) => byNeed(a.name, b.name))
}

export function findCommand(catalog: Catalog, id: string): CommandEntry | undefined {
  return catalog.commands.find(
    (command) => command.id === id || command.aliases?.includes(id) || command.hiddenAliases?.includes(id),
  )
}

/** The flags of every command. They are taken from one that has all of them. */
export function globalFlags(commands: readonly CommandEntry[]): GlobalFlag[] {
  const flags = Object.values(commands.find(({id}) => id === 'version')?.flags ?? {})
  return flags.filter(({helpGroup}) => helpGroup === 'GLOBAL').map(({name, char, type}) => ({name, char, type}))
}

export function isTopic(catalog: Catalog, name: string): boolean {
  const start = `${name}:`
  return visibleCommands(catalog).some((command) => command.id.startsWith(start))
}

/** The topic that `name` is short for: `database` for `db`, where commands have aliases such as `db:list`. */
export function topicOf(catalog: Catalog, name: string): string | undefined {
  if (isTopic(catalog, name)) return name
  const start = `${name}:`
  const command = visibleCommands(catalog).find(({aliases}) => aliases?.some((alias) => alias.startsWith(start)))
  return command?.id.split(':').slice(0, name.split(':').length).join(':')
}

function describe(catalog: Catalog, name: string): string | undefined {
  const topic = catalog.topics.find((one) => one.name === name)?.description
  if (isTopic(catalog, name) && topic !== undefined) return topic
  const command = findCommand(catalog, name)
  return command?.summary ?? command?.description?.split('\n', 1)[0]?.slice(0, LINE_MAX) ?? topic
}

/** What oclif's configuration knows, as help reads it. */
export function catalogOf(config: Pick<Config, 'bin' | 'version' | 'commands' | 'topics' | 'pjson'>): Catalog {
  const commands = config.commands.map((command) => (command.pluginType === 'core' ? command : saidByPlugin(command)))
  return {
    ...aboutTheCli(config.pjson),
    bin: config.bin,
    version: config.version,
    // oclif's types are wider than what a manifest holds.
    commands: commands as unknown as CommandEntry[],
    topics: config.topics.map((topic) => ({...saidByPlugin(topic), ...oneLine(topic.description)})) as TopicEntry[],
  }
}

/** Texts of several lines, and how long they may be: nobody reads more, and a terminal would be full of it. */
const LONG_TEXTS = ['description', 'examples', 'usage', 'command']
const LONG_TEXT_MAX = 20_000
const LINE_MAX = 300

/**
 * What a plugin says of itself is data, as what a service says (threats 7.9): without control characters, names and summaries
 * on one line. What runs it is oclif's own entry, which stays as it is.
 */
function saidByPlugin<T>(value: T, name = ''): T {
  if (typeof value === 'string') return (LONG_TEXTS.includes(name) ? longText(value) : excerpt(value, LINE_MAX)) as T
  if (Array.isArray(value)) return value.map((part) => saidByPlugin(part, name)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, saidByPlugin(part, key)])) as T
}

function oneLine(description: string | undefined): {description?: string} {
  return description === undefined ? {} : {description: excerpt(description, LINE_MAX)}
}

function longText(text: string): string {
  const cleaned = clean(text)
  return cleaned.length > LONG_TEXT_MAX ? `${cleaned.slice(0, LONG_TEXT_MAX)} …` : cleaned
}

/** Root help opens with what package.json says: its description, and `oclif.examples`. */
export function aboutTheCli(json: PJSON): Pick<Catalog, 'description' | 'examples'> {
  const {examples = []} = json.oclif as {examples?: string[]}
  return {description: (json as {description?: string}).description ?? '', examples}
}
