/** The flag bits of the four records, named and numbered as in tigerbeetle-node 0.17. */

export enum AccountFlags {
  none = 0,
  linked = 1,
  debits_must_not_exceed_credits = 2,
  credits_must_not_exceed_debits = 4,
  history = 8,
  imported = 16,
  closed = 32,
}

export enum TransferFlags {
  none = 0,
  linked = 1,
  pending = 2,
  post_pending_transfer = 4,
  void_pending_transfer = 8,
  balancing_debit = 16,
  balancing_credit = 32,
  closing_debit = 64,
  closing_credit = 128,
  imported = 256,
}

export enum AccountFilterFlags {
  none = 0,
  debits = 1,
  credits = 2,
  reversed = 4,
}

export enum QueryFilterFlags {
  none = 0,
  reversed = 1,
}
