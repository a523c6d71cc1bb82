import type {Table} from '@parix/kit/output'
import {TransferFlags} from '@parix/ledger'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {reversalPlanner} from '../../src/chains/plan-reverse.js'
import {type Difference, type ReconcileCall, runReconcile} from '../../src/reconcile/reconcile-command.js'
import {execute} from '../support/chains.js'
import {type MemoryBooks, memoryBooks, SECOND, START} from '../support/memory-books.js'
import {refusalOf, textOf} from '../support/refusal.js'
import {testTerminal} from '../support/terminal.js'
import {accountsOf, TYPED_CHART, typedBooks} from '../support/typed-chart.js'

const {terminal} = testTerminal()
const DAY = 86_400n * SECOND

/** Executes a proposed command as it is printed: `parix tb reverse …` or `parix tb create-transfers …`. */
async function obey(books: MemoryBooks, text: string): Promise<string> {
  const words = text.split(' ')
  const flag = (name: string) => words[words.indexOf(`--${name}`) + 1]!
  if (words[2] === 'reverse') {
    const plan = await reversalPlanner(BigInt(words[4]!), {}, TYPED_CHART)(books.reading)
    return 'nothing' in plan ? 'exists' : (await execute(books, plan))[0]!
  }
  const account = (name: string) => (name.startsWith('@') ? TYPED_CHART.account(name.slice(1)).id : BigInt(name))
  const data = words.includes('--user-data-64') ? {user_data_64: BigInt(flag('user-data-64'))} : {}
  const [result] = await books.results({
    ...{id: BigInt(flag('id')), debit_account_id: account(flag('from')), credit_account_id: account(flag('to'))},
    ...{amount: BigInt(flag('amount').replace('.', '')), code: 9, ...data},
  })
  return result!
}

