import {ParixCommand} from '@parix/kit/command'
import {byNeed, type Catalog, type CommandEntry, catalogOf, typed, visibleCommands} from '../help/catalog.js'
import {examplesOf} from '../help/examples.js'

export default class CommandsCommand extends ParixCommand<CommandMap> {
  static override summary = 'list all commands with their flags, machine-readable'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.commands[].command'",
  ]

  async run(): Promise<CommandMap> {
    await this.parse(CommandsCommand)
    const map = commandMap(catalogOf(this.config))
    this.show({
      columns: ['COMMAND', 'WHAT IT DOES'],
      rows: map.commands.map(({command, summary}) => [command, summary]),
      whenEmpty: 'There are no commands.',
    })
    return map
  }
}

/** `parix commands --json`. Keys are added over time, never taken away. */
export interface CommandMap {
  version: string
  commands: CommandDescription[]
}

export interface CommandDescription {
  /** As typed, without `parix`. */
  command: string
  summary: string
  plugin: string
  aliases: string[]
  arguments: {name: string; description: string; required: boolean; repeatable: boolean; choices?: string[]}[]
  flags: {
    name: string
    char?: string
    description: string
    kind: 'switch' | 'value'
    required: boolean
    repeatable: boolean
    choices?: string[]
    environment?: string
  }[]
  examples: string[]
}

/** All visible commands, those of one topic together, in the order in which help names them. */
export function commandMap(catalog: Catalog): CommandMap {
  const commands = visibleCommands(catalog)
    .filter((command) => !command.aliases?.includes(command.id))
    .sort((a, b) => byNeed(a.id.split(':')[0]!, b.id.split(':')[0]!) || (a.id < b.id ? -1 : 1))
    .map((command) => describe(catalog, command))
  return {version: catalog.version, commands}
}

function describe(catalog: Catalog, command: CommandEntry): CommandDescription {
  const visible = <T extends {hidden?: boolean | undefined}>(entries: Record<string, T> = {}) =>
    Object.values(entries).filter(({hidden}) => hidden !== true)
  return {
    command: typed(command.id),
    summary: command.summary ?? '',
    plugin: command.pluginName ?? '',
    aliases: (command.aliases ?? []).map(typed),
    arguments: visible(command.args).map(({name, description = '', required, multiple, options}) => ({
      name,
      description,
      required: required === true,
      repeatable: multiple === true || command.strict === false,
      ...(options && {choices: [...options]}),
    })),
    flags: visible(command.flags).map((flag) => ({
      name: flag.name,
      ...(flag.char !== undefined && {char: flag.char}),
      description: flag.description ?? flag.summary ?? '',
      kind: flag.type === 'option' ? 'value' : 'switch',
      required: flag.required === true,
      repeatable: flag.multiple === true,
      ...(flag.options && {choices: [...flag.options]}),
      ...(flag.env !== undefined && {environment: flag.env}),
    })),
    examples: examplesOf(catalog, command).map((example) => example.command),
  }
}
