import {type Catalog, type CommandEntry, type Example, typed} from './catalog.js'
import type {Look} from './layout.js'

export interface PlainExample {
  command: string
  description?: string
}

/** A command's examples, with oclif's placeholders filled in and without the leading `$`. */
export function examplesOf(catalog: Catalog, command: CommandEntry): PlainExample[] {
  const examples = typeof command.examples === 'string' ? [command.examples] : (command.examples ?? [])
  return examples.map((example) => plainExample(catalog, command, example))
}

/** oclif takes an example as one text, whose first lines may describe it, or as an object. */
function plainExample(catalog: Catalog, command: CommandEntry, example: Example): PlainExample {
  const fill = (text: string) => fillIn(text, catalog, command)
  if (typeof example !== 'string') {
    const {description} = example
    return {command: withoutPrompt(fill(example.command)), ...(description && {description: fill(description)})}
  }
  const lines = fill(example).split('\n')
  const start = lines.findIndex((line) => withoutPrompt(line).startsWith(`${catalog.bin} `))
  if (start <= 0) return {command: withoutPrompt(fill(example))}
  return {
    command: lines.slice(start).map(withoutPrompt).join('\n'),
    description: lines.slice(0, start).join(' ').trim(),
  }
}

/** oclif's templates, of which help texts use these four names; loading its template engine would cost more than all of help. */
export function fillIn(text: string, catalog: Catalog, command?: CommandEntry): string {
  return text
    .replace(/<%[-=]\s*config\.bin\s*%>/g, catalog.bin)
    .replace(/<%[-=]\s*config\.version\s*%>/g, catalog.version)
    .replace(/<%[-=]\s*command\.id\s*%>/g, typed(command?.id ?? ''))
    .replace(/<%[-=]\s*command\.summary\s*%>/g, command?.summary ?? '')
}

function withoutPrompt(line: string): string {
  return line.replace(/^\s*(\$ )?/, '')
}

/** Descriptions stand dim above their command, so that what is copied stands alone on its line. */
export function exampleLines(examples: PlainExample[], {paint}: Look): string[] {
  return examples.flatMap(({command, description}) => [
    ...(description === undefined ? [] : [paint('dim', `# ${description}`)]),
    ...command.split('\n').map((line) => `$ ${line}`),
  ])
}
