import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {
  aboutTheCli,
  byNeed,
  type Catalog,
  type CommandEntry,
  childrenOf,
  typed,
  visibleCommands,
} from '../../src/help/catalog.js'
import {commandHelp} from '../../src/help/command.js'
import {guides, guideText} from '../../src/help/guides.js'
import type {Look} from '../../src/help/layout.js'
import {pluginWorkspaces} from '../build/workspaces.js'

const LOOK: Look = {paint: (_style, text) => text, width: 100}

/** docs/commands.md: the help of every command, as `parix COMMAND --help` prints it, and the guides. */
export function commandReference(): string {
  const catalog = builtCatalog()
  const topics = [...new Set(visibleCommands(catalog).map(({id}) => id.split(':')[0]!))].sort(byNeed)
  const parts = topics.flatMap((topic) => [`## ${topic}`, '', ...topicPart(catalog, topic)])
  const guideParts = guides.flatMap((guide) => [`## help ${guide.name}`, '', ...block(guideText(guide, LOOK))])
  const intro = [
    '# Commands',
    '',
    'Written by `npm run docs` from the commands themselves; a test fails when it is not up to date.',
    'Every command also takes the flags of [all commands](#flags-of-all-commands).',
    '',
    ...topics.map((topic) => `- [${topic}](#${topic})${describe(catalog, topic)}`),
    '',
  ]
  return `${[...intro, ...parts, ...globalFlags(catalog), ...guideParts].join('\n').trimEnd()}\n`
}

function topicPart(catalog: Catalog, topic: string): string[] {
  const commands = visibleCommands(catalog).filter(({id}) => id === topic || id.startsWith(`${topic}:`))
  return commands
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((command) => [
      `### ${catalog.bin} ${typed(command.id)}`,
      '',
      ...block(commandHelp(catalog, withoutGlobalFlags(command), LOOK)),
    ])
}

function withoutGlobalFlags(command: CommandEntry): CommandEntry {
  const own = Object.entries(command.flags ?? {}).filter(([, flag]) => flag.helpGroup !== 'GLOBAL')
  return {...command, flags: Object.fromEntries(own)}
}

function globalFlags(catalog: Catalog): string[] {
  const command = visibleCommands(catalog).find(({id}) => id === 'version')!
  const text = commandHelp(catalog, command, LOOK)
  return ['## Flags of all commands', '', ...block(text.slice(text.indexOf('GLOBAL FLAGS')).split('\n\n', 1)[0]!)]
}

function describe(catalog: Catalog, topic: string): string {
  const description = childrenOf(catalog).find(({name}) => name === topic)?.description
  return description === undefined ? '' : `: ${description}`
}

function block(text: string): string[] {
  return ['```', ...text.trimEnd().split('\n'), '```', '']
}

function builtCatalog(): Catalog {
  const workspaces = pluginWorkspaces()
  const [root] = workspaces
  const manifests = workspaces.map(({directory}) =>
    JSON.parse(readFileSync(join(directory, 'oclif.manifest.json'), 'utf8')),
  )
  return {
    ...aboutTheCli(root!.json as unknown as Parameters<typeof aboutTheCli>[0]),
    bin: 'parix',
    version: root!.json.version,
    commands: manifests.flatMap(({commands}: {commands: Record<string, CommandEntry>}) => Object.values(commands)),
    topics: workspaces.flatMap(({json}) =>
      Object.entries(json.oclif?.topics ?? {}).map(([name, topic]) => ({...topic, name})),
    ),
  }
}