describe('an account beside its bank', () => {
  let books: MemoryBooks
  let home: TestHome
  beforeEach(async () => {
    // The bank has 1,000.00 of capital and 500.00 of customer 1.
    books = await typedBooks()
    home = makeHome()
  })
  afterEach(async () => {
    await books.close()
    home.remove()
  })

  const run = (csv: string, flags: Partial<ReconcileCall['flags']> = {}, more: Partial<ReconcileCall> = {}) =>
    runReconcile({
      ...{api: books.api, terminal, database: books.database, account: '@bank/usd', chart: TYPED_CHART},
      ...{now: books.clock.now, ...more},
      flags: {
        ...{against: home.write('bank.csv', csv), reference: 'user-data-64', window: '3d', tz: 'UTC', by: 'recorded'},
        ...{'decimal-comma': false, invert: false, ...flags},
      },
    })
  const kinds = (differences: readonly Difference[]) => differences.map(({kind, line, id}) => [kind, line, id])
  const CSV = 'date,amount,reference,description\n'

  it('finds nothing where both have the same', async () => {
    const {result, reconciled, summary, view, notices} = await run(`${CSV}2023-11-02,1000.00,,\n2023-11-02,500.00,,\n`)
    expect(result).to.deep.include({
      ...{
        account: '1',
        account_name: 'bank/usd',
        bankLines: 2,
        bookLines: 2,
        matched: 2,
        cancelled: 0,
        differences: [],
      },
      ...{bankTotal: '150000', bookTotal: '150000', from: '2023-11-02T00:00:00.000000000Z'},
    })
    expect([reconciled, view.whenEmpty, notices]).to.deep.equal([true, 'Nothing differs.', []])
    expect(summary).to.equal('@bank/usd: 2 lines of the bank, 2 rows of the books; 2 matched; nothing is left.')
  })

  it('names what only the bank has, and proposes an entry between the accounts that were named', async () => {
    const csv = `${CSV}2023-11-02,1000.00,,\n2023-11-02,500.00,,\n2023-11-02,-3.50,77,Fee\n`
    const without = await run(csv)
    expect(without.result.differences).to.deep.equal([
      {
        ...{kind: 'only_bank', line: 4, date: '2023-11-02', bankAmount: '-350', bookAmount: null, reference: '77'},
        ...{bankAmountText: '-3.50', bookAmountText: null, text: 'Fee', id: null, counterpart: null, next: []},
      },
    ])
    expect(without.reconciled).to.equal(false)
    expect(without.notices.join()).to.contain('With --counterpart ACCOUNT and --code CODE')
    const proposing = await run(csv, {counterpart: '@shop/rent', code: 'payment'})
    const [command] = proposing.result.differences[0]!.next
    expect(command).to.match(
      /^parix tb create-transfers books --id \d+ --from @shop\/rent --to @bank\/usd --amount 3\.50 --ledger USD --code payment --user-data-64 77/,
    )
    expect(proposing.notices).to.deep.equal([])
  })

  it('books money that came in on the other side, and of an account with credit balances the other way round', async () => {
    const first = async (account: string, amount: string) => {
      const {result} = await run(`${CSV}2023-11-02,${amount},,\n`, {counterpart: '@owner', code: '9'}, {account})
      return result.differences.find(({kind}) => kind === 'only_bank')!.next[0]!
    }
    expect(await first('@bank/usd', '7.00')).to.contain('--from @bank/usd --to @owner --amount 7.00')
    expect(await first('@bank/usd', '-7.00')).to.contain('--from @owner --to @bank/usd --amount 7.00')
    expect(await first('@customer/1', '7.00')).to.contain('--from @owner --to @customer/1')
    expect(await first('@customer/1', '-7.00')).to.contain('--from @customer/1 --to @owner')
  })

  it('names what only the books have, and how to look at it', async () => {
    const {result} = await run(`${CSV}2023-11-02,1000.00,,\n`)
    expect(kinds(result.differences)).to.deep.equal([['only_books', null, '1001']])
    expect(result.differences[0]).to.deep.include({counterpart: '@customer/1', bookAmount: '50000', bankAmount: null})
    expect(result.differences[0]!.next[0]).to.match(/^parix tb trace books 1001/)
  })

  it('finds one reference with two amounts, and proposes to take back the one and to book the other', async () => {
    await books.pay(1n, 4n, 2_550n, {user_data_64: 17n, code: 2})
    const csv = `${CSV}2023-11-02,1000.00,,\n2023-11-02,500.00,,\n2023-11-02,25.05,17,typo\n`
    const {result, view} = await run(csv)
    const [difference] = result.differences
    expect(difference).to.deep.include({
      kind: 'amount_differs',
      line: 4,
      bankAmount: '2505',
      bookAmount: '2550',
      id: '1003',
    })
    expect(difference!.next).to.have.length(2)
    expect(difference!.next[0]).to.match(/^parix tb reverse books 1003/)
    expect(difference!.next[1]).to.contain(
      '--from @bank/usd --to @shop/sales --amount 25.05 --ledger USD --code payment --user-data-64 17',
    )
    expect((view as Table).rows[0]).to.deep.equal([
      'amounts differ',
      4,
      '2023-11-02',
      '25.05',
      '25.50',
      '17',
      '1003 @shop/sales',
      'typo',
    ])
    for (const command of difference!.next) expect(await obey(books, command)).to.equal('created')
    const after = await run(csv)
    expect(after.reconciled).to.equal(true)
    expect(after.result.cancelled, 'the wrong one and its reversal').to.equal(2)
    expect(after.summary).to.contain('2 take each other back')
  })

  it('of which the bank says 0 only takes it back', async () => {
    await books.pay(1n, 4n, 2_550n, {user_data_64: 17n})
    const {result} = await run(`${CSV}2023-11-02,0.00,17,\n`)
    expect(result.differences.find(({kind}) => kind === 'amount_differs')!.next).to.have.length(1)
  })

  it('a line of the bank that is there twice is doubled, and not booked', async () => {
    await books.pay(1n, 4n, 2_550n, {user_data_64: 17n})
    const line = '2023-11-02,25.50,17,\n'
    const {result} = await run(`${CSV}2023-11-02,1000.00,,\n2023-11-02,500.00,,\n${line}${line}`, {
      counterpart: '@owner',
      code: '9',
    })
    expect(kinds(result.differences)).to.deep.equal([['doubled', 5, null]])
    expect(result.differences[0]!.next).to.deep.equal([])
  })

  it('what was proposed is the same when it is asked for again, and there once when it is booked twice', async () => {
    const csv = `${CSV}2023-11-02,7.00,,a\n2023-11-02,7.00,,b\n`
    const commands = async () => {
      const {result} = await run(csv, {counterpart: '@owner', code: '9'})
      return result.differences.flatMap(({kind, next}) => (kind === 'only_bank' ? next : []))
    }
    const first = await commands()
    expect(await commands()).to.deep.equal(first)
    expect(new Set(first).size, 'two lines that are alike are two').to.equal(2)
    expect(await obey(books, first[0]!)).to.equal('created')
    expect(await obey(books, first[0]!)).to.equal('exists')
  })

  it('matches a row up to the window before or after the day of the bank, and not a moment later', async () => {
    // Recorded two days after the day, which ends at midnight.
    books.clock.now = START + 3n * DAY - SECOND - 1n
    const {timestamp} = await books.pay(1n, 4n, 777n)
    expect(timestamp).to.equal(START + 3n * DAY - 1n)
    const matched = async (window: string) =>
      (await run(`${CSV}2023-11-02,7.77,,\n`, {window, to: '2023-11-04'})).result.matched
    expect(await matched('48h')).to.equal(1)
    expect(await matched('172799s')).to.equal(0)
    expect(await matched('0s')).to.equal(0)
  })

  it('leaves out what is outside the period, on either side, and says how many lines of the bank', async () => {
    books.clock.now = START + 10n * DAY
    await books.pay(1n, 4n, 777n)
    const csv = `${CSV}2023-11-01,9.99,,\n2023-11-02,1000.00,,\n2023-11-02,500.00,,\n2023-11-20,1.00,,\n`
    const {result, notices} = await run(csv, {from: '2023-11-02', to: '2023-11-05'})
    expect([result.differences, result.bankLines, result.bookLines]).to.deep.equal([[], 2, 2])
    expect(notices).to.deep.equal(['2 lines of the bank outside the period left out.'])
    expect((await run(csv, {from: '2023-11-02'})).notices[0]).to.equal(
      '2 lines of the bank outside the period left out.',
    )
  })

  it('has the first moment of the period and the last, of the bank as of the books', async () => {
    const csv = `date,amount\n${[4, 5, 6, 7].map((second) => `2023-11-02T00:00:0${second}Z,0.01\n`).join('')}`
    const rows = []
    for (let n = 0; n < 4; n++) rows.push(await books.pay(1n, 4n, 1n))
    expect(rows[0]!.timestamp - START).to.equal(5n * SECOND)
    const of = async (from: string, to: string) => {
      const period = {from: `2023-11-02T00:00:${from}Z`, to: `2023-11-02T00:00:${to}Z`}
      const {bankLines, bookLines} = (await run(csv, {...period, window: '0s'})).result
      return [bankLines, bookLines]
    }
    expect(await of('05', '06')).to.deep.equal([2, 2])
    expect(await of('05.000000001', '06')).to.deep.equal([1, 1])
    expect(await of('05', '05.999999999')).to.deep.equal([1, 1])
    expect(await of('04', '07')).to.deep.equal([4, 3])
  })

  it('takes for its period the days that the file has, and of the books what is in them', async () => {
    books.clock.now = START + 10n * DAY
    await books.pay(1n, 4n, 777n)
    const {result} = await run(`${CSV}2023-11-02,1000.00,,\n2023-11-02,500.00,,\n`)
    expect([result.from, result.to]).to.deep.equal(['2023-11-02T00:00:00.000000000Z', '2023-11-03T00:00:00.000000000Z'])
    expect(result.differences).to.deep.equal([])
  })

  it('counts what moved alone: not holds, not voids; and of a post what was posted', async () => {
    const hold = await books.pay(1n, 4n, 100n, {flags: TransferFlags.pending})
    const other = await books.pay(1n, 4n, 200n, {flags: TransferFlags.pending})
    await books.pay(1n, 4n, 0n)
    await books.transfers({id: 71n, pending_id: hold.id, amount: 60n, flags: TransferFlags.post_pending_transfer})
    await books.transfers({id: 72n, pending_id: other.id, flags: TransferFlags.void_pending_transfer})
    const {result, reconciled} = await run(`${CSV}2023-11-02,1000.00,,\n2023-11-02,500.00,,\n2023-11-02,0.60,,\n`)
    expect([reconciled, result.bookLines]).to.deep.equal([true, 3])
  })

  it('is by when things happened, where it is asked for', async () => {
    books.clock.now = START + 20n * DAY
    const happened = START + 5n * DAY + 7n
    await books.pay(1n, 4n, 777n, {user_data_64: happened})
    const csv = `${CSV}2023-11-07,7.77,,\n`
    expect((await run(csv, {window: '1h', reference: 'user-data-128'})).result.matched).to.equal(0)
    const by = await run(csv, {window: '1h', by: 'occurred', reference: 'user-data-128'})
    expect([by.result.matched, by.reconciled]).to.deep.equal([1, true])
    const only = await run(`${CSV}2023-11-09,1.00,,\n`, {
      by: 'occurred',
      reference: 'user-data-128',
      counterpart: '@owner',
      code: '9',
    })
    expect(only.result.differences[0]!.next[0]).to.contain(`--user-data-64 ${START + 7n * DAY}`)
  })

  it('reads the ids of transfers as references, too', async () => {
    const {result} = await run(`${CSV}2023-11-02,1000.00,1000,\n2023-11-02,500.00,0x3e9,\n2023-11-02,7.00,555,\n`, {
      reference: 'id',
      counterpart: '@owner',
      code: '9',
    })
    expect(kinds(result.differences)).to.deep.equal([['only_bank', 4, null]])
    expect(result.differences[0]!.next[0]).to.contain('--id 555 ')
    expect(result.differences[0]!.next[0]).not.to.contain('user-data')
  })

  it('proposes nothing that can not be sent: a reference that its field has no room for is left out', async () => {
    for (const [reference, texts] of [
      ['user-data-32', ['4294967296', 'INV-7', '0', '-1']],
      ['user-data-64', ['18446744073709551616', '0']],
      ['user-data-128', [String(2n ** 128n), 'RE 2026/7']],
      ['id', ['0', String(2n ** 128n - 1n), 'INV-7']],
    ] as const)
      for (const text of texts) {
        const {result} = await run(`${CSV}2023-11-02,7.00,${text},\n`, {reference, counterpart: '@owner', code: '9'})
        const [command] = result.differences.find(({kind}) => kind === 'only_bank')!.next
        expect(command, `${reference} ${text}`).not.to.contain('--user-data')
        expect(command).not.to.match(/--id (0|340282366920938463463374607431768211455) /)
        expect(command).to.contain('--amount 7.00')
      }
  })

  it('is refused before anything is read for an account, a code or a window that is not valid', async () => {
    const csv = `${CSV}2023-11-02,1.00,,\n`
    for (const flags of [
      {counterpart: '@nobody'},
      {code: 'nothing'},
      {window: 'long'},
      {from: '2023-11-03', to: '2023-11-02'},
    ])
      expect(await refusalOf(() => run(csv, flags)), JSON.stringify(flags)).to.include({kind: 'BAD_INPUT'})
    expect(await refusalOf(() => run(csv, {}, {account: '@nobody'}))).to.include({kind: 'BAD_INPUT'})
    expect(books.seen).to.deep.equal([])
    expect(await refusalOf(() => run(csv, {}, {account: '77'}))).to.include({kind: 'NOT_FOUND'})
  })

  it('names every line of the file that can not be read, before the transfers are read', async () => {
    const error = await refusalOf(() => run(`${CSV}2023-11-02,1.005,,\n2.11.23,1.00,,\n2023-11-02,"1.00,,\n`))
    const text = textOf(error)
    expect(text)
      .to.match(/line 2: "1\.005" has more than 2 decimal places/)
      .and.match(/line 3: "2\.11\.23" is not a date/)
    expect(await refusalOf(() => run(CSV))).to.include({kind: 'BAD_INPUT'})
    expect((await refusalOf(() => run(CSV))).message).to.match(/bank\.csv has no lines/)
    expect(await refusalOf(() => run('when,what\n1,2\n'))).to.include({kind: 'BAD_INPUT', code: 'bad_mapping'})
    expect(books.seen.filter(({operation}) => operation === 'get_account_transfers')).to.deep.equal([])
  })

  it('of amounts without a chart is in integers', async () => {
    const {result, view} = await run(
      `${CSV}2023-11-02,100000,,\n2023-11-02,50001,,\n`,
      {},
      {chart: undefined, account: '1'},
    )
    expect(result).not.to.have.property('account_name')
    expect(result.differences[0]).not.to.have.property('bankAmountText')
    expect((view as Table).rows.map(([, , , bank]) => bank)).to.include('50001')
  })
})

