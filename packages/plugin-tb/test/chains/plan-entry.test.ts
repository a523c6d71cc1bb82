import {makeHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {type EntryFlags, planEntry} from '../../src/chains/plan-entry.js'
import {CHAIN_CHART, chainBooks, execute, movesOf, planned} from '../support/chains.js'
import {type MemoryBooks, memoryBooks} from '../support/memory-books.js'
import {refusalOf, textOf} from '../support/refusal.js'
import {testTerminal} from '../support/terminal.js'

const {terminal} = testTerminal()
const MAX = 2n ** 128n - 1n

describe('a journal entry', () => {
  const home = makeHome()
  let books: MemoryBooks
  beforeEach(async () => {
    books = await chainBooks()
  })
  afterEach(() => books.close())
  after(() => home.remove())

  const plan = (flags: EntryFlags) => planEntry({code: 'payment', ...flags}, CHAIN_CHART, books.reading, terminal)
  const fromFile = (legs: unknown, text?: string) =>
    plan({file: home.write('legs.json', text ?? JSON.stringify(legs))} as EntryFlags)

  it('of one debit and one credit is one transfer, which is linked to nothing', async () => {
    const made = await plan({debit: ['@bank/usd=12.50'], credit: ['@owner=12.50']})
    expect(movesOf(made)).to.deep.equal([[1n, 6n, 1250n, '']])
    expect(planned(made)[0]).to.include({ledger: 700, code: 2})
    expect(books.seen, 'the chart knows all of it').to.deep.equal([])
  })

  it('of one debit with many credits, or the reverse, needs no control account', async () => {
    expect(movesOf(await plan({debit: ['@bank/usd=3.00'], credit: ['@owner=1.00', '@shop/sales=2.00']}))).to.deep.equal(
      [
        [1n, 6n, 100n, 'linked'],
        [1n, 4n, 200n, ''],
      ],
    )
    expect(movesOf(await plan({debit: ['@shop/rent=1.00', '@bank/usd=2.00'], credit: ['@owner=3.00']}))).to.deep.equal([
      [5n, 6n, 100n, 'linked'],
      [1n, 6n, 200n, ''],
    ])
  })

  it('of many with many goes through the control account of the chart, or the one that is given', async () => {
    const legs = {debit: ['@shop/rent=1.00', '@bank/usd=2.00'], credit: ['@owner=2.50', '@shop/sales=0.50']}
    const through = (control: bigint) => [
      [5n, control, 100n, 'linked'],
      [1n, control, 200n, 'linked'],
      [control, 6n, 250n, 'linked'],
      [control, 4n, 50n, ''],
    ]
    expect(movesOf(await plan(legs))).to.deep.equal(through(20n))
    expect(movesOf(await plan({...legs, control: ['@fx/usd']}))).to.deep.equal(through(24n))
  })

  it('on two ledgers is one chain, balanced on each', async () => {
    const made = await plan({debit: ['@bank/usd=1.00', '@fx/jpy=150'], credit: ['@fx/usd=1.00', '@bank/jpy=150']})
    expect(movesOf(made)).to.deep.equal([
      [1n, 24n, 100n, 'linked'],
      [25n, 2n, 150n, ''],
    ])
    expect(planned(made).map(({ledger}) => ledger)).to.deep.equal([700, 392])
  })

  it('that is not balanced on each of its ledgers is refused, with the money that is too much', async () => {
    const message = async (debit: string[], credit: string[]) => {
      const error = await refusalOf(() => plan({debit, credit}))
      expect(error).to.include({kind: 'BAD_INPUT', code: 'entry_not_balanced'})
      return error.message
    }
    expect(await message(['@bank/usd=2.00'], ['@owner=1.99'])).to.equal(
      'The entry is not balanced on ledger 700: debits of 2.00 USD, credits of 1.99 USD: debits are 0.01 USD more. Nothing was sent.',
    )
    expect(await message(['@bank/usd=2.00'], ['@owner=2.01'])).to.contain('credits are 0.01 USD more')
    // The same number on two ledgers is balanced on neither.
    expect(await message(['@bank/jpy=200'], ['@owner=2.00'])).to.contain('debits of 200 JPY, credits of 0 JPY')
    expect(await message(['@bank/usd=2.00', '@bank/usd=1.00'], [])).to.contain(
      'debits of 3.00 USD, credits of 0.00 USD',
    )
    expect(await message(['@bank/usd=0.00'], [])).to.match(/credits of 0\.00 USD\. Nothing was sent/)
  })

  it('of all 128 bits is exact', async () => {
    const made = await plan({debit: [`@bank/jpy=${MAX - 1n}`], credit: [`@owner/jpy=${MAX - 2n}`, '@fx/jpy=1']})
    expect(movesOf(made).map(([, , amount]) => amount)).to.deep.equal([MAX - 2n, 1n])
    expect(await execute(books, made)).to.deep.equal(['created', 'created'])
  })

  it('without an account is asked for one', async () => {
    expect(await refusalOf(() => plan({}))).to.include({kind: 'USAGE', exitCode: 2})
  })

  it('every amount that is not valid is named, at once', async () => {
    const error = await refusalOf(() => plan({debit: ['@bank/usd=12', '@bank/jpy=1.5'], credit: ['@owner=1.005']}))
    expect(textOf(error))
      .to.contain('the amount of --debit @bank/usd')
      .and.contain('the amount of --debit @bank/jpy')
      .and.contain('the amount of --credit @owner')
  })

  it('takes its ids from a key, and the others are generated', async () => {
    const legs = {debit: ['@bank/usd=3.00'], credit: ['@owner=1.00', '@shop/sales=2.00']}
    const ids = async (flags: object) => planned(await plan({...legs, ...flags})).map(({id}) => id)
    expect(await ids({key: 'INV-1'})).to.deep.equal(await ids({key: 'INV-1'}))
    expect(await ids({key: 'INV-2'})).not.to.deep.equal(await ids({key: 'INV-1'}))
    const made = await plan(legs)
    expect('generated' in made && [...made.generated!]).to.deep.equal(planned(made).map(({id}) => id))
  })

  it('given twice by a key is there once, and never with other contents', async () => {
    const legs = (amount: string) => ({debit: [`@bank/usd=${amount}`], credit: [`@owner=${amount}`], key: 'INV-1'})
    expect(await execute(books, await plan(legs('1.00')))).to.deep.equal(['created'])
    expect(await execute(books, await plan(legs('1.00')))).to.deep.equal(['exists'])
    expect(await execute(books, await plan(legs('2.00')))).to.deep.equal(['exists_with_different_amount'])
  })

  describe('with its legs in a file', () => {
    it('takes integers as amount and money as amountText, by names and ids of any form', async () => {
      const made = await fromFile([
        {debit: '@bank/usd', amountText: '2.00'},
        {debit: 5, amount: 100},
        {credit: '6', amount: '300'},
      ])
      expect(movesOf(made)).to.deep.equal([
        [1n, 6n, 200n, 'linked'],
        [5n, 6n, 100n, ''],
      ])
    })

    it('reads integers beyond 2^53 exactly, and adds legs that are given by flags', async () => {
      const made = await plan({
        file: home.write('big.json', '[{"debit": 2, "amount": 9007199254740993}]'),
        credit: ['@owner/jpy=9007199254740993'],
      } as EntryFlags)
      expect(movesOf(made)).to.deep.equal([[2n, 7n, 9_007_199_254_740_993n, '']])
    })

    it('names what is wrong with each leg, and where it is', async () => {
      const error = await refusalOf(() =>
        fromFile([
          7,
          null,
          [],
          {},
          {debit: '@bank/usd', credit: '@owner', amount: 1},
          {debit: '@bank/usd'},
          {debit: '@bank/usd', amount: 1, amountText: '0.01'},
          {debit: '@nobody', amount: 1},
          {debit: '@bank/usd', amount: 1.5},
          {debit: '@bank/usd', amount: -1},
          {debit: true, amount: 1},
          {debit: '@bank/usd', amount: 1, memo: 'x'},
        ]),
      )
      const {errors = []} = error.details
      expect(errors.length, textOf(error)).to.equal(12)
      expect(errors[3]).to.contain('must have either debit or credit')
      expect(errors[4]).to.contain('must have either debit or credit')
      expect(errors[5]).to.contain('must have either amount, an integer, or amountText, money')
      expect(errors[7]).to.contain('@nobody')
      expect(errors[11]).to.contain('there is no "memo" in a leg, only debit, credit, amount, amountText')
    })

    it('takes no text that is not JSON, and no file that is not there', async () => {
      for (const text of ['{', '[{"debit": "@bank/usd", "amount": 1,}]', 'debit @bank/usd 1'])
        expect(await refusalOf(() => fromFile(undefined, text)), text).to.include({kind: 'BAD_INPUT'})
      expect(await refusalOf(() => plan({file: '/nowhere/legs.json'} as EntryFlags))).to.include({exitCode: 2})
    })
  })
})

describe('any entry', () => {
  const someLegs = fc.record({
    debits: fc.array(fc.record({account: fc.integer({min: 1, max: 6}), amount: fc.bigInt({min: 0n, max: 2n ** 70n})}), {
      minLength: 1,
      maxLength: 4,
    }),
    credits: fc.array(fc.integer({min: 1, max: 6}), {minLength: 1, maxLength: 4}),
    shares: fc.array(fc.nat({max: 10}), {minLength: 4, maxLength: 4}),
  })

  it('changes each account by its own legs and no other, or none at all', () =>
    fc.assert(
      fc.asyncProperty(someLegs, async ({debits, credits, shares}) => {
        // Account 6 may not have more debits than credits: an entry that debits more than it credits is refused as a whole.
        const books = await memoryBooks(
          ...[1, 2, 3, 4, 5, 6, 9].map((id) => ({id: BigInt(id), flags: id === 6 ? 2 : 0})),
        )
        try {
          const sum = debits.reduce((all, {amount}) => all + amount, 0n)
          const total = BigInt(shares.slice(0, credits.length).reduce((all, share) => all + share, 0)) || 1n
          const parts = credits.map((account, index) => ({account, amount: (sum * BigInt(shares[index]!)) / total}))
          parts[0]!.amount += sum - parts.reduce((all, {amount}) => all + amount, 0n)
          const text = ({account, amount}: {account: number; amount: bigint}) => `${account}=${amount}`
          const flags = {debit: debits.map(text), credit: parts.map(text), code: '1', control: ['9']}
          // A transfer from an account to itself is not valid: such entries are refused before, or by the ledger.
          const made = await planEntry(flags, undefined, books.reading, terminal)
          const results = await execute(books, made)
          const columns = await books.columns()
          if (results.some((result) => result !== 'created')) {
            for (const [id, values] of Object.entries(columns)) expect(values, id).to.deep.equal([0n, 0n, 0n, 0n])
            return
          }
          const of = (legs: {account: number; amount: bigint}[], id: number) =>
            legs.filter(({account}) => account === id).reduce((all, {amount}) => all + amount, 0n)
          for (const id of [1, 2, 3, 4, 5, 6])
            expect(columns[id]!.slice(0, 2), `account ${id}`).to.deep.equal([of(debits, id), of(parts, id)])
          expect(columns[9]![0], 'the control account is even').to.equal(columns[9]![1])
        } finally {
          await books.close()
        }
      }),
      {numRuns: 20},
    ))
})
