import {spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, type RunResult, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {resultOf} from '../tidy/built.js'

const CHART = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes:
  account: {bank: 10, customer: 20, sales: 30, costs: 40}
  transfer: {deposit: 1, payment: 2, fee: 3, correction: 9}
types: {bank: asset, customer: liability, sales: income, costs: expense}
accounts:
  bank: {id: 1, ledger: USD, code: bank, flags: [history]}
  sales: {id: 2, ledger: USD, code: sales}
  fees: {id: 3, ledger: USD, code: costs}
  customer: {id: 4, ledger: USD, code: customer}
userData:
  transfer: {128: {name: invoice, as: text16}, 64: {name: valued, as: time}}
`

/** A month long ago, so that the clock of no machine is before it. */
const at = (day: number, hour = 12) => BigInt(Date.UTC(2024, 9, day, hour)) * 1_000_000n
const text = (reference: string) => BigInt(`0x${Buffer.from(reference).toString('hex')}`)

interface Row {
  id: number
  from: number
  to: number
  cents: number
  day: number
  reference: string
}

/** What was booked in October: deposits of customers, rent, and what does not touch the bank. */
const ROWS: Row[] = Array.from({length: 31}, (_, index) => index + 1).flatMap((day) => [
  {id: 1000 + day, from: 1, to: 4, cents: 10_000 + 37 * day, day, reference: `DEP-${day}`},
  {id: 2000 + day, from: 4, to: 2, cents: 5000 + 11 * day, day, reference: `INV-${day}`},
  ...(day % 7 === 0 ? [{id: 3000 + day, from: 2, to: 1, cents: 20_000 + day, day, reference: `RENT-${day}`}] : []),
])

describe('month end, as one story', function () {
  this.timeout(180_000)
  let service: RunningService
  let home: TestHome
  let data: string

  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'parix-month-'))
    service = await startService({port: 0, dataDir: data, provisionDelayMs: 1})
    home = makeHome()
    home.write('parix.chart.yaml', CHART)
  })
  after(async () => {
    await service.close()
    home.remove()
    rmSync(data, {recursive: true, force: true})
  })

  const run = (words: string | string[]): Promise<RunResult> =>
    resultOf(typeof words === 'string' ? words.split(' ') : words, home, {
      PARIX_BASE_URL: service.baseUrl,
      PARIX_API_KEY: service.apiKey,
      PARIX_DATABASE: 'books',
      PARIX_CHART: join(home.path, 'parix.chart.yaml'),
    })
  async function ok(words: string | string[]): Promise<RunResult> {
    const result = await run(words)
    expect(result.code, `${words}\n${result.stdout}${result.stderr}`).to.equal(0)
    return result
  }
  const file = (name: string) => join(home.path, name)
  const json = async (words: string) => JSON.parse((await ok(`${words} --json`)).stdout)
  const OCTOBER = '--from 2024-10-01 --to 2024-10-31'

  it('October is in the books, as it was recorded then', async () => {
    await ok('database create books --wait')
    const accounts = [
      ['1', '10', 'history'],
      ['2', '30', ''],
      ['3', '40', ''],
      ['4', '20', ''],
    ].map(([id, code, flags], index) => `${id},700,${code},${flags},${at(1, 0) - 100n + BigInt(index)}`)
    home.write('accounts.csv', `id,ledger,code,flags,timestamp\n${accounts.join('\n')}\n`)
    await ok(`tb import accounts ${file('accounts.csv')} --keep-timestamps`)
    const transfers = ROWS.map(
      ({id, from, to, cents, day, reference}, index) =>
        `${id},${from},${to},${cents},700,${from === 1 ? 1 : 2},${text(reference)},${at(day) + BigInt(index)},${at(day) + BigInt(index)}`,
    )
    const header = 'id,from,to,amount,ledger,code,user_data_128,user_data_64,timestamp'
    home.write('october.csv', `${header}\n${transfers.join('\n')}\n`)
    await ok(`tb import transfers ${file('october.csv')} --keep-timestamps`)
    await ok(['tb', 'assert', 'ledgers balanced', `transfers = ${ROWS.length}`, 'pending = 0'])
  })

  it('the statement of each account adds up to what awk makes of the export, and to the balance at the end', async () => {
    await ok(`tb export transfers --since 2024-10-01 --until 2024-10-31 --format csv -o ${file('export.csv')}`)
    for (const [name, id, side] of [
      ['@bank', 1, 1],
      ['@sales', 2, -1],
      ['@customer', 4, -1],
    ] as const) {
      const statement = await json(`tb statement ${name} ${OCTOBER}`)
      const program = `NR == 1 {for (i = 1; i <= NF; i++) col[$i] = i; next}
        $col["debit_account_id"] == ${id} {sum += $col["amount"]}
        $col["credit_account_id"] == ${id} {sum -= $col["amount"]}
        END {print ${side} * sum}`
      const awk = spawnSync('awk', ['-F,', program, file('export.csv')], {encoding: 'utf8'})
      expect(awk.stdout.trim(), awk.stderr).to.equal(String(BigInt(statement.closing) - BigInt(statement.opening)))
      const balance = await json(`tb balance ${name} --at 2024-10-31`)
      const credits = BigInt(balance.credits_less_debits)
      expect(String(side === 1 ? -credits : credits), name).to.equal(statement.closing)
    }
  })

  it('hledger and beancount read the statement and agree on every balance', async () => {
    for (const [format, program, args] of [
      ['hledger', 'hledger', ['check', '-s', '-f']],
      ['beancount', 'bean-check', []],
    ] as const) {
      await ok(`tb statement @bank ${OCTOBER} --format ${format} -o ${file(`bank.${format}`)}`)
      if (spawnSync(program, ['--version']).status !== 0) continue
      const checked = spawnSync(program, [...args, file(`bank.${format}`)], {encoding: 'utf8'})
      expect(checked.status, checked.stdout + checked.stderr).to.equal(0)
    }
  })

  it('the bank has it differently in three places: exactly these are found, corrected, and nothing is left', async () => {
    const line = ({cents, day, reference, from}: Row) =>
      `${String(day).padStart(2, '0')}.10.2024,${from === 1 ? '' : '-'}${(cents / 100).toFixed(2)},${reference}`
    const lines = ROWS.filter(({from, to}) => from === 1 || to === 1)
      .filter(({reference}) => reference !== 'DEP-9')
      .map((row) => line(row.reference === 'DEP-20' ? {...row, cents: row.cents + 100} : row))
    home.write('bank.csv', `Day,Amount,Ref\n${[...lines, '31.10.2024,-4.50,FEE-10'].join('\n')}\n`)
    const words = [
      ...['tb', 'reconcile', '@bank', '--against', file('bank.csv'), '--by', 'occurred'],
      ...['--map', 'time=Day|time:DD.MM.YYYY', '--map', 'amount=Amount', '--map', 'reference=Ref'],
      ...['--counterpart', '@fees', '--code', 'correction'],
    ]
    const before = await run([...words, '--json'])
    expect(before.code, before.stderr).to.equal(6)
    const {differences, matched} = JSON.parse(before.stdout)
    expect(matched).to.equal(lines.length - 1)
    expect(differences.map(({kind, reference}: Record<string, string>) => [kind, reference])).to.deep.equal([
      ['only_books', 'DEP-9'],
      ['amount_differs', 'DEP-20'],
      ['only_bank', 'FEE-10'],
    ])
    for (const {kind, next} of differences)
      if (kind !== 'only_books') for (const command of next) await ok(command.split(' ').slice(1))
    // The bank never saw the ninth deposit: it is taken back, with the same reference and value date.
    await ok('tb reverse 1009')
    const after = await run([...words, '--json'])
    expect(JSON.parse(after.stdout)).to.deep.include({differences: [], cancelled: 4, matched: lines.length + 1})
    expect(after.code).to.equal(0)
    const statement = await json(`tb statement @bank ${OCTOBER} --by occurred`)
    const cents = readFileSync(file('bank.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .reduce((sum, text) => sum + BigInt(text.split(',')[1]!.replace('.', '')), 0n)
    expect(statement.closing, 'the books say what the bank says').to.equal(String(cents))
  })

  it('the month is sealed, and history executed again gives the same books', async () => {
    const moved = await run('tb diff --at 2024-10-31 --json')
    expect([moved.code, JSON.parse(moved.stdout).transfers]).to.deep.equal([6, 4])
    await ok(`tb audit --at 2024-10-31 --seal ${file('october.seal.json')}`)
    await ok(`tb audit --against ${file('october.seal.json')}`)
    const {transfers, findings} = await json('tb audit --replay')
    expect([transfers, findings]).to.deep.equal([ROWS.length + 4, []])
  })
})