describe('any bank statement', () => {
  const someLines = fc.array(
    fc.record({
      amount: fc.integer({min: -99, max: 99}).filter((amount) => amount !== 0),
      reference: fc.nat({max: 6}),
      day: fc.nat({max: 2}),
    }),
    {minLength: 1, maxLength: 8},
  )
  const someRows = fc.array(
    fc.record({amount: fc.integer({min: 1, max: 99}), out: fc.boolean(), reference: fc.nat({max: 6})}),
    {maxLength: 6},
  )

  it('has no amount that differs any more when what was proposed is done, and none of its lines is lost', () =>
    fc.assert(
      fc.asyncProperty(someLines, someRows, async (lines, rows) => {
        const books = await memoryBooks(...accountsOf(TYPED_CHART))
        const home = makeHome()
        try {
          for (const {amount, out, reference} of rows)
            await books.pay(out ? 4n : 1n, out ? 1n : 4n, BigInt(amount), {user_data_64: BigInt(reference)})
          const money = (cents: number) => `${cents < 0 ? '-' : ''}0.${String(Math.abs(cents)).padStart(2, '0')}`
          const text = lines.map(
            ({amount, reference, day}) => `2023-11-0${2 + day},${money(amount)},${reference || ''}\n`,
          )
          const against = home.write('bank.csv', `date,amount,reference\n${text.join('')}`)
          books.clock.now = START + 4n * DAY
          const reconcile = () =>
            runReconcile({
              ...{api: books.api, terminal, database: books.database, account: '@bank/usd', chart: TYPED_CHART},
              flags: {
                ...{
                  against,
                  reference: 'user-data-64',
                  window: '10d',
                  tz: 'UTC',
                  by: 'recorded',
                  'decimal-comma': false,
                },
                ...{invert: false, counterpart: '@owner', code: '9'},
              },
              now: books.clock.now + DAY,
            })
          // What matches by its amount alone may take a line away from another: a second look finds that.
          for (let round = 0; round < 3; round++)
            for (const {kind, next} of (await reconcile()).result.differences)
              if (kind === 'amount_differs') for (const command of next) await obey(books, command)
          const {result} = await reconcile()
          expect(result.differences.filter(({kind}) => kind === 'amount_differs')).to.deep.equal([])
          expect(
            result.matched + result.differences.filter(({kind}) => kind === 'only_bank' || kind === 'doubled').length,
          ).to.equal(lines.length)
        } finally {
          await books.close()
          home.remove()
        }
      }),
      {numRuns: 6},
    ))
})
