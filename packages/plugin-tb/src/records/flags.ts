import {ParixError} from '@parix/kit/errors'
import {parseUint} from '@parix/kit/integers'
import {suggest} from '@parix/kit/suggest'
import {FLAGS as BITS} from '@parix/ledger/schema'
import {CALLED, type RecordKind} from './kinds.js'

/** Name → bit, one table per kind: the same name or bit means something else on another kind. */
export const FLAGS: Readonly<Record<RecordKind, Readonly<Record<string, bigint>>>> = {
  account: asBigints(BITS.account),
  transfer: asBigints(BITS.transfer),
  account_filter: asBigints(BITS.account_filter),
  query_filter: asBigints(BITS.query_filter),
}

function asBigints(bits: Readonly<Record<string, number>>): Record<string, bigint> {
  // Without a prototype: `constructor` is not a flag.
  return Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(bits).map(([name, bit]) => [name, BigInt(bit)])),
  )
}

/**
 * Names (or a number) as a bit field. Several names may be given in one text, separated by `,` or `|`.
 *
 * @param field for errors, such as `--flag` or `transfers[3].flags`
 * @throws ParixError BAD_INPUT for a name or a bit that this kind of object doesn't have
 */
export function parseFlags(kind: RecordKind, field: string, values: readonly string[]): bigint {
  const names = values.flatMap((value) => value.split(/[,|]/).map((name) => ({name: name.trim(), value})))
  // A variable that is not set must not create an account without its limit.
  const empty = names.find(({name}) => name === '')
  if (empty !== undefined) throw emptyFlag(kind, field, empty.value)
  return names.reduce((bitField, {name}) => bitField | oneFlag(kind, field, name), 0n)
}

function emptyFlag(kind: RecordKind, field: string, value: string): ParixError {
  const message =
    value.trim() === ''
      ? `${field} is empty. Leave it out for no flags.`
      : `${field} ${JSON.stringify(value.slice(0, 60))} has an empty name in it.`
  return new ParixError('BAD_INPUT', message, {next: `The flags are ${namesOf(kind)}.`})
}

function oneFlag(kind: RecordKind, field: string, text: string): bigint {
  if (/^[\d-]/.test(text)) return numericFlags(kind, field, parseUint(field, text, 32))
  const name = text
    .replace(/[-\s]/g, '_')
    .replace(/(?<=[a-z])[A-Z]/g, '_$&')
    .toLowerCase()
  const bit = FLAGS[kind][name]
  if (bit === undefined) throw unknownFlag(kind, field, text, name)
  return bit
}

function numericFlags(kind: RecordKind, field: string, value: bigint): bigint {
  const known = Object.values(FLAGS[kind]).reduce((sum, bit) => sum | bit, 0n)
  if ((value & ~known) === 0n) return value
  throw new ParixError(
    'BAD_INPUT',
    `${field} holds bits that no flag of an ${CALLED[kind].one} has: ${value & ~known}.`.replace(
      /\ban (?=[^aeiou])/,
      'a ',
    ),
    {next: `The flags are ${namesOf(kind)}.`},
  )
}

/** Names of the bits that are set; bits without a name as a number. */
export function flagNames(kind: RecordKind, value: bigint): string[] {
  const names = Object.keys(FLAGS[kind]).filter((name) => (value & FLAGS[kind][name]!) !== 0n)
  const unnamed = Object.values(FLAGS[kind]).reduce((rest, bit) => rest & ~bit, value)
  return unnamed === 0n ? names : [...names, String(unnamed)]
}

export function hasFlag(kind: RecordKind, flags: bigint | undefined, name: string): boolean {
  return ((flags ?? 0n) & FLAGS[kind][name]!) !== 0n
}

function unknownFlag(kind: RecordKind, field: string, text: string, name: string): ParixError {
  const others = (Object.keys(FLAGS) as RecordKind[]).filter((other) => name in FLAGS[other])
  const near = suggest(name, Object.keys(FLAGS[kind]))
  const hint =
    others.length > 0
      ? ` ${JSON.stringify(name)} is a flag of ${others.map((other) => CALLED[other].many).join(' and ')}.`
      : near.length > 0
        ? ` Did you mean ${near.join(' or ')}?`
        : ''
  return new ParixError('BAD_INPUT', `${field}: ${CALLED[kind].many} have no flag ${JSON.stringify(text)}.${hint}`, {
    next: `The flags are ${namesOf(kind)}.`,
  })
}

function namesOf(kind: RecordKind): string {
  return Object.keys(FLAGS[kind]).join(', ')
}
