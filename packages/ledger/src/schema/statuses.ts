/**
 * The result of every event of a create call, named and numbered as in tigerbeetle-node 0.17.
 *
 * The numbers are not in order of precedence; docs/rules.md lists the checks in the order they are made. The same number
 * is another status for accounts than for transfers.
 */

export enum CreateAccountStatus {
  linked_event_failed = 1,
  linked_event_chain_open = 2,
  timestamp_must_be_zero = 3,
  reserved_field = 4,
  reserved_flag = 5,
  id_must_not_be_zero = 6,
  id_must_not_be_int_max = 7,
  flags_are_mutually_exclusive = 8,
  debits_pending_must_be_zero = 9,
  debits_posted_must_be_zero = 10,
  credits_pending_must_be_zero = 11,
  credits_posted_must_be_zero = 12,
  ledger_must_not_be_zero = 13,
  code_must_not_be_zero = 14,
  exists_with_different_flags = 15,
  exists_with_different_user_data_128 = 16,
  exists_with_different_user_data_64 = 17,
  exists_with_different_user_data_32 = 18,
  exists_with_different_ledger = 19,
  exists_with_different_code = 20,
  exists = 21,
  imported_event_expected = 22,
  imported_event_not_expected = 23,
  imported_event_timestamp_out_of_range = 24,
  imported_event_timestamp_must_not_advance = 25,
  imported_event_timestamp_must_not_regress = 26,
  created = 4294967295,
}

export enum CreateTransferStatus {
  linked_event_failed = 1,
  linked_event_chain_open = 2,
  timestamp_must_be_zero = 3,
  reserved_flag = 4,
  id_must_not_be_zero = 5,
  id_must_not_be_int_max = 6,
  flags_are_mutually_exclusive = 7,
  debit_account_id_must_not_be_zero = 8,
  debit_account_id_must_not_be_int_max = 9,
  credit_account_id_must_not_be_zero = 10,
  credit_account_id_must_not_be_int_max = 11,
  accounts_must_be_different = 12,
  pending_id_must_be_zero = 13,
  pending_id_must_not_be_zero = 14,
  pending_id_must_not_be_int_max = 15,
  pending_id_must_be_different = 16,
  timeout_reserved_for_pending_transfer = 17,
  ledger_must_not_be_zero = 19,
  code_must_not_be_zero = 20,
  debit_account_not_found = 21,
  credit_account_not_found = 22,
  accounts_must_have_the_same_ledger = 23,
  transfer_must_have_the_same_ledger_as_accounts = 24,
  pending_transfer_not_found = 25,
  pending_transfer_not_pending = 26,
  pending_transfer_has_different_debit_account_id = 27,
  pending_transfer_has_different_credit_account_id = 28,
  pending_transfer_has_different_ledger = 29,
  pending_transfer_has_different_code = 30,
  exceeds_pending_transfer_amount = 31,
  pending_transfer_has_different_amount = 32,
  pending_transfer_already_posted = 33,
  pending_transfer_already_voided = 34,
  pending_transfer_expired = 35,
  exists_with_different_flags = 36,
  exists_with_different_debit_account_id = 37,
  exists_with_different_credit_account_id = 38,
  exists_with_different_amount = 39,
  exists_with_different_pending_id = 40,
  exists_with_different_user_data_128 = 41,
  exists_with_different_user_data_64 = 42,
  exists_with_different_user_data_32 = 43,
  exists_with_different_timeout = 44,
  exists_with_different_code = 45,
  exists = 46,
  overflows_debits_pending = 47,
  overflows_credits_pending = 48,
  overflows_debits_posted = 49,
  overflows_credits_posted = 50,
  overflows_debits = 51,
  overflows_credits = 52,
  overflows_timeout = 53,
  exceeds_credits = 54,
  exceeds_debits = 55,
  imported_event_expected = 56,
  imported_event_not_expected = 57,
  imported_event_timestamp_out_of_range = 58,
  imported_event_timestamp_must_not_advance = 59,
  imported_event_timestamp_must_not_regress = 60,
  imported_event_timestamp_must_postdate_debit_account = 61,
  imported_event_timestamp_must_postdate_credit_account = 62,
  imported_event_timeout_must_be_zero = 63,
  closing_transfer_must_be_pending = 64,
  debit_account_already_closed = 65,
  credit_account_already_closed = 66,
  exists_with_different_ledger = 67,
  id_already_failed = 68,
  created = 4294967295,
}

/** The objects that a create call makes. */
export type CreateKind = 'account' | 'transfer'

export type CreateAccountStatusName = keyof typeof CreateAccountStatus
export type CreateTransferStatusName = keyof typeof CreateTransferStatus

/** Status of an event that was created, for both kinds. */
export const CREATED = 4294967295

const STATUSES: Readonly<Record<CreateKind, Readonly<Record<string, number | string>>>> = {
  account: CreateAccountStatus,
  transfer: CreateTransferStatus,
}

/** @returns undefined for a number that release 0.17 does not have */
export function statusName(kind: CreateKind, code: number): string | undefined {
  const name = Object.hasOwn(STATUSES[kind], code) ? STATUSES[kind][code] : undefined
  return typeof name === 'string' ? name : undefined
}

/** @returns undefined for a name that release 0.17 does not have */
export function statusCode(kind: CreateKind, name: string): number | undefined {
  const code = Object.hasOwn(STATUSES[kind], name) ? STATUSES[kind][name] : undefined
  return typeof code === 'number' ? code : undefined
}

/** Outcomes that depend on the state of the ledger: they burn the transfer's id, although nothing is stored (semantics §9). */
export const ID_BURNING_STATUSES: ReadonlySet<CreateTransferStatus> = new Set([
  CreateTransferStatus.debit_account_not_found,
  CreateTransferStatus.credit_account_not_found,
  CreateTransferStatus.pending_transfer_not_found,
  CreateTransferStatus.exceeds_credits,
  CreateTransferStatus.exceeds_debits,
  CreateTransferStatus.debit_account_already_closed,
  CreateTransferStatus.credit_account_already_closed,
])

/**
 * What becomes of the id of an event:
 * - `stored`: it belongs to the object, created now or before
 * - `burnt`: nothing was stored, and the id is refused for ever
 * - `taken`: another object has it, or it is reserved
 * - `free`: nothing was stored, and the id can be used
 */
export type IdFate = 'stored' | 'burnt' | 'taken' | 'free'

/** @param name of a status; an unknown one leaves the id free */
export function idFate(kind: CreateKind, name: string): IdFate {
  if (name === 'created' || name === 'exists') return 'stored'
  if (existsDifferently(name)) return 'taken'
  if (kind === 'transfer') {
    const code = statusCode(kind, name)
    if (code === CreateTransferStatus.id_already_failed) return 'burnt'
    if (code !== undefined && ID_BURNING_STATUSES.has(code)) return 'burnt'
  }
  return name.startsWith('id_must_not') ? 'taken' : 'free'
}

/** Whether the id was given to two different objects: a mixed-up payment, and never a retry. */
export function existsDifferently(name: string): boolean {
  return name.startsWith('exists_with_different_')
}
