import {ParixError} from '../errors.js'
import {stringifyJson} from '../json.js'
import {clean, cleanLine} from '../text.js'
import type {ResultWriter, WriterOptions} from './format.js'
/** A compiled `--jq` expression. */
export interface JqFilter {
  /** @throws ParixError FAILED when the expression fails on this input; `outputs` made before that are lost */
  run(json: string): JqResult
}

export interface JqResult {
  /** Each value that came out, as compact JSON text. */
  outputs: string[]
  /** What the expression said by `debug` and `stderr`. */
  said: string
  /** Numbers that were calculated in double precision, where the input's own would have been exact. */
  rounded: string[]
}

/**
 * jq 1.8 as WebAssembly, loaded only here. It keeps numbers of any size as they were written, unless something is
 * calculated with them; it sees neither our environment nor our files.
 *
 * @throws ParixError USAGE when the expression is wrong: compiled before anything is sent
 */
export async function compileJq(expression: string): Promise<JqFilter> {
  const {loadJq} = await import('./jq-engine.js')
  const jq = await loadJq()
  // A leading '-' would be read as a flag of jq.
  const program = ` ${expression}`
  const check = jq.raw('', program, ['-c'])
  if (check.exitCode !== 0) throw jqError('USAGE', check.stderr, 'Nothing was sent: --jq is wrong')
  return {
    run(json) {
      const {stdout, stderr, exitCode} = rawOrTooLarge(() => jq.raw(json, program, ['-c']))
      if (exitCode !== 0) throw jqError('FAILED', stderr, '--jq failed')
      return {
        outputs: stdout === '' ? [] : stdout.split('\n'),
        said: stderr,
        rounded: rounded(stdout, json + expression),
      }
    },
  }
}

/** WebAssembly that runs out of memory ends with 'Aborted()' and the advice to build it otherwise. */
function rawOrTooLarge<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new ParixError('FAILED', 'The response is too large for --jq: jq ran out of memory.', {
      code: 'jq_out_of_memory',
      next: 'Leave --jq out, and filter the body with a jq of your own.',
      cause: error,
    })
  }
}

/** jq calculates with doubles. A large number that neither the result nor the expression holds is such a result. */
function rounded(output: string, known: string): string[] {
  const large = output.match(/(?<![\w.])-?\d{16,}(?![\w.])|(?<![\w.])-?\d(?:\.\d+)?[eE]\+?\d+(?![\w.])/g) ?? []
  if (large.length === 0) return []
  const digits = new Set(known.match(/\d{16,}/g))
  const powers = new Set(known.match(/\d+(?:\.\d+)?[eE]\+?\d+/g)?.map(Number))
  const isKnown = (number: string) => digits.has(number) || powers.has(Number(number))
  return [...new Set(large)].filter((number) => !isKnown(number.replace('-', ''))).slice(0, 3)
}

function jqError(kind: 'USAGE' | 'FAILED', stderr: string, what: string): ParixError {
  const [first = '', ...more] = stderr.split('\n').filter((line) => line.trim() !== '')
  const reason = first.replace(/^jq: (error|parse error)(?: \(at [^)]*\))?:? ?/, '').replace(/ at <top-level>.*$/, '')
  const lines = more.filter((line) => !/^jq: \d+ compile errors?$/.test(line)).map(cleanLine)
  return new ParixError(kind, `${what}: ${cleanLine(reason)}`, {
    code: kind === 'USAGE' ? 'bad_jq' : 'jq_failed',
    ...(lines.length > 0 && {errors: lines}),
  })
}

/** Prints what a jq expression makes of the result: as `jq -r` does, text without its quotes, or with `json` as JSON. */
export async function createJqWriter(
  expression: string,
  {json, terminal, warn}: WriterOptions & {json: boolean},
): Promise<ResultWriter> {
  const filter = await compileJq(expression)
  const write = (text: string) => {
    const {outputs, said, rounded} = filter.run(text)
    if (said !== '') warn(clean(said.trimEnd()))
    if (rounded.length > 0) {
      warn(`Warning: --jq calculated ${rounded.join(', ')} in double precision: it may not be exact.`)
    }
    const shown = outputs.map((output) => (output.startsWith('"') && !json ? (JSON.parse(output) as string) : output))
    return shown.map((output) => `${terminal ? clean(output) : output}\n`).join('')
  }
  return {
    whole: (result) => write(stringifyJson(result, 0)),
    part: (rows) => write(stringifyJson(rows, 0)),
  }
}
