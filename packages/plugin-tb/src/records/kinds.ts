import {
  type Account,
  type AccountFilter,
  FIELDS as FIELD_LISTS,
  type Field,
  type FlaggedKind,
  type QueryFilter,
  type Transfer,
} from '@parix/ledger/schema'

/** The four kinds of object that callers write (semantics §1). Each has fields and flags of its own. */
export type RecordKind = FlaggedKind

/** The fields of each kind, by TigerBeetle's names. */
interface Schema {
  account: Account
  transfer: Transfer
  account_filter: AccountFilter
  query_filter: QueryFilter
}

export type FieldName<Kind extends RecordKind = RecordKind> = Kind extends RecordKind ? keyof Schema[Kind] : never

/** One object, checked: every field that was given, whatever its width. What was left out is absent. */
export type LedgerRecord<Kind extends RecordKind = RecordKind> = Readonly<Partial<Record<FieldName<Kind>, bigint>>>

export type FieldRule = Omit<Field, 'name'>

/** Fields by name, in the order in which they are sent. */
export const FIELDS: Readonly<Record<RecordKind, Readonly<Record<string, FieldRule>>>> = {
  account: byName(FIELD_LISTS.account),
  transfer: byName(FIELD_LISTS.transfer),
  account_filter: byName(FIELD_LISTS.account_filter),
  query_filter: byName(FIELD_LISTS.query_filter),
}

function byName(fields: readonly Field[]): Record<string, FieldRule> {
  // Without a prototype: `constructor` is not a field.
  return Object.assign(Object.create(null), Object.fromEntries(fields.map(({name, ...rule}) => [name, rule])))
}

/** The names that our own flags have for a transfer's accounts; read in JSON too. */
export const SHORT_NAMES: Readonly<Record<string, string>> = {from: 'debit_account_id', to: 'credit_account_id'}

/** `a transfer`, for sentences. */
export const CALLED: Readonly<Record<RecordKind, {one: string; many: string}>> = {
  account: {one: 'account', many: 'accounts'},
  transfer: {one: 'transfer', many: 'transfers'},
  account_filter: {one: 'account filter', many: 'account filters'},
  query_filter: {one: 'query filter', many: 'query filters'},
}
