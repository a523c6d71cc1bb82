import type {CreateKind} from '../checks/batch.js'

/** What a result of a create call means, for people. */
export interface Status {
  code: number
  name: string
  /** What happened, as a whole sentence. */
  meaning: string
  /** What to do now. */
  advice: string
}

type Row = [code: number, name: string, meaning: string, advice: string]

const FIX_AND_SEND = 'Correct it and send it again; the same id may be used.'
const OTHER_USE = 'Two payments were given one id: find out which is right. Never send it again under this id.'
const IMPORT_FIX = 'Correct the timestamps and send the batch again; the same ids may be used.'
const NEW_ID = 'This id is used up: put right what is missing and send it with a new id.'

/** Both kinds, numbers apart: TigerBeetle numbers them differently (semantics §15). */
const LINKED: Row[] = [
  [
    1,
    'linked_event_failed',
    'Another event of its linked chain failed, so the whole chain was undone.',
    'Look at the event of the chain that has another result: that is the cause. This id is free.',
  ],
  [
    2,
    'linked_event_chain_open',
    'The last event of the batch is linked to a next one, and there is none.',
    'Take linked off the last event of the chain, or add the missing event. The ids are free.',
  ],
]

const CREATED: Row = [4294967295, 'created', 'It was created.', 'Nothing.']

const ACCOUNTS: Row[] = [
  CREATED,
  ...LINKED,
  [3, 'timestamp_must_be_zero', 'A timestamp was given, but the account is not imported.', FIX_AND_SEND],
  [4, 'reserved_field', 'A reserved field is not 0.', FIX_AND_SEND],
  [5, 'reserved_flag', 'A flag bit that has no meaning is set.', FIX_AND_SEND],
  [6, 'id_must_not_be_zero', 'The id is 0, which is reserved.', 'Choose another id: parix tb id'],
  [7, 'id_must_not_be_int_max', 'The id is 2^128 − 1, which is reserved.', 'Choose another id: parix tb id'],
  [
    8,
    'flags_are_mutually_exclusive',
    'Both limits are set: debits_must_not_exceed_credits and credits_must_not_exceed_debits.',
    FIX_AND_SEND,
  ],
  [9, 'debits_pending_must_be_zero', 'A new account can not have pending debits.', FIX_AND_SEND],
  [10, 'debits_posted_must_be_zero', 'A new account can not have posted debits.', FIX_AND_SEND],
  [11, 'credits_pending_must_be_zero', 'A new account can not have pending credits.', FIX_AND_SEND],
  [12, 'credits_posted_must_be_zero', 'A new account can not have posted credits.', FIX_AND_SEND],
  [13, 'ledger_must_not_be_zero', 'The ledger is 0 or missing.', FIX_AND_SEND],
  [14, 'code_must_not_be_zero', 'The code is 0 or missing.', FIX_AND_SEND],
  [
    15,
    'exists_with_different_flags',
    'An account with this id exists and has other flags.',
    'If it was closed in the meantime, closed is the difference. Otherwise choose another id.',
  ],
  [
    16,
    'exists_with_different_user_data_128',
    'An account with this id exists and has another user_data_128.',
    'Choose another id.',
  ],
  [
    17,
    'exists_with_different_user_data_64',
    'An account with this id exists and has another user_data_64.',
    'Choose another id.',
  ],
  [
    18,
    'exists_with_different_user_data_32',
    'An account with this id exists and has another user_data_32.',
    'Choose another id.',
  ],
  [
    19,
    'exists_with_different_ledger',
    'An account with this id exists on another ledger.',
    'Account ids are unique over all ledgers: choose another id.',
  ],
  [20, 'exists_with_different_code', 'An account with this id exists and has another code.', 'Choose another id.'],
  [
    21,
    'exists',
    'The same account is there already: an earlier attempt made it.',
    'Nothing: it is in the ledger, once.',
  ],
  [
    22,
    'imported_event_expected',
    'The first event of the batch is imported and this one is not.',
    'Send imported and other accounts in separate calls.',
  ],
  [
    23,
    'imported_event_not_expected',
    'This event is imported and the first of the batch is not.',
    'Send imported and other accounts in separate calls.',
  ],
  [24, 'imported_event_timestamp_out_of_range', 'The timestamp is 0 or past 2^63 − 1.', IMPORT_FIX],
  [25, 'imported_event_timestamp_must_not_advance', 'The timestamp lies in the future.', IMPORT_FIX],
  [
    26,
    'imported_event_timestamp_must_not_regress',
    'The timestamp is not later than that of the newest account, or a transfer has exactly this one.',
    IMPORT_FIX,
  ],
]

