import {TransferFlags} from '@parix/ledger'
import {makeHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {expectationLines, readExpectations, runAssert} from '../../src/books/assert-command.js'
import {limitedTo, type MemoryBooks} from '../support/memory-books.js'
import {someSteps, withRandomBooks} from '../support/random-books.js'
import {refusalOf, refused, textOf} from '../support/refusal.js'
import {testTerminal} from '../support/terminal.js'
import {TYPED_CHART, typedBooks} from '../support/typed-chart.js'

const {terminal} = testTerminal()
const MAX = 2n ** 128n - 1n

describe('expectations in a file', () => {
  const home = makeHome()
  after(() => home.remove())
  const read = (text: string) => expectationLines(home.write('expected.txt', text), terminal)

  it('are one per line; empty lines and comments are left out, also after an expectation', async () => {
    expect(
      await read(
        '# month end\n\nledgers balanced\r\n  1 balance = 0   # the till\n\t# indented\n@a#b balance = 0\npending = 0 #\n',
      ),
    ).to.deep.equal(['ledgers balanced', '1 balance = 0', '@a#b balance = 0', 'pending = 0'])
    expect(await read('')).to.deep.equal([])
    expect(await read('ledgers balanced'), 'without a newline').to.deep.equal(['ledgers balanced'])
  })

  it('that can not be read are reported all at once, in short, with their columns', () => {
    const one = refused(() => readExpectations(['1 balance = 0', '1 balanse = 0'], undefined))
    expect(one).to.include({kind: 'BAD_INPUT', code: 'bad_expectation'})
    expect(one.message).to.equal(
      '"1 balanse = 0", column 3: "balanse" is not what an account has. Did you mean balance?',
    )
    const two = refused(() =>
      readExpectations(['@bank balance = 0', `x${'y'.repeat(5000)}`, 'ledgers balanced'], undefined),
    )
    expect(two.message).to.equal("2 expectations can't be read.")
    expect(two.details.errors![0]).to.match(/^"@bank balance = 0", column 1: @bank is a name/)
    expect(two.details.errors![1]!.length).to.be.below(6000)
  })
})

describe('tb assert, of a database', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await typedBooks()
  })
  afterEach(() => books.close())

  const run = (...texts: string[]) =>
    runAssert(books.reader, books.database, readExpectations(texts, TYPED_CHART), TYPED_CHART)
  /** What is the case instead; true where it is so. */
  const found = async (text: string) => {
    const [verdict] = (await run(text)).expectations
    return verdict!.ok || verdict!.found.join('; ')
  }

  it('counts what is so and what is not, in the order in which it was asked', async () => {
    expect(await run('ledgers balanced', 'accounts = 3', '@bank/usd debits = 1500.00')).to.deep.equal({
      database: {id: books.database.id, name: 'books'},
      passed: 2,
      failed: 1,
      expectations: [
        {expectation: 'ledgers balanced', ok: true, found: []},
        {expectation: 'accounts = 3', ok: false, found: ['there are 10 accounts']},
        {expectation: '@bank/usd debits = 1500.00', ok: true, found: []},
      ],
    })
    expect(await run()).to.deep.include({passed: 0, failed: 0, expectations: []})
  })

  it('compares balances on the normal side of the type, and available with what is pending', async () => {
    await books.pay(1001n, 4n, 500n, {flags: TransferFlags.pending})
    await books.pay(5n, 1n, 700n, {flags: TransferFlags.pending})
    for (const text of [
      '@bank/usd balance = 1500.00',
      '@bank/usd available = 1493.00',
      '@bank/usd credits_pending = 7.00',
      '@customer/1 balance = 200.00',
      '@customer/1 available = 195.00',
      '@customer/1 debits_pending = 5.00 USD',
      '@customer/1 debits <= credits',
      '@shop/sales balance > 299.99',
      '@owner balance != 0',
      '1001 balance >= available',
      '@customer/* balance >= 0',
    ])
      expect(await found(text), text).to.equal(true)
    expect(await found('@customer/1 balance = available')).to.equal(
      '@customer/1: balance is 200.00 USD, available 195.00 USD',
    )
    expect(await found('@bank/usd balance < 1500.00')).to.equal('@bank/usd: balance is 1500.00 USD')
  })

  it('of all accounts with a name of a kind names ten that are not so, and how many more', async () => {
    await books.accounts(...Array.from({length: 12}, (_, n) => ({id: BigInt(1010 + n), code: 20})))
    const [verdict] = (await run('@customer/* credits > 0')).expectations
    expect([verdict!.found.length, verdict!.found[0], verdict!.found.at(-1)]).to.deep.equal([
      11,
      '@customer/2: credits is 0.00 USD',
      'and 3 more',
    ])
    expect(await found('accounts balance >= 0')).to.equal(true)
  })

  it('an account that is not there does not meet anything', async () => {
    expect(await found('77 balance = 0')).to.equal('77 does not exist')
    expect(await found('@customer/50 balance = 0')).to.equal('@customer/50 does not exist')
    expect(await found('ledger 978 balanced')).to.equal('there is no account on ledger 978')
    expect(await found('ledger JPY balanced')).to.equal(true)
  })

  it('of 128 bits is exact: one less is not the same', async () => {
    await books.transfers({id: 90n, debit_account_id: 2n, credit_account_id: 7n, amount: MAX, ledger: 392})
    expect(await found(`2 debits = ${MAX}`)).to.equal(true)
    expect(await found(`2 debits = ${MAX - 1n}`)).to.equal(`@bank/jpy: debits is ${MAX} JPY`)
    expect(await found(`2 balance > ${MAX - 1n}`)).to.equal(true)
  })

  it('pending are the holds that are open: not those that were posted, voided or lapsed', async () => {
    const hold = (more: object) => books.pay(1001n, 4n, 100n, {flags: TransferFlags.pending, ...more})
    const [posted, voided] = [await hold({}), await hold({timeout: 1_000_000_000}), await hold({timeout: 1})]
    await hold({timeout: 2_000_000_000})
    await hold({})
    await books.transfers(
      {id: 5n, pending_id: posted.id, amount: 1n, flags: TransferFlags.post_pending_transfer},
      {id: 6n, pending_id: voided.id, flags: TransferFlags.void_pending_transfer},
    )
    // Nothing comes after this one: the time alone has ended it.
    await hold({timeout: 1})
    expect(await found('pending = 2')).to.equal(true)
    expect(await found('pending of @customer/1 = 2')).to.equal(true)
    expect(await found('pending of @bank/usd = 0')).to.equal(true)
    expect(await found('pending of @customer/1 older than 1s >= 1')).to.equal(true)
    expect(await found('pending older than 30d >= 1')).to.equal(true)
    expect(await found('pending = 0')).to.equal('there are 2')
  })

  it('an amount that is not valid on the ledger of its account is named with its column, and nothing is judged', async () => {
    const error = await refusalOf(() => run('@bank/usd debits = 1500', '@bank/jpy debits = 1.5', 'ledgers balanced'))
    expect(error).to.include({kind: 'BAD_INPUT', code: 'bad_expectation'})
    expect(textOf(error)).to.contain('column 20').and.contain('column 20')
    expect(error.details.errors).to.have.length(2)
  })

  it('reads only what it has to: nothing but some accounts where only these are asked about', async () => {
    const asked = async (...texts: string[]) => {
      books.seen.length = 0
      await run(...texts)
      return books.seen.filter(({body}) => body.limit !== 1).map(({operation}) => operation)
    }
    expect(await asked('1 debits > 0', '@owner credits > 0')).to.deep.equal(['lookup_accounts'])
    expect(await asked('ledgers balanced')).to.deep.equal(['query_accounts'])
    expect(await asked('transfers = 3')).to.deep.equal(['query_transfers'])
    expect(await asked('pending = 0', '1 debits > 0')).to.deep.equal(['lookup_accounts', 'query_transfers'])
  })

  it('is read again where somebody wrote meanwhile, and says after three times what it found', async () => {
    let writes = 1
    let rounds = 0
    books.before = async ({operation, body}) => {
      if (operation === 'query_accounts' && body.limit > 5) return 413
      if (operation === 'query_accounts' && body.timestamp_min === undefined) rounds++
      // Between the first page, which has the bank, and the second, which has the customers.
      else if (operation === 'query_accounts' && writes-- > 0) await books.pay(1n, 1001n, 1n)
      return undefined
    }
    expect((await run('ledgers balanced')).failed).to.equal(0)
    expect(rounds).to.equal(2)
    writes = 1000
    rounds = 0
    const busy = await run('ledgers balanced')
    expect([busy.failed, rounds]).to.deep.equal([1, 3])
  })

  it('what is not so is not read again where nobody wrote', async () => {
    books.seen.length = 0
    await run('transfers = 99')
    expect(books.seen.filter(({body}) => body.limit !== 1)).to.have.length(1)
  })

  it('ledgers are balanced in any history, and what is pending is what the accounts hold', () =>
    fc.assert(
      fc.asyncProperty(someSteps, fc.integer({min: 1, max: 5}), async (steps, size) => {
        // Holds without a timeout alone: the others lapse by the clock of this machine.
        await withRandomBooks(
          steps.map((step) => ({...step, seconds: step.seconds % 20})),
          async (random) => {
            random.before = limitedTo(size)
            const texts = ['ledgers balanced', 'ledger 700 balanced', 'accounts = 4', 'pending >= 0']
            const {failed, expectations} = await runAssert(
              random.reader,
              random.database,
              readExpectations([...texts, 'pending = 0'], undefined),
              undefined,
            )
            const held = Object.values(await random.columns()).some(([, , debits, credits]) => debits! + credits! > 0n)
            if (held) expect([failed, expectations.at(-1)!.ok]).to.deep.equal([1, false])
            else expect(expectations.slice(0, 4).every(({ok}) => ok)).to.equal(true)
          },
        )
      }),
      {numRuns: 6},
    ))
})
