import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {tb} from '../support/tb.js'

const CHART = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes: {account: {bank: 10, income: 20}, transfer: {payment: 1, correction: 2}}
types: {bank: asset, income: income}
accounts:
  bank: {id: 1, ledger: USD, code: bank, flags: [history]}
  sales: {id: 2, ledger: USD, code: income}
  suspense: {id: 3, ledger: USD, code: income}
userData: {transfer: {128: {name: invoice, as: text16}}}
`
const today = new Date().toISOString().slice(0, 10)
const [year, month, day] = today.split('-')

describe('tb reconcile', function () {
  this.timeout(60_000)
  let ledger: LocalLedger
  let home: TestHome

  before(async () => {
    ledger = await startLocalLedger()
    home = makeHome()
    home.write('parix.chart.yaml', CHART)
    await ledger.operate(
      'create_accounts',
      [1, 2, 3].map((id) => ({id, ledger: 700, code: id === 1 ? 10 : 20, flags: id === 1 ? 8 : 0})),
    )
    const text = (reference: string) => BigInt(`0x${Buffer.from(reference).toString('hex')}`).toString()
    const row = (id: number, reference: string, amount: number, out = false) => ({
      id,
      debit_account_id: out ? 2 : 1,
      credit_account_id: out ? 1 : 2,
      amount,
      user_data_128: text(reference),
      ledger: 700,
      code: 1,
    })
    await ledger.operate('create_transfers', [
      row(100, 'INV-1', 10_000),
      row(101, 'INV-2', 2550),
      row(102, 'INV-3', 7),
      row(103, 'RENT', 90_000, true),
      {...row(104, 'INV-5', 4200), user_data_128: 0},
    ])
  })
  after(async () => {
    await ledger.stop()
    home.remove()
  })

  const env = () => ({PARIX_API_KEY: ledger.apiKey, PARIX_BASE_URL: ledger.baseUrl, PARIX_DATABASE: 'books'})
  const run = (words: string | readonly string[], stdin?: string) =>
    tb(words, {home, env: env(), ...(stdin !== undefined && {stdin})})
  const date = `${day}.${month}.${year}`
  const BANK = [
    'Buchung;Soll;Haben;Referenz;Text',
    `${date};;100,00;INV-1;`,
    `${date};;25,55;INV-2;typo`,
    `${date};900;;RENT;`,
    `${date};;42,00;;cash`,
    `${date};3,50;;FEE-11;account fee`,
  ].join('\n')
  const GERMAN =
    '--map time=Buchung|time:DD.MM.YYYY --map in=Haben --map out=Soll --map reference=Referenz --map text=Text --decimal-comma'
  const PROPOSING = '--counterpart @suspense --code correction'

  it('finds exactly what differs, proposes commands that run as they are, and is clean after them', async () => {
    home.write('bank.csv', BANK)
    const first = await run(`reconcile @bank --against bank.csv ${GERMAN} ${PROPOSING} --json`)
    expect(first.code, first.stderr).to.equal(6)
    const result = first.json()
    expect(result).to.include({bankLines: 5, bookLines: 5, matched: 3, cancelled: 0, account_name: 'bank'})
    expect(result.bankTotal).to.equal(String(10_000 + 2555 - 90_000 + 4200 - 350))
    const kinds = result.differences.map(({kind, line, id, bankAmount, bookAmount}: Record<string, unknown>) => [
      kind,
      line,
      id,
      bankAmount,
      bookAmount,
    ])
    expect(kinds).to.have.deep.members([
      ['amount_differs', 3, '101', '2555', '2550'],
      ['only_books', null, '102', null, '7'],
      ['only_bank', 6, null, '-350', null],
    ])
    expect((await ledger.operate('query_transfers', {limit: 100})).length, 'nothing was sent').to.equal(5)
    const commands: string[] = result.differences.flatMap(({next}: {next: string[]}) => next)
    for (const command of commands) {
      const {code, stdout, stderr} = await run(command.split(' ').slice(2))
      expect(code, command + stdout + stderr).to.equal(0)
    }
    // What is only in the books is to be looked at: here it is taken back.
    await run('create-transfers --from @sales --to @bank --amount 0.07 --code correction --user-data-128 INV-3')
    const again = await run(`reconcile @bank --against bank.csv ${GERMAN} --json`)
    expect(again.json().differences).to.deep.equal([])
    expect(again.json()).to.include({matched: 5, cancelled: 4, bankTotal: again.json().bookTotal})
    expect(again.code).to.equal(0)
    for (const command of commands.filter((text) => text.includes('create-transfers')))
      expect((await run(command.split(' ').slice(2))).code, 'twice is once').to.equal(0)
    expect((await run(`reconcile @bank --against bank.csv ${GERMAN}`)).code).to.equal(0)
  })

  it('shows a table, the summary and the commands; reads stdin; CSV has one row for each difference', async () => {
    const csv = `time,amount,reference\n${today},1.00,X-1\n`
    const {code, stdout, stderr} = await run(
      `reconcile books 3 --against - ${PROPOSING.replace('@suspense', '@sales')}`,
      csv,
    )
    expect(code).to.equal(6)
    expect(stdout).to.match(/only at the bank +2 +\S+ +1\.00 +- +X-1/)
    expect(stderr).to.match(/@suspense: 1 line of the bank, 1 row of the books; 0 matched; 2 left to look at\./)
    expect(stderr).to.match(
      /^ {2}parix tb create-transfers books --id \d+ --from @sales --to @suspense --amount 1\.00 --ledger USD --code correction --user-data-128 \d+$/m,
    )
    const rows = await run('reconcile books 3 --against - --format csv', csv)
    expect(rows.stdout.split('\r\n')[0]).to.equal(
      'kind,line,date,bankAmount,bookAmount,bankAmountText,bookAmountText,reference,text,id,counterpart,next',
    )
  })

  it('every line that can not be read is named, and an unknown account is not found', async () => {
    const bad = await run('reconcile 1 --against -', `time,amount\n${today},1.00\nsoon,1.00\n${today},1.005\n`)
    expect(bad.code).to.equal(2)
    expect(bad.stderr)
      .to.match(/stdin line 3: "soon" is not a date/)
      .and.match(/stdin line 4: "1\.005" has more than 2/)
    expect((await run('reconcile 99 --against -', `time,amount\n${today},1.00\n`)).code).to.equal(3)
    expect((await run('reconcile 1 --against nowhere.csv')).code).to.equal(2)
    expect((await run('reconcile 1 --against -', 'when,amount\n')).stderr).to.match(/Which column is the time\?/)
  })
})
