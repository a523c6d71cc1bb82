import type {Chart} from '@parix/books/chart'
import {ParixError} from '@parix/kit/errors'
import {readNamedText} from '@parix/kit/named-file'
import type {Terminal} from '@parix/kit/output'
import {mappedTwice, parseMapArgument} from './mapping.js'

/**
 * The mapping that `--mapping` names, in the chart or in a file of its own, and on top of it every `--map`.
 *
 * @param fieldOf the field that a name means, where it may be written in several forms
 * @throws ParixError BAD_INPUT, USAGE
 */
export async function mappingSpecs(
  {map = [], mapping}: {map?: readonly string[] | undefined; mapping?: string | undefined},
  chart: Chart | undefined,
  terminal: Terminal,
  fieldOf: (name: string) => string = (name) => name,
): Promise<Record<string, string>> {
  const named = mapping === undefined ? {} : await namedMapping(mapping, chart, terminal)
  if (named === undefined) {
    throw new ParixError('BAD_INPUT', `There is no mapping ${JSON.stringify(mapping)} in the chart.`, {
      code: 'bad_mapping',
      hint: 'A file with a mapping has a name that ends with .json, .yaml or .yml.',
    })
  }
  const pairs = map.map(parseMapArgument)
  const fields = pairs.map(([name]) => fieldOf(name))
  const double = fields.findIndex((field, index) => fields.indexOf(field) < index)
  if (double >= 0) {
    const first = fields.indexOf(fields[double]!)
    throw mappedTwice(fields[double]!, pairs[first]![0], pairs[double]![0])
  }
  const kept = Object.entries(named).filter(([name]) => !fields.includes(fieldOf(name)))
  return Object.fromEntries([...kept, ...pairs])
}

async function namedMapping(
  name: string,
  chart: Chart | undefined,
  terminal: Terminal,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (!/\.(json|ya?ml)$/i.test(name)) {
    const {imports = {}} = chart?.compiled ?? {}
    return Object.hasOwn(imports, name) ? imports[name] : undefined
  }
  const {parseMapping} = await import('@parix/books/mapping-file')
  const outcome = 'Nothing was sent.'
  return parseMapping(name, await readNamedText(name, {terminal, code: 'bad_mapping', outcome}))
}
