import type {Common, Ids} from '@parix/books/chains'
import {idsOfKey} from '@parix/books/chains'
import type {Chart} from '@parix/books/chart'
import {translateFields} from '@parix/books/translate'
import {ParixError} from '@parix/kit/errors'
import {parseUint} from '@parix/kit/integers'
import {createIdSource} from '../records/id.js'
import type {DataFlagValues} from './chain-flags.js'

/**
 * What every transfer of a chain has: its code and its user data.
 *
 * @param code the name of a transfer code of the chart that is used where none was given
 * @throws ParixError BAD_INPUT, USAGE where there is no code
 */
export function commonOf(flags: DataFlagValues, chart: Chart | undefined, code?: string): Common {
  const known = code !== undefined && chart !== undefined && Object.hasOwn(chart.compiled.codes.transfer, code)
  const given = flags.code ?? (known ? code : undefined)
  if (given === undefined) {
    const otherwise = code === undefined ? '' : `, or a transfer code "${code}" in the chart`
    throw new ParixError('USAGE', `Which code? Give --code${otherwise}.`, {code: 'missing_code'})
  }
  return {code: codeOf(given, chart), ...userData(flags, chart)}
}

/** @throws ParixError BAD_INPUT */
export function codeOf(text: string, chart: Chart | undefined): number {
  const translated = inIntegers({code: text}, chart).code ?? text
  const code = Number(parseUint('--code', translated, 16))
  if (code === 0) throw new ParixError('BAD_INPUT', '--code must not be 0.')
  return code
}

const BITS = {user_data_128: 128, user_data_64: 64, user_data_32: 32} as const

function userData(flags: DataFlagValues, chart: Chart | undefined): Partial<Common> {
  const texts: Record<string, string> = {}
  for (const field of Object.keys(BITS)) {
    const text = flags[field.replaceAll('_', '-') as keyof DataFlagValues]
    if (text !== undefined) texts[field] = text
  }
  const data: Record<string, bigint | number> = {}
  for (const [field, text] of Object.entries(inIntegers(texts, chart))) {
    const bits = BITS[field as keyof typeof BITS]
    const value = parseUint(`--${field.replaceAll('_', '-')}`, text, bits)
    data[field] = bits === 32 ? Number(value) : value
  }
  return data
}

function inIntegers(fields: Record<string, string>, chart: Chart | undefined): Record<string, string> {
  return translateFields(fields, chart, {
    kind: 'query_filter',
    codes: 'transfer',
    label: (field) => `--${field.replaceAll('_', '-')}`,
    typed: true,
  })
}

/** Ids of a chain: computed from a key, or generated one by one and remembered. */
export interface ChainIds {
  ids: Ids
  generated: Set<bigint>
}

/**
 * @param kind keeps the keys of different commands apart
 * @throws ParixError USAGE for an empty key, which a variable that is not set leaves: every call would have the same ids
 */
export function idsFor(kind: string, key: string | undefined): ChainIds {
  if (key !== undefined && key.trim() === '') throw new ParixError('USAGE', '--key is empty. Nothing was sent.')
  if (key !== undefined) return {ids: idsOfKey(kind, key), generated: new Set()}
  const next = createIdSource()
  const made: bigint[] = []
  const generated = new Set<bigint>()
  const ids = (index: number) => {
    while (made.length <= index) {
      const id = next()
      made.push(id)
      generated.add(id)
    }
    return made[index]!
  }
  return {ids, generated}
}
