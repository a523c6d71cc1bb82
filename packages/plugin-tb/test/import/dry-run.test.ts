import {openMemoryLedger} from '@parix/ledger'
import {
  type Account,
  AccountFlags,
  BLANK_ACCOUNT,
  BLANK_TRANSFER,
  type Transfer,
  TransferFlags,
} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import type {CheckFinding, CheckResult} from '../../src/import/check-rows.js'
import type {DryLedger} from '../../src/import/dry-opening.js'
import {DryRun} from '../../src/import/dry-run.js'
import type {LedgerRecord} from '../../src/records/kinds.js'

const ACCOUNTS: Account[] = [
  {id: 1n, flags: 0},
  {id: 2n, flags: AccountFlags.debits_must_not_exceed_credits},
  {id: 3n, flags: AccountFlags.credits_must_not_exceed_debits},
  {id: 4n, flags: AccountFlags.debits_must_not_exceed_credits},
].map((account) => ({...BLANK_ACCOUNT, ...account, ledger: 1, code: 1}))

interface Drawn {
  from: number
  to: number
  amount: number
  kind: 'move' | 'hold' | 'post' | 'void'
  of: number
}

const drawn: fc.Arbitrary<Drawn[]> = fc.array(
  fc.record({
    from: fc.integer({min: 1, max: 4}),
    to: fc.integer({min: 1, max: 5}),
    amount: fc.integer({min: 0, max: 9}),
    kind: fc.constantFrom('move' as const, 'move' as const, 'hold' as const, 'post' as const, 'void' as const),
    of: fc.integer({min: 1, max: 12}),
  }),
  {minLength: 1, maxLength: 40},
)

/** Ids from `first` on; a post or void is of a transfer some places before. */
function transfersOf(all: readonly Drawn[], first: number): Transfer[] {
  return all.map(({from, to, amount, kind, of}, index) => {
    const base = {...BLANK_TRANSFER, id: BigInt(first + index), amount: BigInt(amount)}
    if (kind === 'post')
      return {...base, pending_id: BigInt(Math.max(1, first + index - of)), flags: TransferFlags.post_pending_transfer}
    if (kind === 'void')
      return {
        ...base,
        amount: 0n,
        pending_id: BigInt(Math.max(1, first + index - of)),
        flags: TransferFlags.void_pending_transfer,
      }
    const flags = kind === 'hold' ? TransferFlags.pending : 0
    return {
      ...base,
      debit_account_id: BigInt(from),
      credit_account_id: BigInt(to === from ? 5 : to),
      ledger: 1,
      code: 1,
      flags,
    }
  })
}

const recordOf = (transfer: Transfer): LedgerRecord =>
  Object.fromEntries(Object.entries(transfer).map(([field, value]) => [field, BigInt(value)]))

describe('a dry run', () => {
  it('finds what a ledger would refuse: after any number of fresh ledgers, and whatever the database held before', () =>
    fc.assert(
      fc.asyncProperty(drawn, drawn, fc.integer({min: 1, max: 9}), async (before, file, transfersMax) => {
        const database = await openMemoryLedger()
        await database.createAccounts(ACCOUNTS)
        await database.createTransfers(transfersOf(before, 1))
        const reader = {
          accounts: async (ids: readonly bigint[]) =>
            new Map((await database.lookupAccounts([...ids])).map((one) => [one.id, one])),
          transfers: async (ids: readonly bigint[]) =>
            new Map((await database.lookupTransfers([...ids])).map((one) => [one.id, one])),
        }
        const open = async () => (await openMemoryLedger()) as unknown as DryLedger
        const run = new DryRun(open, reader, transfersMax)
        const result = {accounts: new Map(), ledgers: new Map()} as unknown as CheckResult
        const findings: CheckFinding[] = []
        const transfers = transfersOf(file, 1000)
        for (let at = 0; at < transfers.length; at += 4) {
          const rows = transfers
            .slice(at, at + 4)
            .map((transfer, index) => ({line: at + index, record: recordOf(transfer)}))
          await run.run(rows, result, (finding) => findings.push(finding))
        }
        await run.close()
        const real = await database.createTransfers(transfers)
        const refused = real.flatMap(({status}, line) => (status === 4294967295 ? [] : [line]))
        expect(findings.map(({line}) => line)).to.deep.equal(refused)
        await database.close()
      }),
      {numRuns: 40},
    )).timeout(60_000)
})
