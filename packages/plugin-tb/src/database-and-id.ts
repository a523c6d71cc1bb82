import * as Args from '@oclif/core/args'
import type {Chart} from '@parix/books/chart'
import {translateFields} from '@parix/books/translate'
import {ParixError} from '@parix/kit/errors'
import {parseUint, UINT128_MAX} from '@parix/kit/integers'
import {idText} from './input/ids.js'

/**
 * `[DATABASE-ID] ID`: the database stands first, as everywhere, and may be left out; the id may not. oclif wants required
 * arguments first, so both are read by place.
 */
export function databaseAndIdArguments(called: string) {
  return {
    'database-id': Args.string({description: 'id or name of the database; may be left out, as everywhere'}),
    id: Args.string({description: `id of the ${called}`}),
  }
}

/**
 * @param called what has the id, such as `pending transfer`; of an account see `databaseAndAccount`
 * @throws ParixError USAGE when there is no id, BAD_INPUT when it isn't one
 */
export function databaseAndId(args: {'database-id'?: string | undefined; id?: string | undefined}, called: string) {
  const {'database-id': first, id: second} = args
  if (first === undefined) throw new ParixError('USAGE', `Which ${called}? Give its id.`)
  const [database, text] = second === undefined ? [undefined, first] : [first, second]
  return {database, id: parseId(`The id of the ${called}`, text, called)}
}

/** @param called what has the id, such as `account` @throws ParixError BAD_INPUT when `text` isn't an id, or a reserved one */
export function parseId(field: string, text: string, called: string, chart?: Chart): bigint {
  const id = parseUint(field, idText(field, text, called === 'account' ? 'account' : 'transfer', chart), 128)
  if (id === 0n || id === UINT128_MAX)
    throw new ParixError('BAD_INPUT', `${field} is ${text}, a reserved id, which no ${called} has.`)
  return id
}

/** `[DATABASE-ID] ACCOUNT`; an account that is named by `@` may also come first. */
export const DATABASE_AND_ACCOUNT = {
  'database-id': Args.string({description: 'id or name of the database; may be left out'}),
  account: Args.string({description: 'id of the account, or @NAME of the chart'}),
}

/** @throws ParixError USAGE when there is no account */
export function databaseAndAccount(args: {'database-id'?: string | undefined; account?: string | undefined}): {
  database: string | undefined
  account: string
} {
  const {'database-id': first, account: second} = args
  if (first === undefined) throw new ParixError('USAGE', 'Which account? Give its id, or @NAME of the chart.')
  if (second === undefined) return {database: undefined, account: first}
  return first.startsWith('@') ? {database: second, account: first} : {database: first, account: second}
}

/** `@bank`, a UUID, or a whole number. @throws ParixError BAD_INPUT */
export function accountId(text: string, chart: Chart | undefined): bigint {
  const {account_id = text} = translateFields({account_id: text}, chart, {
    kind: 'account_filter',
    label: () => 'The account',
    typed: true,
  })
  return parseId('The account', account_id, 'account')
}
