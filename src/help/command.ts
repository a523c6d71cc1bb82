import {type ArgEntry, type Catalog, type CommandEntry, childrenOf, type FlagEntry, typed} from './catalog.js'
import {exampleLines, examplesOf, fillIn} from './examples.js'
import {type Look, section, twoColumns, wrap} from './layout.js'

/** The group of the flags that every command has: it comes last. */
const GLOBAL = 'GLOBAL'

/** Help of one command: what it is for, examples, usage, then everything it takes. */
export function commandHelp(catalog: Catalog, command: CommandEntry, look: Look): string {
  const fill = (text: string | undefined) => fillIn(text ?? '', catalog, command)
  const summary = fill(command.summary ?? command.description?.split('\n', 1)[0])
  const description = fill(
    command.summary === undefined ? command.description?.split('\n').slice(1).join('\n') : command.description,
  )
  const flags = Object.values(command.flags ?? {}).filter((flag) => flag.hidden !== true)
  const named = [...new Set(flags.map((flag) => flag.helpGroup).filter((group) => group !== undefined))]
  const groups = [...named.filter((group) => group !== GLOBAL), ...named.filter((group) => group === GLOBAL)]
  const lines = [
    ...wrap(summary, look.width),
    '',
    ...(command.state === 'deprecated' ? ['This command is deprecated.', ''] : []),
    ...section('EXAMPLES', exampleLines(examplesOf(catalog, command), look), look),
    ...section('USAGE', usage(catalog, command, look.width - 2).map(fill), look),
    ...section('ARGUMENTS', argLines(command, look), look),
    ...section(
      'FLAGS',
      flagLines(
        flags.filter((flag) => flag.helpGroup === undefined),
        fill,
        look,
      ),
      look,
    ),
    ...groups.flatMap((group) =>
      section(
        // `MISBEHAVE (to see …)`: what is in parentheses comes last.
        group.replace(/^([^(]*?)( \(.*)?$/s, '$1 FLAGS$2'),
        flagLines(
          flags.filter((flag) => flag.helpGroup === group),
          fill,
          look,
        ),
        look,
      ),
    ),
    ...section('DESCRIPTION', description.trim() === '' ? [] : wrap(description.trim(), look.width - 2), look),
    ...section(
      'ALIASES',
      (command.aliases ?? []).map((alias) => `${catalog.bin} ${typed(alias)}`),
      look,
    ),
    ...section('MORE COMMANDS', moreCommands(catalog, command, look), look),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function moreCommands(catalog: Catalog, command: CommandEntry, look: Look): string[] {
  const children = childrenOf(catalog, command.id)
  return children.length === 0
    ? []
    : twoColumns(
        children.map(({name, description}) => [typed(name), description ?? '']),
        look,
      )
}

function argLines({args = {}}: CommandEntry, look: Look): string[] {
  const shown = Object.values(args).filter((arg) => arg.hidden !== true)
  return shown.length === 0
    ? []
    : twoColumns(
        shown.map((arg) => [argName(arg), argText(arg)]),
        look,
      )
}

function argName(arg: ArgEntry): string {
  return arg.name.toUpperCase() + (arg.multiple === true ? '...' : '')
}

function argText({description = '', options, default: preset}: ArgEntry): string {
  return [description, choices(options), presetText(preset)].filter((text) => text !== '').join(' ')
}

function flagLines(flags: FlagEntry[], fill: (text: string | undefined) => string, look: Look): string[] {
  if (flags.length === 0) return []
  return twoColumns(
    flags.map((flag) => [flagName(flag), flagText(flag, fill)]),
    look,
  )
}

function flagName({name, char, type, helpValue, options, allowNo}: FlagEntry): string {
  const start = char === undefined ? '    ' : `-${char}, `
  if (type !== 'option') return `${start}--${allowNo === true ? '[no-]' : ''}${name}`
  return `${start}--${name}=${valueName({name, helpValue, options})}`
}

function flagText(flag: FlagEntry, fill: (text: string | undefined) => string): string {
  const {summary, description, required, multiple, default: preset, env, options} = flag
  const text = [fill(summary), fill(description)].filter((part) => part !== '').join('. ')
  return [
    required === true ? '(required)' : '',
    text,
    choices(options),
    multiple === true && !/can be (repeated|given more than once)/.test(text) ? '(can be repeated)' : '',
    presetText(preset),
    env === undefined ? '' : `[env: ${env}]`,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

function choices(options: readonly string[] | undefined): string {
  return options === undefined || options.length === 0 ? '' : `(${options.join(', ')})`
}

function presetText(preset: unknown): string {
  return ['string', 'number', 'bigint'].includes(typeof preset) && preset !== '' ? `[default: ${String(preset)}]` : ''
}

/** How a command is typed. Flags of every command are left out: they have their own section. */
export function usage(catalog: Catalog, command: CommandEntry, columns: number): string[] {
  if (command.usage !== undefined) return [command.usage].flat().map((line) => `$ ${catalog.bin} ${line}`)
  const start = `$ ${catalog.bin} ${typed(command.id)}`
  const words = [...argWords(command), ...flagWords(command)]
  const lines: string[] = []
  let line = start
  for (const word of words) {
    if (line.length + 1 + word.length > columns && line.trim() !== '') {
      lines.push(line)
      line = `   ${word}`
    } else line = `${line} ${word}`
  }
  return [...lines, line]
}

function argWords({args = {}, strict}: CommandEntry): string[] {
  const shown = Object.values(args).filter((arg) => arg.hidden !== true)
  return shown.map(({name, required, multiple}) => {
    const word = name.toUpperCase() + (multiple === true || (strict === false && shown.length === 1) ? '...' : '')
    return required === true ? word : `[${word}]`
  })
}

function flagWords({flags = {}}: CommandEntry): string[] {
  const own = Object.values(flags).filter((flag) => flag.hidden !== true && flag.helpGroup !== 'GLOBAL')
  const word = (flag: FlagEntry) => {
    const value = flag.type === 'option' ? ` ${valueName(flag)}` : ''
    const text = `--${flag.name}${value}${flag.multiple === true ? '...' : ''}`
    return flag.required === true ? text : `[${text}]`
  }
  return own
    .filter((flag) => flag.name !== 'json')
    .sort((a, b) => Number(b.required === true) - Number(a.required === true))
    .map(word)
}

/** What represents a flag's value in help. */
export function valueName({name, helpValue, options}: Pick<FlagEntry, 'name' | 'helpValue' | 'options'>): string {
  if (helpValue !== undefined) return [helpValue].flat().join('|')
  if (options !== undefined && options.length > 0) return 'CHOICE'
  return name.split('-').at(-1)!.toUpperCase()
}
