import {type Catalog, type CommandEntry, type FlagEntry, typed} from './catalog.js'

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

/** What stands for a flag's value in help. */
export function valueName({name, helpValue, options}: Pick<FlagEntry, 'name' | 'helpValue' | 'options'>): string {
  if (helpValue !== undefined) return [helpValue].flat().join('|')
  if (options !== undefined && options.length > 0) return 'CHOICE'
  return name.split('-').at(-1)!.toUpperCase()
}
