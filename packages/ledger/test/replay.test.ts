import {statSync} from 'node:fs'
import {join} from 'node:path'
import {
  AccountFlags,
  type Ledger,
  openLedger,
  openMemoryLedger,
  restoreLedger,
  StoreError,
  type Transfer,
  TransferFlags,
} from '@parix/ledger'
import {expect} from 'chai'
import {plainAccount, plainTransfer} from './random-events.js'
import {NOW, SECOND, withLedger} from './temp-ledger.js'

const CREATED = 4294967295
const pending = (id: bigint, timeout: number): Transfer => ({
  ...plainTransfer(id, 1n, 2n, 10n),
  flags: TransferFlags.pending,
  timeout,
})

async function balances(ledger: Ledger) {
  const [account] = await ledger.lookupAccounts([1n])
  return account && {posted: account.debits_posted, pending: account.debits_pending}
}

async function failure(work: Promise<unknown>): Promise<Error & {code?: string}> {
  return work.then(
    () => new Error('it should have failed'),
    (error: Error) => error,
  )
}

describe('replaying at given times', () => {
  it('an event gets exactly the timestamp that it had, alone or as the last of its batch', async () => {
    const ledger = await openMemoryLedger({now: () => NOW})
    await ledger.createAccountsAt([plainAccount(1n), plainAccount(2n)], 2_000n)
    const results = await ledger.createTransfersAt(
      [plainTransfer(1n, 1n, 2n, 1n), plainTransfer(2n, 1n, 2n, 1n)],
      5_000n,
    )
    expect(results).to.deep.equal([
      {timestamp: 4_999n, status: CREATED},
      {timestamp: 5_000n, status: CREATED},
    ])
    expect((await ledger.lookupAccounts([1n, 2n])).map(({timestamp}) => timestamp)).to.deep.equal([1_999n, 2_000n])
    await ledger.close()
  })

  it('pending transfers that expired before the event are released first, and not a nanosecond earlier', async () => {
    const ledger = await openMemoryLedger()
    await ledger.createAccountsAt([plainAccount(1n), plainAccount(2n)], 2n)
    await ledger.createTransfersAt([pending(1n, 1)], 10n)
    const expiry = 10n + SECOND
    await ledger.createTransfersAt([plainTransfer(2n, 1n, 2n, 1n)], expiry)
    expect(await balances(ledger)).to.deep.equal({posted: 1n, pending: 10n})
    await ledger.createTransfersAt([plainTransfer(3n, 1n, 2n, 1n)], expiry + 1n)
    expect(await balances(ledger)).to.deep.equal({posted: 2n, pending: 0n})
    await ledger.close()
  })

  it('any number of releases leaves the next nanosecond free', async () => {
    const ledger = await openMemoryLedger()
    await ledger.createAccountsAt([plainAccount(1n), plainAccount(2n)], 2n)
    for (let batch = 0; batch < 3; batch++) {
      const events = Array.from({length: 4000}, (_, i) => pending(BigInt(batch * 4000 + i + 1), 1))
      await ledger.createTransfersAt(events, BigInt(10_000 * (batch + 1)))
    }
    const late = 30_000n + SECOND
    expect(await ledger.expirePendingTransfersAt(late)).to.have.length(12_000)
    const [next] = await ledger.createTransfersAt([plainTransfer(20_000n, 1n, 2n, 1n)], late + 1n)
    expect(next).to.deep.equal({timestamp: late + 1n, status: CREATED})
    await ledger.close()
  })

  it('a time that has passed is refused, and nothing is changed', async () => {
    const ledger = await openMemoryLedger()
    await ledger.createAccountsAt([plainAccount(1n), plainAccount(2n)], 1_000n)
    for (const [events, time] of [
      [[plainTransfer(1n, 1n, 2n, 1n)], 1_000n],
      [[plainTransfer(1n, 1n, 2n, 1n), plainTransfer(2n, 1n, 2n, 1n)], 1_001n],
    ] as const) {
      expect(await failure(ledger.createTransfersAt(events, time))).to.have.property('code', 'ERR_TIMESTAMP_TAKEN')
    }
    expect(await ledger.lookupTransfers([1n, 2n])).to.deep.equal([])
    await ledger.createTransfersAt([plainTransfer(1n, 1n, 2n, 1n)], 1_001n)
    await ledger.close()
  })

  it('a ledger on disk that was replayed opens again with the same times', () =>
    withLedger(async (temp) => {
      await temp.ledger.createAccountsAt([plainAccount(1n), plainAccount(2n)], 2_000n)
      await temp.ledger.createTransfersAt([pending(1n, 1)], 3_000n)
      await temp.ledger.createTransfersAt([plainTransfer(2n, 1n, 2n, 5n)], 4_000n + SECOND)
      const ledger = await temp.reopen()
      expect(await balances(ledger)).to.deep.equal({posted: 5n, pending: 0n})
      expect((await ledger.lookupTransfers([2n]))[0]?.timestamp).to.equal(4_000n + SECOND)
    }))
})

