/** A file that says which column of a CSV each field comes from, as `imports:` of a chart does. */

import {ParixError} from '@parix/kit/errors'
import {parseDocument} from 'yaml'

const TEXT_MAX = 1_000_000

/**
 * `FIELD: COLUMN` in YAML, or JSON, which is a subset of it.
 *
 * @param name of the file, for errors
 * @throws ParixError BAD_INPUT
 */
export function parseMapping(name: string, text: string): Record<string, string> {
  if (text.length > TEXT_MAX) throw bad(name, 'is larger than 1 MB')
  let value: unknown
  try {
    const document = parseDocument(text)
    if (document.errors[0] !== undefined) throw document.errors[0]
    value = document.toJS()
  } catch (error) {
    throw bad(name, `can't be read: ${(error as Error).message.split('\n')[0]!.replace(/:$/, '')}`, error)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad(name, 'is not a list of FIELD: COLUMN')
  return Object.fromEntries(
    Object.entries(value).map(([field, spec]) => {
      if (typeof spec === 'string' || typeof spec === 'number') return [field, String(spec)]
      throw bad(name, `has ${JSON.stringify(field)} without the name of a column`)
    }),
  )
}

function bad(name: string, what: string, cause?: unknown): ParixError {
  return new ParixError('BAD_INPUT', `The mapping ${name} ${what}. Nothing was sent.`, {code: 'bad_mapping', cause})
}
