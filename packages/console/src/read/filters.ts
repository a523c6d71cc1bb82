/** The filters of the operations with everything that a page leaves open filled in. */

import {
  type AccountFilter,
  AccountFilterFlags,
  BLANK_QUERY_FILTER,
  type QueryFilter,
  QueryFilterFlags,
} from '@parix/ledger/schema'

export function queryFilter(given: Partial<Omit<QueryFilter, 'flags'>> & {newestFirst?: boolean}): QueryFilter {
  const {newestFirst = false, ...rest} = given
  return {
    ...BLANK_QUERY_FILTER,
    limit: 50,
    flags: newestFirst ? QueryFilterFlags.reversed : 0,
    ...rest,
  }
}

export function accountFilter(
  given: Partial<Omit<AccountFilter, 'flags'>> & {
    account_id: bigint
    newestFirst?: boolean
    side?: 'debits' | 'credits'
  },
): AccountFilter {
  const {newestFirst = false, side, ...rest} = given
  const sides = side === undefined ? AccountFilterFlags.debits | AccountFilterFlags.credits : AccountFilterFlags[side]
  return {
    user_data_128: 0n,
    user_data_64: 0n,
    user_data_32: 0,
    code: 0,
    timestamp_min: 0n,
    timestamp_max: 0n,
    limit: 50,
    flags: sides | (newestFirst ? AccountFilterFlags.reversed : 0),
    ...rest,
  }
}
