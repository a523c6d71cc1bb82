import {
  AccountFlags,
  type Ledger,
  openMemoryLedger,
  type QueryFilter,
  RECORD_WORDS,
  replayHistory,
  TransferFlags,
} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {askLedger, canonical} from './conversation.js'
import {dump} from './dump.js'
import {firstAccounts, makeWorld, plainAccount, plainTransfer, randomRequest} from './random-events.js'
import {NOW, SECOND} from './temp-ledger.js'

const runs = {numRuns: Number(process.env.LEDGER_LAW_RUNS ?? 12)}
const ALL: QueryFilter = {
  ...{user_data_128: 0n, user_data_64: 0n, user_data_32: 0, ledger: 0, code: 0},
  ...{timestamp_min: 0n, timestamp_max: 0n, limit: 8189, flags: 0},
}

/** A row's flags are in the upper half of this word. */
const FLAGS_WORD = 29

/** What `replayHistory` takes: rows as they are read, without `closed` on accounts that a transfer closed. */
async function historyOf(ledger: Ledger) {
  const accounts = await ledger.records.queryAccounts(ALL)
  const transfers = await ledger.records.queryTransfers(ALL)
  const words = accounts.words.slice(0, accounts.count * RECORD_WORDS)
  const used = new Set((await ledger.queryTransfers(ALL)).flatMap((t) => [t.debit_account_id, t.credit_account_id]))
  for (const [row, {id}] of (await ledger.queryAccounts(ALL)).entries()) {
    if (used.has(id)) words[row * RECORD_WORDS + FLAGS_WORD]! &= ~(AccountFlags.closed << 16)
  }
  return {accounts: words, transfers: transfers.words.slice(0, transfers.count * RECORD_WORDS)}
}

describe('executing history again', () => {
  it('a ledger made of another’s rows equals it, row by row and balance by balance', () =>
    fc.assert(
      fc.asyncProperty(fc.record({seed: fc.integer(), requests: fc.integer({min: 5, max: 250})}), async (script) => {
        const world = {...makeWorld(script.seed), imports: false}
        const now = () => world.now
        const original = await openMemoryLedger({now})
        for (let i = 0; i < script.requests; i++) {
          const request = i === 0 ? firstAccounts(world) : randomRequest(world)
          // As a host does.
          await original.expirePendingTransfers()
          await askLedger(original, request)
        }
        await original.expirePendingTransfers()
        const copy = await openMemoryLedger({now})
        expect(await replayHistory(copy, await historyOf(original))).to.deep.equal([])
        await copy.expirePendingTransfers()
        expect(canonical(await dump(copy))).to.equal(canonical(await dump(original)))
      }),
      runs,
    ))

  it('imported rows keep their times, before, between and after others', async () => {
    let now = NOW
    const original = await openMemoryLedger({now: () => now})
    const imported = AccountFlags.imported
    await original.createAccounts([
      {...plainAccount(1n), flags: imported, timestamp: 10n},
      {...plainAccount(2n), flags: imported, timestamp: 20n},
    ])
    await original.createTransfers([
      {...plainTransfer(1n, 1n, 2n, 5n), flags: TransferFlags.imported | TransferFlags.linked, timestamp: 30n},
      {...plainTransfer(2n, 1n, 2n, 6n), flags: TransferFlags.imported, timestamp: 45n},
    ])
    await original.createTransfers([plainTransfer(3n, 2n, 1n, 1n), plainTransfer(4n, 2n, 1n, 1n)])
    now += SECOND
    await original.createTransfers([
      {...plainTransfer(5n, 1n, 2n, 7n), flags: TransferFlags.imported, timestamp: now - 5n},
    ])
    now += SECOND
    await original.createAccounts([{...plainAccount(3n), flags: AccountFlags.closed}, plainAccount(4n)])
    const copy = await openMemoryLedger({now: () => now})
    expect(await replayHistory(copy, await historyOf(original))).to.deep.equal([])
    expect(canonical(await dump(copy))).to.equal(canonical(await dump(original)))
  })

  it('names the rows that the rules do not allow', async () => {
    const original = await openMemoryLedger({now: () => NOW})
    await original.createAccounts([plainAccount(1n), plainAccount(2n)])
    await original.createTransfers([plainTransfer(1n, 1n, 2n, 5n)])
    const history = await historyOf(original)
    const copy = await openMemoryLedger({now: () => NOW + SECOND})
    const without = {...history, accounts: history.accounts.subarray(0, RECORD_WORDS)}
    expect(await replayHistory(copy, without)).to.deep.equal([
      {kind: 'transfer', id: 1n, status: 'credit_account_not_found'},
    ])
  })

  it('history that is older than the ledger is refused', async () => {
    const original = await openMemoryLedger({now: () => NOW})
    await original.createAccounts([plainAccount(1n)])
    const history = await historyOf(original)
    const error = await replayHistory(original, history).catch((thrown: unknown) => thrown)
    expect(error).to.have.property('code', 'ERR_TIMESTAMP_TAKEN')
  })
})
