import {openMemoryLedger} from '@parix/ledger'
import {
  type Account,
  AccountFlags,
  BLANK_ACCOUNT,
  BLANK_TRANSFER,
  CreateTransferStatus,
  type Transfer,
  TransferFlags,
} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {type DryLedger, Opening} from '../../src/import/dry-opening.js'
import type {Database} from '../support/check-file.js'

const BALANCES = ['debits_posted', 'credits_posted', 'debits_pending', 'credits_pending'] as const
const {debits_must_not_exceed_credits, credits_must_not_exceed_debits, closed, history} = AccountFlags

const balancesOf = (accounts: readonly Account[]) =>
  accounts.map((account) => Object.fromEntries([['id', account.id], ...BALANCES.map((name) => [name, account[name]])]))

/** A ledger that was opened with these accounts and holds. */
async function opened(...steps: {accounts: Account[]; holds: Transfer[]}[]): Promise<Database> {
  const ledger = await openMemoryLedger()
  const opening = new Opening(ledger as unknown as DryLedger)
  for (const {accounts, holds} of steps) await opening.open(accounts, holds)
  return ledger
}

/** A database in which these transfers were made, where the ledger allowed them. */
async function databaseOf(flags: readonly number[], transfers: readonly Partial<Transfer>[]): Promise<Database> {
  const database = await openMemoryLedger()
  await database.createAccounts(
    flags.map((bits, index) => ({
      ...BLANK_ACCOUNT,
      id: BigInt(index + 1),
      ledger: 1 + (index % 2),
      code: 1,
      flags: bits,
    })),
  )
  await database.createTransfers(
    transfers.map((transfer, index) => ({...BLANK_TRANSFER, id: BigInt(index + 1), code: 1, ...transfer})),
  )
  return database
}

