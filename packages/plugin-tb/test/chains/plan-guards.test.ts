import {AccountFlags, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import type {GuardFlagValues} from '../../src/chains/chain-flags.js'
import {hasGuards, planGuardedTransfer} from '../../src/chains/plan-guards.js'
import {CHAIN_CHART, chainBooks, execute, movesOf, planned} from '../support/chains.js'
import {type MemoryBooks, memoryBooks, SECOND} from '../support/memory-books.js'
import {refusalOf} from '../support/refusal.js'

type Flags = GuardFlagValues & Record<string, string | string[] | undefined>

const DEBITS = 'debits_must_not_exceed_credits'
const CREDITS = 'credits_must_not_exceed_debits'

describe('a transfer with conditions', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await chainBooks()
  })
  afterEach(() => books.close())

  const plan = (flags: Flags, chart: typeof CHAIN_CHART | null = CHAIN_CHART) =>
    planGuardedTransfer(
      {from: '@customer/1', to: '@shop/sales', amount: '10.00', code: 'payment', ...flags} as never,
      chart ?? undefined,
      books.reading,
      () => {},
    )
  const refusal = async (flags: Flags) => refusalOf(() => plan(flags))

  it('has them where one of the four flags is given, and not by its accounts alone', () => {
    for (const flag of ['if-available', 'keep-below', 'with-limit', 'rate-limit'])
      expect(hasGuards({[flag]: ['1']}), flag).to.equal(true)
    expect([
      hasGuards({}),
      hasGuards({'if-available': []}),
      hasGuards({control: ['1'], operator: ['2']}),
    ]).to.deep.equal([...[false, false, false]])
  })

  describe('--if-available', () => {
    it('holds the threshold and lets it go, before the transfer', async () => {
      expect(movesOf(await plan({'if-available': ['150.00']}))).to.deep.equal([
        [1001n, 20n, 15_000n, 'linked,pending'],
        [0n, 0n, 0n, 'linked,void_pending_transfer', 1],
        [1001n, 4n, 1000n, ''],
      ])
    })

    it('is met at exactly what is there, and not at a smallest unit more', async () => {
      expect(await execute(books, await plan({'if-available': ['200.00']}))).to.deep.equal([
        'created',
        'created',
        'created',
      ])
      // 190.00 are left.
      const results = await execute(books, await plan({'if-available': ['190.01']}))
      expect(results).to.deep.equal(['exceeds_credits', 'linked_event_failed', 'linked_event_failed'])
    })

    it('counts what is pending as spent', async () => {
      await books.pay(1001n, 4n, 5_000n, {flags: TransferFlags.pending})
      expect((await execute(books, await plan({'if-available': ['150.01']})))[0]).to.equal('exceeds_credits')
      expect((await execute(books, await plan({'if-available': ['150.00']})))[2]).to.equal('created')
    })

    it('of an account with a debit balance is on the other side', async () => {
      await books.accounts({id: 601n, flags: AccountFlags.credits_must_not_exceed_debits})
      await books.pay(601n, 1n, 500n)
      const flags = {from: '@bank/usd', to: '601', amount: '1.00', 'if-available': ['5.00']}
      expect(movesOf(await plan(flags))[0]).to.deep.equal([20n, 601n, 500n, 'linked,pending'])
      expect((await execute(books, await plan({...flags, 'if-available': ['5.01']})))[0]).to.equal('exceeds_debits')
    })

    it('needs an account with a limit: of one without it would always be met', async () => {
      expect(await refusal({from: '@bank/usd', 'if-available': ['1.00']})).to.include({
        kind: 'BAD_INPUT',
        code: 'no_limit',
      })
      expect(await refusal({'if-available': ['@shop/sales=1.00']})).to.include({code: 'no_limit'})
    })

    it('of two accounts with a limit asks which one', async () => {
      await books.accounts({id: 601n, flags: AccountFlags.credits_must_not_exceed_debits})
      expect((await refusal({to: '601', 'if-available': ['5.00']})).message).to.equal(
        '--if-available could be about @customer/1 or 601. Write --if-available ACCOUNT=5.00. Nothing was sent.',
      )
      expect(movesOf(await plan({to: '601', 'if-available': ['@customer/1=5.00']}))[0]![0]).to.equal(1001n)
    })

    it('may be about several accounts, in the order in which they are given', async () => {
      const moves = movesOf(await plan({'if-available': ['@customer/2=50.00', '@customer/1=1.00']}))
      expect(moves.slice(0, 4)).to.deep.equal([
        [1002n, 20n, 5000n, 'linked,pending'],
        [0n, 0n, 0n, 'linked,void_pending_transfer', 1],
        [1001n, 20n, 100n, 'linked,pending'],
        [0n, 0n, 0n, 'linked,void_pending_transfer', 3],
      ])
    })
  })

  describe('--keep-below', () => {
    const paying = {from: '@bank/usd', to: '@customer/2', amount: '10.00'}

    it('is met at exactly the bound, and leaves no trace in control and operator', async () => {
      expect(await execute(books, await plan({...paying, 'keep-below': ['60.00']}))).to.deep.equal(
        Array.from({length: 5}, () => 'created'),
      )
      const columns = await books.columns()
      expect(columns[1002]!.slice(0, 2)).to.deep.equal([0n, 6000n])
      for (const id of [22, 23]) expect(columns[id]![0], `${id}`).to.equal(columns[id]![1])
      const results = await execute(books, await plan({...paying, amount: '0.01', 'keep-below': ['60.00']}))
      expect(results.filter((result) => result !== 'linked_event_failed')).to.deep.equal(['exceeds_debits'])
    })

    it('of an account without a limit is about who is credited', async () => {
      const moves = movesOf(await plan({from: '@customer/1', to: '@owner', 'keep-below': ['5.00']}))
      expect(moves[2]).to.deep.equal([6n, 22n, 2n ** 128n - 1n, 'linked,pending,balancing_debit'])
    })

    it('of an account with a debit balance is about who is debited', async () => {
      await books.accounts({id: 601n, flags: AccountFlags.credits_must_not_exceed_debits})
      const moves = movesOf(await plan({from: '601', to: '@owner', 'keep-below': ['601=5.00']}))
      expect(moves[2]).to.deep.equal([21n, 601n, 2n ** 128n - 1n, 'linked,pending,balancing_credit'])
    })

    it('that could be about two accounts asks which one', async () => {
      await books.accounts({id: 601n, flags: AccountFlags.credits_must_not_exceed_debits})
      expect((await refusal({from: '601', to: '@customer/2', 'keep-below': ['5.00']})).message).to.contain(
        'Write --keep-below ACCOUNT=5.00',
      )
    })
  })

  describe('--with-limit', () => {
    it('takes one of the two limits, for the account that could break it', async () => {
      expect(movesOf(await plan({from: '@owner', 'with-limit': [DEBITS]})).slice(1)).to.deep.equal([
        [21n, 6n, 1n, 'linked,pending,balancing_credit'],
        [0n, 0n, 0n, 'void_pending_transfer', 2],
      ])
      expect(movesOf(await plan({to: '@owner', 'with-limit': [CREDITS]}))[1]).to.deep.equal([
        ...[6n, 22n, 1n, 'linked,pending,balancing_debit'],
      ])
      expect(movesOf(await plan({'with-limit': [`@bank/usd=${CREDITS}`]}))[1]![0]).to.equal(1n)
      for (const text of ['none', '', `=${DEBITS}x`, `${DEBITS}=5`])
        expect(await refusal({'with-limit': [text]}), text).to.include({kind: 'BAD_INPUT'})
    })

    it('is checked as if the account had it: at 0 it holds, and one beyond it does not', async () => {
      await books.accounts({id: 601n})
      await books.pay(1n, 601n, 1000n)
      const spend = {from: '601', to: '@shop/sales', 'with-limit': [DEBITS]}
      expect(await execute(books, await plan({...spend, amount: '10.00'}))).to.deep.equal([
        'created',
        'created',
        'created',
      ])
      expect(await execute(books, await plan({...spend, amount: '0.01'}))).to.include('exceeds_credits')
      expect((await books.columns())[601]!.slice(0, 2)).to.deep.equal([1000n, 1000n])
    })

    it('needs a control account without a balance: posted or pending', async () => {
      await books.pay(1n, 21n, 5n)
      const refused = await refusal({from: '@owner', 'with-limit': [DEBITS]})
      expect(refused).to.include({kind: 'BAD_INPUT', code: 'control_has_balance'})
      await books.pay(21n, 1n, 5n)
      await plan({from: '@owner', 'with-limit': [DEBITS]})
      await books.pay(1n, 21n, 5n, {flags: TransferFlags.pending})
      expect(await refusal({from: '@owner', 'with-limit': [DEBITS]})).to.include({code: 'control_has_balance'})
    })
  })

  describe('--rate-limit', () => {
    const limited = {'rate-limit': ['@customer/2=30.00'], 'rate-window': '60s'}

    it('takes the amount for the time of the window, and gives it back', async () => {
      expect(movesOf(await plan(limited))[0]).to.deep.equal([1002n, 23n, 3000n, 'linked,pending'])
      expect(planned(await plan(limited))[0]!.timeout).to.equal(60)
      expect(await execute(books, await plan(limited))).to.deep.equal(['created', 'created'])
      // 20.00 of 50.00 are left for a minute.
      expect((await execute(books, await plan(limited)))[0]).to.equal('exceeds_credits')
      books.clock.now += 60n * SECOND
      await books.ledger.expirePendingTransfers()
      expect(await execute(books, await plan(limited))).to.deep.equal(['created', 'created'])
    })

    it('needs a window of whole seconds, and an account with the limit', async () => {
      expect(await refusal({'rate-limit': ['@customer/2=1.00']})).to.include({kind: 'USAGE'})
      for (const window of ['500ms', '0s', '1.5s', 'x', '-1s'])
        expect(await refusal({...limited, 'rate-window': window}), window).to.include({kind: 'BAD_INPUT'})
      await books.accounts({id: 601n, flags: AccountFlags.credits_must_not_exceed_debits})
      for (const account of ['@bank/usd', '601'])
        expect(await refusal({...limited, 'rate-limit': [`${account}=1.00`]}), account).to.include({code: 'no_limit'})
      expect(await refusal({...limited, 'rate-limit': ['30.00']})).to.include({kind: 'BAD_INPUT'})
    })
  })

  it('has rates first, then what has to be available, and after the transfers what has to hold then', async () => {
    const moves = movesOf(
      await plan({
        ...{'if-available': ['1.00'], 'keep-below': ['@owner=9.00'], 'with-limit': [`@shop/rent=${DEBITS}`]},
        ...{'rate-limit': ['@customer/2=1.00'], 'rate-window': '1s'},
      }),
    )
    const kinds = moves.map(([debit, credit, , flags]) => `${debit} ${credit} ${flags}`)
    expect(kinds[0]).to.equal('1002 23 linked,pending')
    expect(kinds[1]).to.equal('1001 20 linked,pending')
    expect(kinds[3], 'the transfer itself').to.equal('1001 4 linked')
    expect(kinds.at(-2)).to.equal('21 5 linked,pending,balancing_credit')
    expect(moves.at(-1)).to.deep.equal([0n, 0n, 0n, 'void_pending_transfer', moves.length - 1])
  })

  it('keeps its own id, and the conditions of a given one have ids that follow from it', async () => {
    const ids = async (flags: Flags) => planned(await plan({'if-available': ['1.00'], ...flags})).map(({id}) => id)
    expect(await ids({id: '77'})).to.deep.equal(await ids({id: '77'}))
    expect((await ids({id: '77'})).at(-1)).to.equal(77n)
    expect((await ids({id: '78'})).slice(0, 2)).not.to.include.members((await ids({id: '77'})).slice(0, 2))
    const made = await plan({'if-available': ['1.00']})
    expect('generated' in made && made.generated!.size).to.equal(3)
    const given = await plan({'if-available': ['1.00'], id: '77'})
    expect('generated' in given && given.generated!.size).to.equal(0)
  })

  it('hands its user data and code to every transfer of the chain that has any', async () => {
    const made = planned(await plan({'if-available': ['1.00'], 'user-data-64': '9'} as Flags))
    expect(made.map(({code, user_data_64}) => [code, user_data_64])).to.deep.equal([
      [2, 9n],
      [0, 0n],
      [2, 9n],
    ])
  })

  it('is not a transfer that is linked, imported, or the end of a hold', async () => {
    for (const flag of ['linked', 'imported'])
      expect(await refusal({'if-available': ['1.00'], flag: [flag]} as Flags), flag).to.include({kind: 'BAD_INPUT'})
  })
})

