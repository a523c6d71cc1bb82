import {adviceOf, type ParixError} from '../errors.js'
import type {BaseUrl} from '../origin.js'
import {clean, cleanLine} from '../text.js'
import type {Paint} from './colour.js'

/**
 * `error` for a person: what happened and why, what the service said of each field, the reference, what helps, the commands to go on with. Never
 * wrapped: ids and commands must be copyable.
 */
export function errorText(error: ParixError, paint: Paint, service?: Pick<BaseUrl, 'inPrint'>): string {
  const {errors = [], fieldErrors = {}, instance, requestId} = error.details
  const lines = [`${paint(['red', 'bold'], 'Error:')} ${clean(error.message)}`]
  for (const sentence of errors) lines.push(`  - ${cleanLine(sentence)}`)
  for (const [field, sentences] of Object.entries(fieldErrors)) {
    const line = `  - ${cleanLine(field)}: ${cleanLine(sentences.join(' '))}`
    if (!lines.includes(line)) lines.push(line)
  }
  // urn:uuid:… of the request id says nothing more.
  if (instance !== undefined && !(requestId && instance.endsWith(requestId)))
    lines.push(paint('dim', `  reference: ${cleanLine(instance)}`))
  if (requestId !== undefined) lines.push(paint('dim', `  request id: ${cleanLine(requestId)}`))
  const {next, hints} = adviceOf(error, service)
  // What stands under `Next:` runs as it is: a sentence is a line of its own before it.
  for (const hint of hints) lines.push(clean(hint))
  if (next.length === 1) lines.push(`Next: ${clean(next[0]!)}`)
  else if (next.length > 1) lines.push('Next:', ...next.map((step) => `  ${clean(step)}`))
  return lines.join('\n')
}