const TRANSFERS: Row[] = [
  CREATED,
  ...LINKED,
  [3, 'timestamp_must_be_zero', 'A timestamp was given, but the transfer is not imported.', FIX_AND_SEND],
  [4, 'reserved_flag', 'A flag bit that has no meaning is set.', FIX_AND_SEND],
  [5, 'id_must_not_be_zero', 'The id is 0, which is reserved.', 'Choose another id: parix tb id'],
  [6, 'id_must_not_be_int_max', 'The id is 2^128 − 1, which is reserved.', 'Choose another id: parix tb id'],
  [
    7,
    'flags_are_mutually_exclusive',
    'Flags are set that exclude each other: post or void go neither with one another nor with pending, balancing or closing.',
    FIX_AND_SEND,
  ],
  [8, 'debit_account_id_must_not_be_zero', 'The account to debit is 0 or missing.', FIX_AND_SEND],
  [9, 'debit_account_id_must_not_be_int_max', 'The account to debit is 2^128 − 1, which is reserved.', FIX_AND_SEND],
  [10, 'credit_account_id_must_not_be_zero', 'The account to credit is 0 or missing.', FIX_AND_SEND],
  [11, 'credit_account_id_must_not_be_int_max', 'The account to credit is 2^128 − 1, which is reserved.', FIX_AND_SEND],
  [12, 'accounts_must_be_different', 'It would debit and credit the same account.', FIX_AND_SEND],
  [13, 'pending_id_must_be_zero', 'A pending_id was given, but the transfer neither posts nor voids.', FIX_AND_SEND],
  [14, 'pending_id_must_not_be_zero', 'It posts or voids, but does not say which pending transfer.', FIX_AND_SEND],
  [15, 'pending_id_must_not_be_int_max', 'The pending_id is 2^128 − 1, which is reserved.', FIX_AND_SEND],
  [16, 'pending_id_must_be_different', 'The pending_id is the id of the transfer itself.', FIX_AND_SEND],
  [17, 'timeout_reserved_for_pending_transfer', 'A timeout was given, but the transfer is not pending.', FIX_AND_SEND],
  [19, 'ledger_must_not_be_zero', 'The ledger is 0 or missing.', FIX_AND_SEND],
  [20, 'code_must_not_be_zero', 'The code is 0 or missing.', FIX_AND_SEND],
  [21, 'debit_account_not_found', 'The account to debit does not exist.', NEW_ID],
  [22, 'credit_account_not_found', 'The account to credit does not exist.', NEW_ID],
  [23, 'accounts_must_have_the_same_ledger', 'The two accounts are on different ledgers.', FIX_AND_SEND],
  [
    24,
    'transfer_must_have_the_same_ledger_as_accounts',
    'The accounts are on another ledger than the transfer says.',
    FIX_AND_SEND,
  ],
  [25, 'pending_transfer_not_found', 'There is no transfer with that pending_id.', NEW_ID],
  [26, 'pending_transfer_not_pending', 'The transfer that pending_id names is not a pending one.', FIX_AND_SEND],
  [
    27,
    'pending_transfer_has_different_debit_account_id',
    'The pending transfer debits another account.',
    'Leave the account out, or give the same one.',
  ],
  [
    28,
    'pending_transfer_has_different_credit_account_id',
    'The pending transfer credits another account.',
    'Leave the account out, or give the same one.',
  ],
  [
    29,
    'pending_transfer_has_different_ledger',
    'The pending transfer is on another ledger.',
    'Leave the ledger out, or give the same one.',
  ],
  [
    30,
    'pending_transfer_has_different_code',
    'The pending transfer has another code.',
    'Leave the code out, or give the same one.',
  ],
  [
    31,
    'exceeds_pending_transfer_amount',
    'It would post or void more than the pending transfer holds.',
    'Give a smaller amount; "max" posts all that is held.',
  ],
  [
    32,
    'pending_transfer_has_different_amount',
    'A void must be for the whole amount.',
    'Leave the amount out: all of it is voided.',
  ],
  [
    33,
    'pending_transfer_already_posted',
    'The pending transfer was posted before.',
    'Nothing: the money has moved. It can not be posted or voided again.',
  ],
  [
    34,
    'pending_transfer_already_voided',
    'The pending transfer was voided before.',
    'Nothing: what it held was given back. To move money, make a new transfer.',
  ],
  [
    35,
    'pending_transfer_expired',
    'The time of the pending transfer ran out; what it held was given back.',
    'Make a new pending transfer.',
  ],
  [36, 'exists_with_different_flags', 'A transfer with this id exists and has other flags.', OTHER_USE],
  [
    37,
    'exists_with_different_debit_account_id',
    'A transfer with this id exists and debits another account.',
    OTHER_USE,
  ],
  [
    38,
    'exists_with_different_credit_account_id',
    'A transfer with this id exists and credits another account.',
    OTHER_USE,
  ],
  [39, 'exists_with_different_amount', 'A transfer with this id exists and moved another amount.', OTHER_USE],
  [40, 'exists_with_different_pending_id', 'A transfer with this id exists and has another pending_id.', OTHER_USE],
  [
    41,
    'exists_with_different_user_data_128',
    'A transfer with this id exists and has another user_data_128.',
    OTHER_USE,
  ],
  [42, 'exists_with_different_user_data_64', 'A transfer with this id exists and has another user_data_64.', OTHER_USE],
  [43, 'exists_with_different_user_data_32', 'A transfer with this id exists and has another user_data_32.', OTHER_USE],
  [44, 'exists_with_different_timeout', 'A transfer with this id exists and has another timeout.', OTHER_USE],
  [45, 'exists_with_different_code', 'A transfer with this id exists and has another code.', OTHER_USE],
  [46, 'exists', 'The same transfer is there already: an earlier attempt made it.', 'Nothing: the money moved, once.'],
  [47, 'overflows_debits_pending', 'The pending debits of the account would pass 2^128 − 1.', 'Move a smaller amount.'],
  [
    48,
    'overflows_credits_pending',
    'The pending credits of the account would pass 2^128 − 1.',
    'Move a smaller amount.',
  ],
  [49, 'overflows_debits_posted', 'The posted debits of the account would pass 2^128 − 1.', 'Move a smaller amount.'],
  [50, 'overflows_credits_posted', 'The posted credits of the account would pass 2^128 − 1.', 'Move a smaller amount.'],
  [51, 'overflows_debits', 'Posted and pending debits together would pass 2^128 − 1.', 'Move a smaller amount.'],
  [52, 'overflows_credits', 'Posted and pending credits together would pass 2^128 − 1.', 'Move a smaller amount.'],
  [
    53,
    'overflows_timeout',
    'It would expire after the end of time, 2^63 − 1 nanoseconds.',
    'Give a shorter timeout (in seconds).',
  ],
  [
    54,
    'exceeds_credits',
    'The account to debit may not be debited beyond its credits, and this would.',
    'Pay money in or move less, and send it with a new id: this one is used up.',
  ],
  [
    55,
    'exceeds_debits',
    'The account to credit may not be credited beyond its debits, and this would.',
    'Move less, and send it with a new id: this one is used up.',
  ],
  [
    56,
    'imported_event_expected',
    'The first event of the batch is imported and this one is not.',
    'Send imported and other transfers in separate calls.',
  ],
  [
    57,
    'imported_event_not_expected',
    'This event is imported and the first of the batch is not.',
    'Send imported and other transfers in separate calls.',
  ],
  [58, 'imported_event_timestamp_out_of_range', 'The timestamp is 0 or past 2^63 − 1.', IMPORT_FIX],
  [59, 'imported_event_timestamp_must_not_advance', 'The timestamp lies in the future.', IMPORT_FIX],
  [
    60,
    'imported_event_timestamp_must_not_regress',
    'The timestamp is not later than that of the newest transfer, or an account has exactly this one.',
    IMPORT_FIX,
  ],
  [
    61,
    'imported_event_timestamp_must_postdate_debit_account',
    'The transfer is not later than the account that it debits.',
    IMPORT_FIX,
  ],
  [
    62,
    'imported_event_timestamp_must_postdate_credit_account',
    'The transfer is not later than the account that it credits.',
    IMPORT_FIX,
  ],
  [63, 'imported_event_timeout_must_be_zero', 'An imported transfer can not have a timeout.', FIX_AND_SEND],
  [
    64,
    'closing_transfer_must_be_pending',
    'A transfer that closes an account must be pending, so that the account can be opened again.',
    'Add the flag pending; the same id may be used.',
  ],
  [65, 'debit_account_already_closed', 'The account to debit is closed.', NEW_ID],
  [66, 'credit_account_already_closed', 'The account to credit is closed.', NEW_ID],
  [67, 'exists_with_different_ledger', 'A transfer with this id exists on another ledger.', OTHER_USE],
  [
    68,
    'id_already_failed',
    'A transfer with this id was refused before, and the id is used up. Nothing was moved.',
    'Find out why it was refused, and send it with a new id.',
  ],
]