describe('the opening of a dry run', () => {
  const drawn = fc.array(
    fc.record({
      from: fc.integer({min: 1, max: 6}),
      to: fc.integer({min: 1, max: 6}),
      amount: fc.bigInt({min: 0n, max: 20n}),
      hold: fc.boolean(),
    }),
    {maxLength: 25},
  )
  const FLAGS = [
    0,
    0,
    debits_must_not_exceed_credits,
    debits_must_not_exceed_credits,
    credits_must_not_exceed_debits,
    history,
  ]
  const ids = FLAGS.map((_, index) => BigInt(index + 1))
  const transfersOf = (all: {from: number; to: number; amount: bigint; hold: boolean}[]) =>
    all.map(({from, to, amount, hold}) => ({
      ...{debit_account_id: BigInt(from), credit_account_id: BigInt(to), amount, ledger: 1 + ((from - 1) % 2)},
      flags: hold ? TransferFlags.pending : 0,
    }))

  it('has the balances that the database has, whatever limits its accounts have and whichever holds are known', () =>
    fc.assert(
      fc.asyncProperty(drawn, fc.func(fc.boolean()), async (all, isKnown) => {
        const database = await databaseOf(FLAGS, transfersOf(all))
        const accounts = await database.lookupAccounts(ids)
        const there = await database.lookupTransfers(all.map((_, index) => BigInt(index + 1)))
        const holds = there.filter(({id, flags}) => (flags & TransferFlags.pending) !== 0 && isKnown(id))
        const ledger = await opened({accounts, holds})
        expect(balancesOf(await ledger.lookupAccounts(ids))).to.deep.equal(balancesOf(accounts))
        const known = await ledger.lookupTransfers(holds.map(({id}) => id))
        expect(known.map(({id, amount}) => [id, amount])).to.deep.equal(holds.map(({id, amount}) => [id, amount]))
        await Promise.all([ledger.close(), database.close()])
      }),
      {numRuns: 20},
    ))

  it('is the same whether accounts and holds come at once or one after the other', () =>
    fc.assert(
      fc.asyncProperty(drawn, fc.integer({min: 0, max: 6}), async (all, cut) => {
        const database = await databaseOf(FLAGS, transfersOf(all))
        const accounts = await database.lookupAccounts(ids)
        const there = await database.lookupTransfers(all.map((_, index) => BigInt(index + 1)))
        const holds = there.filter(({flags}) => (flags & TransferFlags.pending) !== 0)
        const first = new Set(accounts.slice(0, cut).map(({id}) => id))
        const isEarly = (hold: Transfer) => first.has(hold.debit_account_id) && first.has(hold.credit_account_id)
        const ledger = await opened(
          {accounts: accounts.slice(0, cut), holds: holds.filter(isEarly)},
          {accounts: accounts.slice(cut), holds: holds.filter((hold) => !isEarly(hold))},
        )
        expect(balancesOf(await ledger.lookupAccounts(ids))).to.deep.equal(balancesOf(accounts))
        await Promise.all([ledger.close(), database.close()])
      }),
      {numRuns: 20},
    ))

  it('a hold can be posted and voided there, once', async () => {
    const hold = {...{debit_account_id: 1n, credit_account_id: 2n, amount: 9n, ledger: 1}, flags: TransferFlags.pending}
    const database = await databaseOf([0, 0], [])
    await database.createAccounts([{...BLANK_ACCOUNT, id: 7n, ledger: 1, code: 1}])
    await database.createTransfers([{...BLANK_TRANSFER, ...hold, id: 5n, credit_account_id: 7n, code: 1, timeout: 60}])
    const accounts = await database.lookupAccounts([1n, 7n])
    const [known] = await database.lookupTransfers([5n])
    const ledger = await opened({accounts, holds: [known!]})
    const post = {...BLANK_TRANSFER, id: 100n, pending_id: 5n, amount: 4n, flags: TransferFlags.post_pending_transfer}
    const results = await ledger.createTransfers([post, {...post, id: 101n}])
    expect(results.map(({status}) => CreateTransferStatus[status])).to.deep.equal([
      'created',
      'pending_transfer_already_posted',
    ])
    expect(balancesOf(await ledger.lookupAccounts([1n]))[0]).to.include({debits_posted: 4n, debits_pending: 0n})
    const [copy] = await ledger.lookupTransfers([5n])
    expect(copy!.timeout, 'it does not expire while the file is checked').to.equal(0)
    await Promise.all([ledger.close(), database.close()])
  })

  it('an account that is closed there is closed here, and its balances are the same', async () => {
    const database = await databaseOf(
      [0, 0, 0],
      [
        {debit_account_id: 1n, credit_account_id: 3n, amount: 5n, ledger: 1},
        {
          debit_account_id: 1n,
          credit_account_id: 3n,
          ledger: 1,
          flags: TransferFlags.pending | TransferFlags.closing_debit,
        },
      ],
    )
    const accounts = await database.lookupAccounts([1n, 3n])
    expect(accounts[0]!.flags & closed).to.equal(closed)
    const ledger = await opened({accounts, holds: []})
    const [result] = await ledger.createTransfers([
      {...BLANK_TRANSFER, id: 9n, debit_account_id: 1n, credit_account_id: 3n, amount: 1n, ledger: 1, code: 1},
    ])
    expect(CreateTransferStatus[result!.status]).to.equal('debit_account_already_closed')
    expect(balancesOf(await ledger.lookupAccounts([1n, 3n]))).to.deep.equal(balancesOf(accounts))
    await Promise.all([ledger.close(), database.close()])
  })

  it('an account whose limit holds to the last unit is opened in the order that the limit allows', async () => {
    const full = {ledger: 1, code: 1, debits_posted: 10n, credits_posted: 10n}
    const accounts = [
      {...BLANK_ACCOUNT, ...full, id: 1n, flags: debits_must_not_exceed_credits},
      {...BLANK_ACCOUNT, ...full, id: 2n, flags: credits_must_not_exceed_debits},
      {
        ...BLANK_ACCOUNT,
        ...full,
        id: 3n,
        credits_posted: 12n,
        debits_pending: 2n,
        flags: debits_must_not_exceed_credits,
      },
      {
        ...BLANK_ACCOUNT,
        ...full,
        id: 4n,
        debits_posted: 12n,
        credits_pending: 2n,
        flags: credits_must_not_exceed_debits,
      },
    ]
    const ledger = await opened({accounts, holds: []})
    expect(balancesOf(await ledger.lookupAccounts([1n, 2n, 3n, 4n]))).to.deep.equal(balancesOf(accounts))
    await ledger.close()
  })

  it('balances of 128 bits are opened with every digit', async () => {
    const most = 2n ** 127n - 1n
    const account = (id: bigint, more: Partial<Account>): Account => ({
      ...BLANK_ACCOUNT,
      id,
      ledger: 1,
      code: 1,
      ...more,
    })
    const accounts = [
      account(1n, {debits_posted: most, credits_posted: most - 1n, debits_pending: 1n}),
      account(2n, {credits_posted: most, flags: debits_must_not_exceed_credits, debits_pending: most}),
    ]
    const ledger = await opened({accounts, holds: []})
    expect(balancesOf(await ledger.lookupAccounts([1n, 2n]))).to.deep.equal(balancesOf(accounts))
    await ledger.close()
  })

  it('ids of the file stay free: those of the opening are where no import makes one', async () => {
    const database = await databaseOf(FLAGS, [{debit_account_id: 1n, credit_account_id: 3n, amount: 5n, ledger: 1}])
    const ledger = await opened({accounts: await database.lookupAccounts(ids), holds: []})
    const all = await ledger.queryTransfers({
      ...{user_data_128: 0n, user_data_64: 0n, user_data_32: 0, ledger: 0, code: 0},
      ...{timestamp_min: 0n, timestamp_max: 0n, limit: 100, flags: 0},
    })
    expect(all).to.not.deep.equal([])
    for (const {id} of all) expect(id >= 2n ** 127n).to.equal(true)
    await Promise.all([ledger.close(), database.close()])
  })
})
