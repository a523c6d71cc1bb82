import {
  type CreateAccountStatusName,
  type CreateKind,
  type CreateTransferStatusName,
  statusCode,
  statusName as tigerbeetleName,
} from '@parix/ledger/schema'

/** What a result of a create call means, for people. */
export interface Status {
  code: number
  name: string
  /** What happened, as a whole sentence. */
  meaning: string
  /** What to do now. */
  advice: string
}

type Explanation = readonly [meaning: string, advice: string]

const FIX_AND_SEND = 'Correct it and send it again; the same id may be used.'
const OTHER_USE = 'Two payments were given one id: find out which is right. Never send it again under this id.'
const IMPORT_FIX = 'Correct the timestamps and send the batch again; the same ids may be used.'
const NEW_ID = 'This id is used up: put right what is missing and send it with a new id.'

const LINKED = {
  linked_event_failed: [
    'Another event of its linked chain failed, so the whole chain was undone.',
    'Look at the event of the chain that has another result: that is the cause. This id is free.',
  ],
  linked_event_chain_open: [
    'The last event of the batch is linked to a next one, and there is none.',
    'Take linked off the last event of the chain, or add the missing event. The ids are free.',
  ],
} as const satisfies Record<string, Explanation>

const CREATED: Explanation = ['It was created.', 'Nothing.']

const ACCOUNTS: Readonly<Record<CreateAccountStatusName, Explanation>> = {
  created: CREATED,
  ...LINKED,
  timestamp_must_be_zero: ['A timestamp was given, but the account is not imported.', FIX_AND_SEND],
  reserved_field: ['A reserved field is not 0.', FIX_AND_SEND],
  reserved_flag: ['A flag bit that has no meaning is set.', FIX_AND_SEND],
  id_must_not_be_zero: ['The id is 0, which is reserved.', 'Choose another id: parix tb id'],
  id_must_not_be_int_max: ['The id is 2^128 − 1, which is reserved.', 'Choose another id: parix tb id'],
  flags_are_mutually_exclusive: [
    'Both limits are set: debits_must_not_exceed_credits and credits_must_not_exceed_debits.',
    FIX_AND_SEND,
  ],
  debits_pending_must_be_zero: ['A new account can not have pending debits.', FIX_AND_SEND],
  debits_posted_must_be_zero: ['A new account can not have posted debits.', FIX_AND_SEND],
  credits_pending_must_be_zero: ['A new account can not have pending credits.', FIX_AND_SEND],
  credits_posted_must_be_zero: ['A new account can not have posted credits.', FIX_AND_SEND],
  ledger_must_not_be_zero: ['The ledger is 0 or missing.', FIX_AND_SEND],
  code_must_not_be_zero: ['The code is 0 or missing.', FIX_AND_SEND],
  exists_with_different_flags: [
    'An account with this id exists and has other flags.',
    'If it was closed in the meantime, closed is the difference. Otherwise choose another id.',
  ],
  exists_with_different_user_data_128: [
    'An account with this id exists and has another user_data_128.',
    'Choose another id.',
  ],
  exists_with_different_user_data_64: [
    'An account with this id exists and has another user_data_64.',
    'Choose another id.',
  ],
  exists_with_different_user_data_32: [
    'An account with this id exists and has another user_data_32.',
    'Choose another id.',
  ],
  exists_with_different_ledger: [
    'An account with this id exists on another ledger.',
    'Account ids are unique over all ledgers: choose another id.',
  ],
  exists_with_different_code: ['An account with this id exists and has another code.', 'Choose another id.'],
  exists: ['The same account already exists: an earlier attempt created it.', 'Nothing: it is in the ledger, once.'],
  imported_event_expected: [
    'The first event of the batch is imported and this one is not.',
    'Send imported and other accounts in separate calls.',
  ],
  imported_event_not_expected: [
    'This event is imported and the first of the batch is not.',
    'Send imported and other accounts in separate calls.',
  ],
  imported_event_timestamp_out_of_range: ['The timestamp is 0 or past 2^63 − 1.', IMPORT_FIX],
  imported_event_timestamp_must_not_advance: ['The timestamp lies in the future.', IMPORT_FIX],
  imported_event_timestamp_must_not_regress: [
    'The timestamp is not later than that of the newest account, or a transfer has exactly this one.',
    IMPORT_FIX,
  ],
}

