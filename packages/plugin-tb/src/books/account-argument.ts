import * as Args from '@oclif/core/args'
import type {Chart} from '@parix/books/chart'
import {translateFields} from '@parix/books/translate'
import {ParixError} from '@parix/kit/errors'
import {parseId} from '../database-and-id.js'

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