export const STATUSES: Readonly<Record<CreateKind, readonly Status[]>> = {
  account: ACCOUNTS.map(toStatus),
  transfer: TRANSFERS.map(toStatus),
}

function toStatus([code, name, meaning, advice]: Row): Status {
  return {code, name, meaning, advice}
}

/** A transfer that ends like this uses up its id for good, although nothing was stored (semantics §9). */
const TRANSIENT = new Set([
  'debit_account_not_found',
  'credit_account_not_found',
  'pending_transfer_not_found',
  'exceeds_credits',
  'exceeds_debits',
  'debit_account_already_closed',
  'credit_account_already_closed',
])

/** What becomes of the id: `stored` with an object, `burnt` (never again), `free`, or `taken` by another object. */
export type IdFate = 'stored' | 'burnt' | 'free' | 'taken'

export function idFate(kind: CreateKind, name: string): IdFate {
  if (name === 'created' || name === 'exists') return 'stored'
  if (isAlarm(name)) return 'taken'
  if (kind === 'transfer' && (name === 'id_already_failed' || TRANSIENT.has(name))) return 'burnt'
  return name.startsWith('id_must_not') ? 'taken' : 'free'
}

/** One id, two different objects: somewhere a payment was mixed up. */
export function isAlarm(name: string): boolean {
  return name.startsWith('exists_with_different_')
}

export function statusByName(kind: CreateKind, name: string): Status | undefined {
  return STATUSES[kind].find((status) => status.name === name)
}

/** A number that we don't know is shown as it is. 0 is what versions before 0.17 said for 'created'. */
export function statusName(kind: CreateKind, code: number): string {
  if (code === 0) return 'created'
  return STATUSES[kind].find((status) => status.code === code)?.name ?? String(code)
}