describe('conditions of any amounts', () => {
  it('are met if, and only if, they hold, and leave nothing where they do not', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom('if-available', 'keep-below'),
        fc.bigInt({min: 0n, max: 60n}),
        fc.bigInt({min: 1n, max: 60n}),
        fc.bigInt({min: 1n, max: 120n}),
        async (condition, has, amount, bound) => {
          const books = await memoryBooks(
            ...[{id: 1n, flags: 2}, {id: 2n, flags: 2}, {id: 3n}, {id: 20n}, {id: 22n, flags: 4}, {id: 23n}],
          )
          try {
            if (has > 0n) await books.pay(3n, condition === 'if-available' ? 1n : 2n, has)
            const from = condition === 'if-available' ? '1' : '3'
            const flags = {
              from,
              to: '2',
              amount: String(amount),
              ledger: '700',
              code: '1',
              [condition]: [String(bound)],
            }
            const accounts = {control: ['20', '22'], operator: ['23']}
            const before = await books.columns()
            const made = await planGuardedTransfer({...flags, ...accounts} as never, undefined, books.reading, () => {})
            const results = await execute(books, made)
            const met = condition === 'if-available' ? has >= bound && has >= amount : has + amount <= bound
            expect(
              results.every((result) => result === 'created'),
              results.join(),
            ).to.equal(met)
            if (!met) expect(await books.columns()).to.deep.equal(before)
          } finally {
            await books.close()
          }
        },
      ),
      {numRuns: 30},
    ))
})