const TRANSFERS: Readonly<Record<CreateTransferStatusName, Explanation>> = {
  created: CREATED,
  ...LINKED,
  timestamp_must_be_zero: ['A timestamp was given, but the transfer is not imported.', FIX_AND_SEND],
  reserved_flag: ['A flag bit that has no meaning is set.', FIX_AND_SEND],
  id_must_not_be_zero: ['The id is 0, which is reserved.', 'Choose another id: parix tb id'],
  id_must_not_be_int_max: ['The id is 2^128 − 1, which is reserved.', 'Choose another id: parix tb id'],
  flags_are_mutually_exclusive: [
    'Flags are set that exclude each other: post or void go neither with one another nor with pending, balancing or closing.',
    FIX_AND_SEND,
  ],
  debit_account_id_must_not_be_zero: ['The account to debit is 0 or missing.', FIX_AND_SEND],
  debit_account_id_must_not_be_int_max: ['The account to debit is 2^128 − 1, which is reserved.', FIX_AND_SEND],
  credit_account_id_must_not_be_zero: ['The account to credit is 0 or missing.', FIX_AND_SEND],
  credit_account_id_must_not_be_int_max: ['The account to credit is 2^128 − 1, which is reserved.', FIX_AND_SEND],
  accounts_must_be_different: ['It would debit and credit the same account.', FIX_AND_SEND],
  pending_id_must_be_zero: ['A pending_id was given, but the transfer neither posts nor voids.', FIX_AND_SEND],
  pending_id_must_not_be_zero: ['It posts or voids, but does not say which pending transfer.', FIX_AND_SEND],
  pending_id_must_not_be_int_max: ['The pending_id is 2^128 − 1, which is reserved.', FIX_AND_SEND],
  pending_id_must_be_different: ['The pending_id is the id of the transfer itself.', FIX_AND_SEND],
  timeout_reserved_for_pending_transfer: ['A timeout was given, but the transfer is not pending.', FIX_AND_SEND],
  ledger_must_not_be_zero: ['The ledger is 0 or missing.', FIX_AND_SEND],
  code_must_not_be_zero: ['The code is 0 or missing.', FIX_AND_SEND],
  debit_account_not_found: ['The account to debit does not exist.', NEW_ID],
  credit_account_not_found: ['The account to credit does not exist.', NEW_ID],
  accounts_must_have_the_same_ledger: ['The two accounts are on different ledgers.', FIX_AND_SEND],
  transfer_must_have_the_same_ledger_as_accounts: [
    'The ledger of the accounts is not the one that the transfer names.',
    FIX_AND_SEND,
  ],
  pending_transfer_not_found: ['There is no transfer with that pending_id.', NEW_ID],
  pending_transfer_not_pending: ['The transfer that pending_id names is not a pending one.', FIX_AND_SEND],
  pending_transfer_has_different_debit_account_id: [
    'The pending transfer debits another account.',
    'Leave the account out, or give the same one.',
  ],
  pending_transfer_has_different_credit_account_id: [
    'The pending transfer credits another account.',
    'Leave the account out, or give the same one.',
  ],
  pending_transfer_has_different_ledger: [
    'The pending transfer is on another ledger.',
    'Leave the ledger out, or give the same one.',
  ],
  pending_transfer_has_different_code: [
    'The pending transfer has another code.',
    'Leave the code out, or give the same one.',
  ],
  exceeds_pending_transfer_amount: [
    'It would post or void more than the pending transfer holds.',
    'Give a smaller amount; "max" posts all that is held.',
  ],
  pending_transfer_has_different_amount: [
    'A void must be for the whole amount.',
    'Leave the amount out: all of it is voided.',
  ],
  pending_transfer_already_posted: [
    'The pending transfer was posted before.',
    'Nothing: the money has moved. It can not be posted or voided again.',
  ],
  pending_transfer_already_voided: [
    'The pending transfer was voided before.',
    'Nothing: what it held was given back. To move money, make a new transfer.',
  ],
  pending_transfer_expired: [
    'The time of the pending transfer ran out; what it held was given back.',
    'Make a new pending transfer.',
  ],
  exists_with_different_flags: ['A transfer with this id exists and has other flags.', OTHER_USE],
  exists_with_different_debit_account_id: ['A transfer with this id exists and debits another account.', OTHER_USE],
  exists_with_different_credit_account_id: ['A transfer with this id exists and credits another account.', OTHER_USE],
  exists_with_different_amount: ['A transfer with this id exists and moved another amount.', OTHER_USE],
  exists_with_different_pending_id: ['A transfer with this id exists and has another pending_id.', OTHER_USE],
  exists_with_different_user_data_128: ['A transfer with this id exists and has another user_data_128.', OTHER_USE],
  exists_with_different_user_data_64: ['A transfer with this id exists and has another user_data_64.', OTHER_USE],
  exists_with_different_user_data_32: ['A transfer with this id exists and has another user_data_32.', OTHER_USE],
  exists_with_different_timeout: ['A transfer with this id exists and has another timeout.', OTHER_USE],
  exists_with_different_code: ['A transfer with this id exists and has another code.', OTHER_USE],
  exists: ['The same transfer already exists: an earlier attempt created it.', 'Nothing: the money moved, once.'],
  overflows_debits_pending: ['The pending debits of the account would pass 2^128 − 1.', 'Move a smaller amount.'],
  overflows_credits_pending: ['The pending credits of the account would pass 2^128 − 1.', 'Move a smaller amount.'],
  overflows_debits_posted: ['The posted debits of the account would pass 2^128 − 1.', 'Move a smaller amount.'],
  overflows_credits_posted: ['The posted credits of the account would pass 2^128 − 1.', 'Move a smaller amount.'],
  overflows_debits: ['Posted and pending debits together would pass 2^128 − 1.', 'Move a smaller amount.'],
  overflows_credits: ['Posted and pending credits together would pass 2^128 − 1.', 'Move a smaller amount.'],
  overflows_timeout: [
    'It would expire after the end of time, 2^63 − 1 nanoseconds.',
    'Give a shorter timeout (in seconds).',
  ],
  exceeds_credits: [
    'The account to debit may not be debited beyond its credits, and this would.',
    'Pay money in or move less, and send it with a new id: this one is used up.',
  ],
  exceeds_debits: [
    'The account to credit may not be credited beyond its debits, and this would.',
    'Move less, and send it with a new id: this one is used up.',
  ],
  imported_event_expected: [
    'The first event of the batch is imported and this one is not.',
    'Send imported and other transfers in separate calls.',
  ],
  imported_event_not_expected: [
    'This event is imported and the first of the batch is not.',
    'Send imported and other transfers in separate calls.',
  ],
  imported_event_timestamp_out_of_range: ['The timestamp is 0 or past 2^63 − 1.', IMPORT_FIX],
  imported_event_timestamp_must_not_advance: ['The timestamp lies in the future.', IMPORT_FIX],
  imported_event_timestamp_must_not_regress: [
    'The timestamp is not later than that of the newest transfer, or an account has exactly this one.',
    IMPORT_FIX,
  ],
  imported_event_timestamp_must_postdate_debit_account: [
    'The transfer is not later than the account that it debits.',
    IMPORT_FIX,
  ],
  imported_event_timestamp_must_postdate_credit_account: [
    'The transfer is not later than the account that it credits.',
    IMPORT_FIX,
  ],
  imported_event_timeout_must_be_zero: [
    'An imported transfer can not have a timeout, and an imported post or void can not resolve a pending transfer that has one.',
    'Leave out the timeout. Post or void a pending transfer that has one without the flag imported. The same id may be used.',
  ],
  closing_transfer_must_be_pending: [
    'A transfer that closes an account must be pending, so that the account can be opened again.',
    'Add the flag pending; the same id may be used.',
  ],
  debit_account_already_closed: ['The account to debit is closed.', NEW_ID],
  credit_account_already_closed: ['The account to credit is closed.', NEW_ID],
  exists_with_different_ledger: ['A transfer with this id exists on another ledger.', OTHER_USE],
  id_already_failed: [
    'A transfer with this id was refused before, and the id is used up. Nothing was moved.',
    'The reason was in the response to the first attempt: look at both accounts and their limits, then send it with a new id (parix tb id).',
  ],
}

/** Every result, explained; the numbers are those of the schema. */
export const STATUSES: Readonly<Record<CreateKind, readonly Status[]>> = {
  account: statuses('account', ACCOUNTS),
  transfer: statuses('transfer', TRANSFERS),
}

function statuses(kind: CreateKind, explanations: Readonly<Record<string, Explanation>>): Status[] {
  return Object.entries(explanations).map(([name, [meaning, advice]]) => {
    return {code: statusCode(kind, name)!, name, meaning, advice}
  })
}

export function statusByName(kind: CreateKind, name: string): Status | undefined {
  return STATUSES[kind].find((status) => status.name === name)
}

/** A number that we don't know is shown as it is. 0 is what versions before 0.17 said for 'created'. */
export function statusName(kind: CreateKind, code: number): string {
  return code === 0 ? 'created' : (tigerbeetleName(kind, code) ?? String(code))
}
