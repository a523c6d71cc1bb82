import {byNeed, type Catalog, childrenOf, findCommand, type TopicEntry, typed, visibleCommands} from './catalog.js'
import {exampleLines, examplesOf} from './examples.js'
import {guides} from './guides.js'
import {type Look, section, twoColumns, wrap} from './layout.js'

const EXAMPLES_MAX = 6
/** Commands about the CLI itself, which stand apart from what it is for. */
const ABOUT = ['plugins', 'commands', 'completion', 'help', 'version']

/** `parix`, `parix help`, `parix --help`. */
export function rootHelp(catalog: Catalog, look: Look, nested = false): string {
  const children = nested ? commandsBelow(catalog) : childrenOf(catalog)
  const isAbout = ({name}: TopicEntry) => ABOUT.includes(name.split(':')[0]!)
  const about = children.filter(isAbout)
  return join([
    ...wrap(catalog.description, look.width),
    '',
    ...section(
      'EXAMPLES',
      exampleLines(
        catalog.examples.map((command) => ({command})),
        look,
      ),
      look,
    ),
    ...section(
      'COMMANDS',
      rows(
        children.filter((child) => !isAbout(child)),
        look,
      ),
      look,
    ),
    ...section('ABOUT THE COMMAND LINE', rows(about, look), look),
    ...section(
      'GUIDES',
      twoColumns(
        guides.map(({name, summary}) => [`help ${name}`, summary]),
        look,
      ),
      look,
    ),
    `"${catalog.bin} COMMAND --help" shows the help of a command.`,
  ])
}

/** `parix tb`: the commands under a word that is not a command itself, or has more under it. */
export function topicHelp(catalog: Catalog, name: string, look: Look, nested = false): string {
  const topic = catalog.topics.find((one) => one.name === name)
  const children = nested ? commandsBelow(catalog, name) : childrenOf(catalog, name)
  const own = findCommand(catalog, name)
  const description = topic?.description ?? own?.summary ?? ''
  return join([
    ...(description === '' ? [] : [...wrap(description, look.width), '']),
    ...section('EXAMPLES', exampleLines(topicExamples(catalog, name), look), look),
    ...section('COMMANDS', rows(children, look), look),
    `"${catalog.bin} ${typed(name)} COMMAND --help" shows the help of a command.`,
  ])
}

/** Every command under `prefix`, however deep. */
function commandsBelow(catalog: Catalog, prefix = ''): TopicEntry[] {
  return visibleCommands(catalog)
    .filter(({id}) => prefix === '' || id.startsWith(`${prefix}:`))
    .map(({id, summary, description}) => ({name: id, description: summary ?? description?.split('\n', 1)[0]}))
    .sort((a, b) => byNeed(a.name.split(':')[0]!, b.name.split(':')[0]!) || (a.name < b.name ? -1 : 1))
}

function rows(entries: TopicEntry[], look: Look): string[] {
  if (entries.length === 0) return []
  return twoColumns(
    entries.map(({name, description}) => [typed(name), description ?? '']),
    look,
  )
}

/** Words of commands that take something away: no topic leads with one of these. */
const TAKES_AWAY = /^(remove|reset|delete|forget|logout|uninstall|stop|revoke|void|unlink)\b/

/** The topic's own examples, else the first example of each command under it, in the order of the list below. */
function topicExamples(catalog: Catalog, name: string) {
  const own = catalog.topics.find((topic) => topic.name === name)?.examples
  if (own !== undefined && own.length > 0) return own.map((command) => ({command}))
  return childrenOf(catalog, name)
    .filter((child) => !TAKES_AWAY.test(child.name.split(':').at(-1)!))
    .flatMap((child) => {
      const command = findCommand(catalog, child.name)
      const first = command ?? visibleCommands(catalog).find((one) => one.id.startsWith(`${child.name}:`))
      return first === undefined ? [] : examplesOf(catalog, first).slice(0, 1)
    })
    .slice(0, EXAMPLES_MAX)
    .map(({command}) => ({command}))
}

function join(lines: string[]): string {
  return `${lines.join('\n')}\n`
}
