import {AccountFlags, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {type AuditDepth, type AuditOptions, audit} from '../../src/books/read-audit.js'
import {limitedTo, type MemoryBooks, memoryBooks, SECOND} from '../support/memory-books.js'
import {allTransfers, someSteps, withRandomBooks} from '../support/random-books.js'
import {refusalOf} from '../support/refusal.js'

const DEPTHS: readonly AuditDepth[] = ['quick', 'deep', 'replay']

function auditOf(books: MemoryBooks, depth: AuditDepth, more: Partial<AuditOptions> = {}) {
  return audit({reader: books.reader, depth, seal: false, progress: () => {}, ...more})
}

/** Changes one row of one operation. */
function edit(books: MemoryBooks, operation: string, id: bigint, change: object): void {
  books.edit = (asked, rows) =>
    asked === operation ? rows.map((row) => (String(row.id) === String(id) ? {...row, ...change} : row)) : rows
}

describe('an audit', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n}, {id: 3n, flags: AccountFlags.debits_must_not_exceed_credits})
  })
  afterEach(() => books.close())

  it('of a database without anything finds nothing, up to no time at all', async () => {
    const empty = await memoryBooks()
    for (const depth of DEPTHS)
      expect(await auditOf(empty, depth), depth).to.deep.include({
        ...{depth, accounts: 0, transfers: 0, until: 0n, findings: [], findingsCount: 0},
      })
    await empty.close()
  })

  it('counts accounts and, but for a quick one, transfers, up to the newest of both', async () => {
    const {timestamp} = await books.pay(1n, 2n, 5n)
    for (const depth of DEPTHS) {
      const {accounts, transfers, until} = await auditOf(books, depth)
      expect([accounts, transfers, until], depth).to.deep.equal([3, depth === 'quick' ? 0 : 1, timestamp])
    }
    await books.accounts({id: 4n})
    const account = await books.account(4n)
    for (const depth of DEPTHS) expect((await auditOf(books, depth)).until, depth).to.equal(account.timestamp)
  })

  it('reads no transfers where it is quick, but for the newest', async () => {
    await books.pay(1n, 2n, 5n)
    await auditOf(books, 'quick')
    expect(books.seen.map(({operation, body}) => [operation, body.limit])).to.deep.equal([
      ['query_transfers', 1],
      ['query_accounts', 8189],
    ])
  })

  it('finds a ledger whose posted or pending columns differ, at every depth', async () => {
    await books.pay(1n, 2n, 5n)
    edit(books, 'query_accounts', 2n, {credits_posted: '4', credits_pending: '1'})
    for (const depth of DEPTHS) {
      const messages = (await auditOf(books, depth)).findings.map(({message}) => message)
      expect(messages, depth).to.include.members([
        'ledger 700: debits are 5, credits 4',
        'ledger 700: pending debits are 0, pending credits 1',
      ])
    }
  })

  it('finds an account that is beyond its limit, with what is pending', async () => {
    await books.pay(1n, 3n, 10n)
    await books.pay(3n, 1n, 4n, {flags: TransferFlags.pending})
    edit(books, 'query_accounts', 3n, {debits_pending: '11'})
    for (const depth of DEPTHS)
      expect((await auditOf(books, depth)).findings.map(({message}) => message)).to.include(
        'account 3: debits of 11 exceed credits of 10',
      )
  })

  it('that is deep finds a wrong balance on both sides of the same ledger, which a quick one can not', async () => {
    await books.pay(1n, 2n, 5n)
    books.edit = (operation, rows) =>
      operation === 'query_accounts' ? rows.map((row) => ({...row, debits_posted: '5', credits_posted: '5'})) : rows
    expect((await auditOf(books, 'quick')).findings).to.deep.equal([])
    expect((await auditOf(books, 'deep')).findings.map(({message}) => message)).to.deep.equal([
      'account 1: credits_posted is 5, its transfers make 0',
      'account 2: debits_posted is 5, its transfers make 0',
      'account 3: debits_posted is 5, its transfers make 0',
      'account 3: credits_posted is 5, its transfers make 0',
    ])
  })

  it('that replays finds what the rules would have refused, which adding up can not', async () => {
    await books.pay(1n, 3n, 10n)
    const late = await books.pay(2n, 1n, 4n)
    // The same sums; but account 3 may not owe anything, and spent 12 before the 15 came.
    books.edit = (operation, rows) =>
      operation === 'query_transfers'
        ? rows.map((row) =>
            String(row.id) === String(late.id)
              ? {...row, debit_account_id: '3', credit_account_id: '2', amount: '12'}
              : row,
          )
        : operation === 'query_accounts'
          ? rows.map((row) =>
              String(row.id) === '3'
                ? {...row, debits_posted: '12', flags: 0}
                : String(row.id) === '2'
                  ? {...row, debits_posted: '0', credits_posted: '12'}
                  : {...row, credits_posted: '0'},
            )
          : rows
    expect((await auditOf(books, 'deep')).findings).to.deep.equal([])
    expect((await auditOf(books, 'replay')).findings, 'it was created without its limit').to.deep.equal([])
    const {edit: without} = books
    books.edit = (operation, rows) => {
      const edited = without!(operation, rows)
      return operation === 'query_accounts'
        ? edited.map((row) => (String(row.id) === '3' ? {...row, flags: 2} : row))
        : edited
    }
    expect((await auditOf(books, 'replay')).findings.map(({code}) => code)).to.include('replay_refused')
  })

  it('keeps a thousand findings, and counts all of them', async () => {
    await books.accounts(...Array.from({length: 1100}, (_, index) => ({id: BigInt(100 + index)})))
    books.edit = (operation, rows) =>
      operation === 'query_accounts' ? rows.map((row) => ({...row, debits_posted: '1', credits_posted: '1'})) : rows
    const {findings, findingsCount} = await auditOf(books, 'deep')
    expect([findings.length, findingsCount]).to.deep.equal([1000, 2206])
  })

  describe('of the books of a moment', () => {
    it('has what was there up to it, that moment included', async () => {
      const one = await books.pay(1n, 2n, 5n)
      await books.accounts({id: 4n})
      const {timestamp: created} = await books.account(4n)
      await books.pay(1n, 4n, 7n)
      for (const depth of ['deep', 'replay'] as const) {
        const of = async (until: bigint) => {
          const {accounts, transfers, findings, until: end} = await auditOf(books, depth, {until})
          return [accounts, transfers, findings.length, end]
        }
        expect(await of(one.timestamp), depth).to.deep.equal([3, 1, 0, one.timestamp])
        expect(await of(one.timestamp - 1n), depth).to.deep.equal([3, 0, 0, one.timestamp - 1n])
        expect(await of(created), depth).to.deep.equal([4, 1, 0, created])
        expect(await of(created - 1n), depth).to.deep.equal([3, 1, 0, created - 1n])
        expect(await of(1n), depth).to.deep.equal([0, 0, 0, 1n])
        expect(await of(books.clock.now), depth).to.deep.equal([4, 2, 0, books.clock.now])
      }
    })

    it('is deep where it was asked to be quick: of the past only the transfers can tell', async () => {
      await books.pay(1n, 2n, 5n)
      expect((await auditOf(books, 'quick', {until: books.clock.now})).transfers).to.equal(1)
    })

    it('in the middle of a chain has the part of the chain up to it', async () => {
      const chain = await books.transfers(
        {id: 5n, debit_account_id: 1n, credit_account_id: 3n, amount: 5n, flags: TransferFlags.linked},
        {id: 6n, debit_account_id: 3n, credit_account_id: 2n, amount: 5n, flags: TransferFlags.linked},
        {id: 7n, debit_account_id: 2n, credit_account_id: 1n, amount: 5n},
      )
      for (const depth of ['deep', 'replay'] as const)
        for (const [index, {timestamp: until}] of chain.entries()) {
          const {findings, transfers} = await auditOf(books, depth, {until})
          expect([findings, transfers], depth).to.deep.equal([[], index + 1])
        }
    })

    it('has a hold that lapsed only since then as held', async () => {
      const hold = await books.pay(1n, 2n, 5n, {flags: TransferFlags.pending, timeout: 10})
      books.clock.now += 60n * SECOND
      await books.pay(1n, 2n, 1n)
      for (const depth of ['deep', 'replay'] as const)
        for (const until of [hold.timestamp, hold.timestamp + 10n * SECOND - 1n, hold.timestamp + 10n * SECOND])
          expect((await auditOf(books, depth, {until})).findings, `${depth} ${until}`).to.deep.equal([])
    })
  })

  describe('while others write', () => {
    it('takes each account as of some moment between', async () => {
      for (let n = 0; n < 4; n++) await books.pay(1n, 2n, 5n)
      for (const depth of ['deep', 'replay'] as const) {
        const limited = limitedTo(2)
        books.before = async (seen) => {
          const status = limited(seen)
          if (status === undefined && books.seen.length < 60) {
            await books.pay(2n, 1n, 1n)
            await books.pay(1n, 3n, 2n)
          }
          return status
        }
        books.seen.length = 0
        const {findings, transfers} = await auditOf(books, depth)
        expect(findings, depth).to.deep.equal([])
        expect(transfers).to.be.greaterThan(4)
      }
    })

    it('still finds an account that was wrong at every moment', async () => {
      await books.pay(1n, 2n, 5n)
      edit(books, 'query_accounts', 2n, {credits_posted: '777'})
      books.before = async ({operation}) => {
        if (operation === 'query_accounts') await books.pay(2n, 1n, 1n)
      }
      expect((await auditOf(books, 'deep')).findings.map(({account}) => account)).to.include(2n)
    })

    it('and an account is created and used meanwhile, knows it at the end', async () => {
      await books.pay(1n, 2n, 5n)
      let created = false
      books.before = async ({operation, body}) => {
        if (operation !== 'query_transfers' || body.limit === 1 || created) return
        created = true
        await books.accounts({id: 9n})
        await books.pay(1n, 9n, 1n)
      }
      expect((await auditOf(books, 'deep')).findings).to.deep.equal([])
    })

    it('gives a quick one up after three tries, and says what allows for it', async () => {
      let rounds = 0
      books.before = async ({operation, body}) => {
        if (operation === 'query_accounts' && body.limit > 2) return 413
        if (operation === 'query_accounts' && body.timestamp_min === undefined) rounds++
        if (operation === 'query_accounts' && body.timestamp_min !== undefined) await books.pay(1n, 3n, 1n)
        return undefined
      }
      const error = await refusalOf(() => auditOf(books, 'quick'))
      expect(error).to.include({kind: 'UNAVAILABLE', code: 'busy_ledger'})
      expect([error.details.retryable, rounds]).to.deep.equal([true, 3])
      expect(error.message).to.contain('--deep allows for that')
      expect((await auditOf(books, 'deep')).findings).to.deep.equal([])
    })
  })

  it('digests for a seal the rows up to its moment, and the posted debits of each ledger', async () => {
    await books.accounts({id: 11n, ledger: 978}, {id: 12n, ledger: 978})
    await books.pay(1n, 2n, 5n)
    await books.transfers({id: 7n, debit_account_id: 11n, credit_account_id: 12n, amount: 8n, ledger: 978})
    const hold = await books.pay(1n, 2n, 100n, {flags: TransferFlags.pending})
    const {sealed, transfers} = await auditOf(books, 'deep', {seal: true, until: hold.timestamp})
    expect(sealed!.ledgers).to.deep.equal(
      new Map([
        [700, 5n],
        [978, 8n],
      ]),
    )
    expect([sealed!.digest.accounts, sealed!.digest.transfers, transfers]).to.deep.equal([5, 3, 3])
    const digest = sealed!.digest.finish()
    await books.pay(1n, 2n, 5n)
    const later = await auditOf(books, 'deep', {seal: true, until: hold.timestamp, digestOnly: true})
    expect(later.sealed!.digest.finish(), 'what comes later does not change it').to.deep.equal(digest)
    expect(later.findings).to.deep.equal([])
    expect((await auditOf(books, 'deep')).sealed).to.equal(undefined)
  })

  it('of any history finds nothing, at its end and at any moment before, whatever the pages', () =>
    fc.assert(
      fc.asyncProperty(someSteps, fc.nat(), fc.integer({min: 1, max: 5}), async (steps, place, size) => {
        await withRandomBooks(steps, async (random) => {
          const rows = await allTransfers(random)
          const until = rows[place % Math.max(rows.length, 1)]?.timestamp ?? random.clock.now
          random.before = limitedTo(size)
          // Holds of the random histories lapse by the clock of the ledger, which is months ahead of or behind ours.
          for (const depth of ['deep', 'replay'] as const) {
            const then = await auditOf(random, depth, {until})
            expect(
              then.findings.filter(({code}) => code !== 'account_differs'),
              `${depth} ${until}`,
            ).to.deep.equal([])
            expect(then.transfers).to.equal(rows.filter(({timestamp}) => timestamp <= until).length)
          }
        })
      }),
      {numRuns: 6},
    ))
})
