import {parseUint} from '@parix/kit/integers'
import {parseJson, stringifyJson} from '@parix/kit/json'

/** `{"id": 340282366920938463463374607431768211455}`: JSON.parse would round the id without a word. */
export function idOf(json: string): bigint {
  const {id} = parseJson(json) as {id: number | bigint | string}
  return parseUint('id', String(id), 128)
}

/** Integers beyond 2^53 are written as decimal strings, which no reader rounds. */
export function report(amount: bigint): string {
  return stringifyJson({amount})
}
