import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import type {ReadEvent} from '../../src/import/events.js'
import {verifyFile} from '../../src/import/verify.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {type MemoryLedger, memoryLedger} from '../support/memory-ledger.js'

const move = (id: bigint, more: LedgerRecord = {}): LedgerRecord => ({
  ...{id, debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 1n, code: 1n},
  ...more,
})
const account = (id: bigint, more: LedgerRecord = {}): LedgerRecord => ({id, ledger: 1n, code: 1n, ...more})

/** Rows in chunks of this size, each on a line of its own from 2. */
async function* fileOf(rows: readonly (LedgerRecord | string)[], size = 3): AsyncGenerator<ReadEvent[]> {
  const events = rows.map((row, index): ReadEvent => {
    const place = {line: index + 2, nextLine: index + 3, end: 0}
    return typeof row === 'string'
      ? {...place, faults: row.split('; ').map((message) => ({message}))}
      : {...place, record: row, faults: []}
  })
  for (let from = 0; from < events.length; from += size) yield events.slice(from, from + size)
}

describe('an imported file, held against the ledger', () => {
  let ledger: MemoryLedger
  before(async () => {
    ledger = await memoryLedger()
    await ledger.create('account', [
      account(1n),
      account(2n),
      account(3n, {flags: 2n}),
      account(4n, {user_data_64: 9n}),
    ])
    await ledger.create('transfer', [
      ...[11n, 12n, 13n].map((id) => move(id)),
      move(14n, {amount: 9n, flags: 2n}),
      {id: 15n, pending_id: 14n, amount: 2n ** 128n - 1n, flags: 4n},
      move(16n, {user_data_128: 2n ** 127n, code: 65535n}),
    ])
  })
  after(() => ledger.close())

  const look = (kind: 'account' | 'transfer') => async (ids: readonly bigint[]) => {
    const found = new Map<bigint, LedgerRecord>()
    for (const id of ids) {
      const record = await ledger.lookup(kind, id)
      if (record) found.set(id, record)
    }
    return found
  }
  const verify = (rows: readonly (LedgerRecord | string)[], kind: 'account' | 'transfer' = 'transfer') =>
    verifyFile(kind, fileOf(rows), look(kind), () => {})

  it('is as the ledger has it: a pending one, one that posts all of it, and every width of field', async () => {
    expect(
      await verify([
        move(11n),
        move(14n, {amount: 9n, flags: 2n}),
        {id: 15n, pending_id: 14n, amount: 2n ** 128n - 1n, flags: 4n},
        move(16n, {user_data_128: 2n ** 127n, code: 65535n}),
      ]),
    ).to.deep.equal({rows: 4, findings: [], findingsCount: 0})
    expect(await verify([account(1n), account(4n, {user_data_64: 9n})], 'account')).to.include({findingsCount: 0})
  })

  it('each field that differs is named with both values, exact', async () => {
    const {findings} = await verify([move(16n, {user_data_128: 2n ** 127n - 1n, code: 1n}), move(11n, {amount: 6n})])
    expect(findings).to.deep.equal([
      {
        line: 2,
        id: '16',
        difference: 'differs',
        fields: {
          user_data_128: {file: String(2n ** 127n - 1n), ledger: String(2n ** 127n)},
          code: {file: '1', ledger: '65535'},
        },
      },
      {line: 3, id: '11', difference: 'differs', fields: {amount: {file: '6', ledger: '5'}}},
    ])
  })

  it('a row that is missing is named by its line and id, wherever it is', async () => {
    const {findings} = await verify([move(11n), move(99n), move(12n), move(2n ** 128n - 2n)])
    expect(findings).to.deep.equal([
      {line: 3, id: '99', difference: 'missing'},
      {line: 5, id: String(2n ** 128n - 2n), difference: 'missing'},
    ])
  })

  it('a row that can not be read is a finding: it was when it was imported', async () => {
    expect(await verify([move(11n), 'has 3 cells; is not UTF-8', move(12n)])).to.deep.equal({
      rows: 3,
      findings: [{line: 3, id: '', difference: 'unreadable', why: 'has 3 cells; is not UTF-8'}],
      findingsCount: 1,
    })
  })

  it('balances that an account has by now, and that it was closed, are not differences', async () => {
    const own = await memoryLedger()
    await own.create('account', [account(1n), account(2n)])
    await own.create('transfer', [move(5n), move(6n, {amount: 0n, flags: 2n | 64n})])
    expect((await own.lookup('account', 1n))!.flags).to.equal(32n)
    const lookUp = async (ids: readonly bigint[]) =>
      new Map(await Promise.all(ids.map(async (id) => [id, (await own.lookup('account', id))!] as const)))
    expect(await verifyFile('account', fileOf([account(1n), account(2n)]), lookUp, () => {})).to.include({
      findingsCount: 0,
    })
    await own.close()
  })

  it('finds exactly the rows that were changed, and counts all of them, however many there are', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('same', 'missing', 'amount', 'unreadable'), {maxLength: 40}),
        fc.integer({min: 1, max: 9}),
        async (fates, size) => {
          const stored = new Map(fates.map((_, index) => [BigInt(index + 1), move(BigInt(index + 1))]))
          const rows = fates.map((fate, index) => {
            const id = BigInt(index + 1)
            if (fate === 'missing') stored.delete(id)
            return fate === 'unreadable' ? 'is torn' : move(id, fate === 'amount' ? {amount: 6n} : {})
          })
          const result = await verifyFile(
            'transfer',
            fileOf(rows, size),
            async () => stored,
            () => {},
          )
          expect(result.rows).to.equal(fates.length)
          const wrong = fates.flatMap((fate, index) => (fate === 'same' ? [] : [index + 2]))
          expect(result.findings.map(({line}) => line).sort((a, b) => a - b)).to.deep.equal(wrong)
          expect(result.findingsCount).to.equal(wrong.length)
        },
      ),
      {numRuns: 60},
    ))

  it('a hundred findings are kept, and all are counted', async () => {
    const result = await verify(Array.from({length: 250}, (_, index) => move(BigInt(1000 + index))))
    expect(result).to.include({rows: 250, findingsCount: 250})
    expect(result.findings).to.have.lengthOf(100)
  })

  it('ids are looked up as many at once as a request takes, and never more', async () => {
    const sizes: number[] = []
    const rows = Array.from({length: 2 * BATCH_EVENTS_MAX + 3}, (_, index) => move(BigInt(index + 1)))
    const seen: number[] = []
    const lookUp = async (ids: readonly bigint[]) => {
      sizes.push(ids.length)
      return new Map(ids.map((id) => [id, move(id)]))
    }
    const result = await verifyFile('transfer', fileOf(rows, 1000), lookUp, (done) => seen.push(done))
    expect(result).to.include({rows: rows.length, findingsCount: 0})
    expect(Math.max(...sizes)).to.be.at.most(BATCH_EVENTS_MAX)
    expect(sizes).to.have.lengthOf(3)
    expect(seen.at(-1)).to.equal(rows.length)
  })

  it('a lookup that fails is an error, not a file that was verified', async () => {
    const failure = await verifyFile(
      'transfer',
      fileOf([move(1n)]),
      () => Promise.reject(new Error('the service is gone')),
      () => {},
    ).catch((error: Error) => error.message)
    expect(failure).to.equal('the service is gone')
  })

  it('an empty file has no rows, and nothing is asked', async () => {
    const result = await verifyFile(
      'transfer',
      fileOf([]),
      () => expect.fail('was asked') as never,
      () => {},
    )
    expect(result).to.deep.equal({rows: 0, findings: [], findingsCount: 0})
  })
})