describe('a ledger in memory', () => {
  it('has the same rules, and leaves the ledger that it was copied from alone, even while that one is open', () =>
    withLedger(async ({directory, ledger}) => {
      await ledger.createAccounts([
        {...plainAccount(1n), flags: AccountFlags.debits_must_not_exceed_credits},
        plainAccount(2n),
      ])
      await ledger.createTransfers([plainTransfer(1n, 2n, 1n, 100n)])
      const before = statSync(join(directory, 'ledger.log')).size
      const trial = await openMemoryLedger({now: () => NOW, copyOf: {directory}})
      expect(trial.id).to.equal(ledger.id)
      const statuses = await trial.createTransfers([plainTransfer(2n, 1n, 2n, 60n), plainTransfer(3n, 1n, 2n, 60n)])
      expect(statuses.map(({status}) => status)).to.deep.equal([CREATED, 54])
      await trial.close()
      expect(statSync(join(directory, 'ledger.log')).size).to.equal(before)
      expect(await ledger.lookupTransfers([2n])).to.deep.equal([])
    }))

  it('has no snapshots', async () => {
    const ledger = await openMemoryLedger()
    expect(await failure(ledger.snapshot())).to.have.property('code', 'ERR_IN_MEMORY')
    await ledger.close()
  })
})

describe('snapshots', () => {
  it('a ledger that is restored has what it had at the snapshot, and continues from there', () =>
    withLedger(async (temp) => {
      const {directory} = temp
      await temp.ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      await temp.ledger.createTransfers([plainTransfer(1n, 1n, 2n, 5n)])
      const snapshot = JSON.parse(JSON.stringify(await temp.ledger.snapshot()))
      await temp.ledger.createTransfers([plainTransfer(2n, 1n, 2n, 7n)])
      expect(await failure(restoreLedger(directory, snapshot))).to.have.property('code', 'LOCKED')
      const past = await openMemoryLedger({copyOf: {directory, snapshot}})
      expect(await balances(past)).to.deep.equal({posted: 5n, pending: 0n})
      await past.close()
      await temp.ledger.close()
      await restoreLedger(directory, snapshot)
      temp.ledger = await openLedger({directory, create: false, now: () => NOW + SECOND})
      expect(await balances(temp.ledger)).to.deep.equal({posted: 5n, pending: 0n})
      expect(await temp.ledger.snapshot()).to.deep.equal(snapshot)
      const [again] = await temp.ledger.createTransfers([plainTransfer(2n, 1n, 2n, 9n)])
      expect(again?.status).to.equal(CREATED)
      const ledger = await temp.reopen()
      expect(await balances(ledger)).to.deep.equal({posted: 14n, pending: 0n})
    }))

  it('taken while calls are under way, one has exactly the calls before it', () =>
    withLedger(async ({directory, ledger}) => {
      await ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      const first = ledger.createTransfers([plainTransfer(1n, 1n, 2n, 5n)])
      const taken = ledger.snapshot()
      const second = ledger.createTransfers([plainTransfer(2n, 1n, 2n, 7n)])
      const [, snapshot] = await Promise.all([first, taken, second])
      const past = await openMemoryLedger({copyOf: {directory, snapshot}})
      expect(await balances(past)).to.deep.equal({posted: 5n, pending: 0n})
      await past.close()
    }))

  it('one of another ledger, or of a part of the log that is gone, is refused, and nothing is changed', () =>
    withLedger(async (temp) => {
      const {directory} = temp
      await temp.ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      const early = await temp.ledger.snapshot()
      await temp.ledger.createTransfers([plainTransfer(1n, 1n, 2n, 5n)])
      const late = await temp.ledger.snapshot()
      await temp.ledger.close()
      await restoreLedger(directory, early)
      for (const wrong of [
        late,
        {...early, ledgerId: '0'.repeat(32)},
        {...early, length: early.length - 1},
        {...early, checksum: early.checksum ^ 1},
      ]) {
        const error = await failure(restoreLedger(directory, wrong))
        expect(error).to.be.instanceOf(StoreError).with.property('code', 'SNAPSHOT')
        expect(error.message).to.contain('Nothing was changed')
      }
      temp.ledger = await openLedger({directory, create: false})
      expect(await temp.ledger.snapshot()).to.deep.equal(early)
    }))
})
