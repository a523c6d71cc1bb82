import type {Chart} from '@parix/books/chart'
import {ParixError} from '@parix/kit/errors'
import {readNamedText} from '@parix/kit/named-file'
import type {Terminal} from '@parix/kit/output'
import {parseMapArgument} from './mapping.js'

/**
 * The mapping that `--mapping` names, in the chart or in a file of its own, and on top of it every `--map`.
 *
 * @throws ParixError BAD_INPUT, USAGE
 */
export async function mappingSpecs(
  {map = [], mapping}: {map?: readonly string[] | undefined; mapping?: string | undefined},
  chart: Chart | undefined,
  terminal: Terminal,
): Promise<Record<string, string>> {
  const named = mapping === undefined ? {} : await namedMapping(mapping, chart, terminal)
  if (named === undefined) {
    throw new ParixError('BAD_INPUT', `There is no mapping ${JSON.stringify(mapping)} in the chart.`, {
      code: 'bad_mapping',
      hint: 'A file with a mapping has a name that ends with .json, .yaml or .yml.',
    })
  }
  return {...named, ...Object.fromEntries(map.map(parseMapArgument))}
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
