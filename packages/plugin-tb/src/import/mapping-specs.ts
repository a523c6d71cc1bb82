import {readFileSync} from 'node:fs'
import type {Chart} from '@parix/books/chart'
import {reasonOf} from '@parix/files/errors'
import {ParixError} from '@parix/kit/errors'
import {parseMapArgument} from './mapping.js'

/**
 * The mapping that `--mapping` names, in the chart or in a file of its own, and on top of it every `--map`.
 *
 * @throws ParixError BAD_INPUT, USAGE
 */
export async function mappingSpecs(
  {map = [], mapping}: {map?: readonly string[] | undefined; mapping?: string | undefined},
  chart: Chart | undefined,
): Promise<Record<string, string>> {
  const named = mapping === undefined ? {} : await namedMapping(mapping, chart)
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
): Promise<Readonly<Record<string, string>> | undefined> {
  if (!/\.(json|ya?ml)$/i.test(name)) return chart?.compiled.imports[name]
  const {parseMapping} = await import('@parix/books/mapping-file')
  return parseMapping(name, readText(name))
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ParixError('BAD_INPUT', `${path} can't be read: ${reasonOf(error)}. Nothing was sent.`, {
      code: 'bad_mapping',
    })
  }
}
