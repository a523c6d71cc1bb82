import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, parix, type RunResult, residentParix, startParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'

const CHART = `version: 1
for: [books, local:team]
ledgers: {USD: {id: 700, scale: 2}, JPY: {id: 701, scale: 0}}
codes:
  account: {bank: 10, customer: 20, revenue: 30}
  transfer: {deposit: 1, payment: 2}
types: {bank: asset, customer: liability, revenue: income}
accounts:
  bank: {id: 1, ledger: USD, code: bank, flags: [history]}
  sales: {id: 2, ledger: USD, code: revenue}
  till/tokyo: {id: 3, ledger: JPY, code: bank}
  customer/*: {id: {base: 0x1000000000000, plus: n}, ledger: USD, code: customer, flags: [debits_must_not_exceed_credits]}
userData: {transfer: {128: {name: order, as: uuid}}}
`

/** Flags of the commands that take an amount of money; `--to ACCOUNT[=AMOUNT]` is on a ledger without decimal places here. */
function amountFlags(): {id: string; flag: string}[] {
  const path = new URL('../../oclif.manifest.json', import.meta.url)
  const {commands} = JSON.parse(readFileSync(path, 'utf8')) as {
    commands: Record<string, {flags: Record<string, {helpValue?: string}>}>
  }
  return Object.entries(commands).flatMap(([id, {flags}]) =>
    Object.entries(flags)
      .filter(([flag, {helpValue = ''}]) => flag === 'amount' || /AMOUNT/.test(helpValue))
      .filter(([flag]) => id !== 'tb:exchange' || flag !== 'to')
      .map(([flag]) => ({id: id.replaceAll(':', ' '), flag})),
  )
}

describe('names and money, with a chart of accounts', function () {
  this.timeout(180_000)
  let dataDir: string
  let service: RunningService
  let home: TestHome
  let env: Record<string, string>

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-names-'))
    service = await startService({port: 0, dataDir, provisionDelayMs: 1})
    env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
    home = makeHome()
    home.write('parix.chart.yaml', CHART)
    for (const name of ['books', 'team', 'other']) await ok(`database create ${name} --wait`)
    await ok('chart apply books')
    await ok('tb create-accounts books --id @customer/17')
    await ok('tb create-transfers books --from @bank --to @customer/17 --amount 100.00 --code deposit --id 900')
  })
  after(async () => {
    await service?.close()
    home?.remove()
    rmSync(dataDir, {recursive: true, force: true})
  })

  const run = (words: string | string[], stdin?: string) =>
    residentParix(words, {home, env, cwd: home.path, ...(stdin !== undefined && {stdin})})
  async function ok(words: string | string[], stdin?: string): Promise<RunResult> {
    const result = await run(words, stdin)
    expect(result.code, result.stdout + result.stderr).to.equal(0)
    return result
  }
  const rows = async (words: string) => JSON.parse((await ok(`${words} --json`)).stdout).responsePayload

  it('an account that is created by its name has the ledger, code and limit of the chart', async () => {
    const [account] = await rows('tb lookup-accounts books --id @customer/17')
    expect(account).to.include({
      id: String(2 ** 48 + 17),
      id_name: 'customer/17',
      ledger: 700,
      ledgerName: 'USD',
      code: 20,
      codeName: 'customer',
      balanceText: '100.00 USD',
    })
    expect(account.flag_names).to.deep.equal(['debits_must_not_exceed_credits'])
  })

  it('a payment by names is the transfer in integers; tables and JSON show both', async () => {
    const {stdout} = await ok(
      'tb create-transfers books --from @customer/17 --to @sales --amount 12.50 --code payment --id 901',
    )
    expect(stdout).to.match(/@customer\/17 +@sales +12\.50 USD/)
    const [transfer] = await rows('tb lookup-transfers books --id 901')
    expect(transfer).to.include({
      debit_account_id: String(2 ** 48 + 17),
      debit_account_id_name: 'customer/17',
      credit_account_id_name: 'sales',
      amount: '1250',
      amountText: '12.50',
      ledger: 700,
      code: 2,
      codeName: 'payment',
    })
    expect((await ok('tb query-transfers books --ledger USD --code payment')).stdout).to.match(
      /@sales +12\.50 USD +USD +payment/,
    )
    expect((await ok('tb get-account-transfers books --account-id @sales')).stdout).to.contain('@customer/17')
    expect((await ok('tb balance books @customer/17')).stdout).to.match(
      /account +@customer\/17[\s\S]*available +87\.50 USD/,
    )
    expect((await ok('tb query-accounts books --code customer')).stdout).to.contain('@customer/17')
  })

  it('a bare integer is refused wherever an amount is given, with both readings, with and without --json', async () => {
    await ok('tb create-transfers books --from @bank --to @sales --amount 5.00 --code payment --flag pending --id 950')
    const amounts = [
      'tb create-transfers books --from @bank --to @sales --amount 100 --code payment',
      'tb create-transfers books --from 1 --to 2 --ledger 700 --amount 100 --code 2',
      'tb create-transfers books --from 1 --to 2 --ledger USD --amount 0x64 --code 2',
      'tb post books 950 --amount 100',
    ]
    for (const words of amounts) {
      for (const json of ['', ' --json']) {
        const {code, stdout, stderr} = await run(words + json)
        expect(code, words).to.equal(2)
        if (!words.includes('0x64'))
          expect(stdout + stderr, words)
            .to.contain('100.00')
            .and.to.contain('--amount-raw 100')
      }
    }
    await ok('tb post books 950 --amount-raw 100 --id 951')
    expect((await rows('tb lookup-transfers books --id 951'))[0].amount).to.equal('100')
    await ok('tb create-transfers books --from @bank --to @sales --amount-raw 7 --code payment --id 902')
    expect((await rows('tb lookup-transfers books --id 902'))[0].amount).to.equal('7')
  })

  it('in JSON amount is the integer and amountText is money; two that differ are refused', async () => {
    const send = (fields: object) =>
      run(
        ['tb', 'create-transfers', 'books', '--file', '-'],
        JSON.stringify({from: '@bank', to: '@sales', code: 'payment', ...fields}),
      )
    expect((await send({id: 910, amountText: '3.00'})).code).to.equal(0)
    expect((await send({id: 911, amount: 300})).code).to.equal(0)
    for (const [id, amount] of [
      [910, '300'],
      [911, '300'],
    ])
      expect((await rows(`tb lookup-transfers books --id ${id}`))[0].amount).to.equal(amount)
    expect((await send({id: 912, amount: 3, amountText: '3.00'})).stderr).to.match(
      /is 3, but amountText says 3\.00, which is 300/,
    )
    expect((await send({id: 912, amountText: '3.005'})).stderr).to.match(/never rounded/)
  })

  it('mistakes are reported with what to write: an unknown name, two ledgers, another currency, too many places', async () => {
    const said = async (words: string) => {
      const {code, stderr} = await run(words)
      expect(code, words).to.equal(2)
      return stderr
    }
    const pay = (more: string) => said(`tb create-transfers books --code payment ${more}`)
    expect(await pay('--from @bnk --to @sales --amount 1.00')).to.match(/no account @bnk\. Did you mean @bank/)
    expect(await pay('--from @bank --to @till/tokyo --amount 1.00')).to.match(
      /@bank is on ledger USD, @till\/tokyo on JPY/,
    )
    expect(await pay('--from @bank --to @sales --amount 1.005')).to.match(/at most 2 decimal places/)
    expect(
      await said([
        'tb',
        'create-transfers',
        'books',
        '--code',
        'payment',
        '--from',
        '@bank',
        '--to',
        '@sales',
        '--amount',
        '1.00 EUR',
      ] as unknown as string),
    ).to.match(/in "EUR", but the ledger is USD/)
    expect(await said('tb lookup-accounts books --id @nobody')).to.match(/no account @nobody/)
  })

  it('without a chart nothing changes, and a name says what is missing', async () => {
    await ok('tb create-transfers books --from 1 --to 2 --amount 100 --ledger 700 --code 1 --no-chart --id 920')
    const {code, stderr} = await run(
      'tb create-transfers books --from @bank --to 2 --amount 100 --ledger 700 --code 1 --no-chart',
    )
    expect([code, stderr.includes('there is no chart of accounts')]).to.deep.equal([2, true])
    const uuid = '0190a3c4-0000-7000-8000-000000000001'
    await ok(`tb create-transfers books --from 1 --to 2 --amount 1 --ledger 700 --code 1 --no-chart --id ${uuid}`)
    expect((await rows(`tb lookup-transfers books --id ${uuid} --no-chart`))[0])
      .to.deep.include({id: String(BigInt(`0x${uuid.replaceAll('-', '')}`))})
      .and.not.have.property('amountText')
  })

  it('ids without a name are shown in the form that is asked for, in tables alone', async () => {
    const uuid = '0190a3c4-0000-7000-8000-0000000000ff'
    const id = BigInt(`0x${uuid.replaceAll('-', '')}`)
    await ok(`tb create-transfers books --from @bank --to @customer/17 --amount 1.00 --code deposit --id ${uuid}`)
    const shown = async (more: string) => (await ok(`tb lookup-transfers books --id ${id} ${more}`)).stdout
    expect(await shown(''))
      .to.contain(String(id))
      .and.to.contain('@bank')
    expect(await shown('--id-form uuid'))
      .to.contain(uuid)
      .and.to.contain('@bank')
      .and.not.to.contain(String(id))
    expect(await shown('--id-form hex --no-chart'))
      .to.contain(`0x${id.toString(16)}`)
      .and.to.contain('0x1')
    expect(JSON.parse(await shown('--id-form uuid --json')).responsePayload[0].id).to.equal(String(id))
    expect((await run('tb pending books --id-form octal')).code).to.equal(2)
  })

  it('balances and pending transfers have the names of the chart, on the screen and beside the integers of JSON', async () => {
    await ok(
      'tb create-transfers books --from @bank --to @customer/17 --amount 2.50 --code deposit --id 9300 --flag pending',
    )
    const [held] = JSON.parse((await ok('tb pending books --json')).stdout).pending
    expect(held).to.deep.include({
      id: '9300',
      amount: '250',
      amountText: '2.50',
      codeName: 'deposit',
      ledgerName: 'USD',
    })
    expect(held).to.deep.include({debit_account_id_name: 'bank', credit_account_id_name: 'customer/17'})
    const balance = JSON.parse((await ok('tb balance books @bank --json')).stdout)
    expect(balance).to.deep.include({id_name: 'bank', ledgerName: 'USD', codeName: 'bank'})
    expect((await ok('tb balance books @bank')).stdout)
      .to.match(/^ledger +USD$/m)
      .and.match(/^code +bank$/m)
    await ok('tb void books 9300')
  })

  it('a chart can not be used with a database that it does not name', async () => {
    const {code, stderr} = await run('tb balance other 1')
    expect(code).to.equal(2)
    expect(stderr).to.match(/The chart is for books, local:team, not for other/)
  })

  it('a bare integer is refused by every command that has an amount, from JSON and from a CSV column of money', async () => {
    await ok('tb create-transfers books --from @bank --to @sales --amount 5.00 --code payment --flag pending --id 960')
    const lines = [
      'tb create-transfers books --from @bank --to @sales --code payment --amount 100',
      'tb post books 960 --amount 100',
      'tb reserve books --from @bank --to @sales --amount 100 --code payment',
      'tb reverse books 900 --amount 100',
      'tb sweep books --from @customer/17 --to @sales --amount 100 --code payment',
      'tb entry books --debit @bank=100 --credit @sales=100.00 --code payment',
      'tb entry books --debit @bank=100.00 --credit @sales=100 --code payment',
      'tb exchange books --from @bank=100 --to @till/tokyo --rate 2 --via @sales --via @till/tokyo --code payment',
      'tb exchange books --from @bank=1.00 --to @till/tokyo --rate 2 --fee 100 --via @sales --via @till/tokyo --code payment',
      ...[
        'tb create-transfers books --from @customer/17 --to @sales --amount 1.00',
        'tb entry books --debit @customer/17=1.00 --credit @sales=1.00',
      ].flatMap((words) => [
        `${words} --code payment --if-available 100`,
        `${words} --code payment --keep-below 100`,
        `${words} --code payment --rate-limit @customer/17=100 --rate-window 60s`,
      ]),
    ]
    for (const {id, flag} of amountFlags())
      expect(
        lines.some((words) => words.startsWith(`${id} `) && new RegExp(`--${flag} (\\S*=)?100\\b`).test(words)),
        `${id} --${flag} takes an amount`,
      ).to.equal(true)
    const refused = async (words: string | string[], stdin?: string) => {
      const {code, stdout, stderr} = await run(words, stdin)
      expect([code, (stdout + stderr).includes('two ways')], String(words) + stdout + stderr).to.deep.equal([2, true])
    }
    home.write('bare.csv', 'id,from,to,code,amountText\n961,@bank,@sales,payment,100\n')
    for (const json of ['', ' --json']) {
      for (const words of lines) await refused(words + json)
      const event = {from: '@bank', to: '@sales', code: 'payment', amountText: '100'}
      await refused(`tb create-transfers books --file -${json}`, JSON.stringify(event))
      await refused(`tb import transfers bare.csv books${json}`)
    }
  })

  it('a CSV column is money where its mapping or its name says so', async () => {
    home.write('mapped.csv', 'id,from,to,code,paid\n962,@bank,@sales,payment,100\n')
    await ok(['tb', 'import', 'transfers', 'mapped.csv', 'books', '--map', 'amount=paid|money:USD'])
    home.write('named.csv', 'id,from,to,code,amountText\n963,@bank,@sales,payment,12.50\n')
    await ok('tb import transfers named.csv books')
    const found = await rows('tb lookup-transfers books --ids 962,963')
    expect(found.map(({amount}: {amount: string}) => amount)).to.deep.equal(['10000', '1250'])
  })

  it('balances after each transfer are money of the ledger of the account', async () => {
    expect((await ok('tb get-account-balances books --account-id @bank')).stdout).to.contain('100.00 USD')
    const [first] = await rows('tb get-account-balances books --account-id @bank --limit 1')
    expect(first.debits_posted).to.equal('10000')
  })

  it('three mistakes of a chart are reported at once, each with its line and column', async () => {
    const chart = home.write(
      'wrong.yaml',
      CHART.replace('ledger: JPY', 'ledger: YEN')
        .replace('id: 2,', 'id: 1,')
        .replace('code: customer,', 'code: custmer,'),
    )
    for (const json of ['', ' --json']) {
      const {code, stdout, stderr} = await run(`chart show --chart ${chart}${json}`)
      expect(code).to.equal(2)
      for (const place of [/wrong\.yaml:10:\d+ .*@bank/, /wrong\.yaml:11:\d+ .*YEN/, /wrong\.yaml:12:\d+ .*custmer/])
        expect(stdout + stderr).to.match(place)
    }
  })

  it('a chart can name no service, database, key or plugin: such keys are errors, and nothing is asked of anybody', async () => {
    for (const line of ['baseUrl: http://127.0.0.1:9', 'base_url: x', 'database: team', 'apiKey: x', 'plugins: [x]']) {
      const chart = home.write('pointing.yaml', `${CHART}${line}\n`)
      const {code, stderr} = await run(`tb balance books @bank --chart ${chart}`)
      expect(code, line).to.equal(2)
      expect(stderr).to.match(/unknown key/)
    }
  })

  it('names with control characters, bidirectional marks, formulas or 10 kB are refused without being printed raw', async () => {
    const hostile = ['\u001b[2Jx', '\u202ebooks', '=cmd|calc', '+1', `a${'b'.repeat(10_000)}`]
    for (const name of hostile) {
      home.write('hostile.csv', `id,name\n1,"${name}"\n`)
      for (const more of [[], ['--json'], ['--format', 'csv']]) {
        const words = ['chart', 'init', '--from', 'books', '--names', 'hostile.csv', '-o', 'none.yaml', ...more]
        const {code, stdout, stderr} = await run(words)
        expect(code, name).to.equal(2)
        expect(stdout + stderr).to.not.match(/[\u001b\u202e]/)
        expect(stdout.length + stderr.length).to.be.below(1000)
      }
    }
  })

  it('apply that is killed 20 times creates each account once', async () => {
    for (let i = 0; i < 20; i++) {
      const running = startParix('chart apply team', {home, env, cwd: home.path})
      await new Promise((resolve) => setTimeout(resolve, 80 + 25 * i))
      running.child.kill('SIGKILL')
      await running.result
    }
    await ok('chart apply team')
    await ok('chart check team')
    expect(await rows('tb query-accounts team')).to.have.length(3)
  })

  it('a team of two: the second pays @customer/17 by name on the first day', async () => {
    const colleague = makeHome()
    try {
      colleague.write('repo/parix.chart.yaml', CHART)
      const cwd = join(colleague.path, 'repo')
      const pay = [
        'tb',
        'create-transfers',
        'books',
        '--from',
        '@bank',
        '--to',
        '@customer/17',
        '--amount',
        '20.00',
        '--code',
        'deposit',
        '--id',
        '930',
      ]
      const {code, stderr} = await parix(pay, {home: colleague, env, cwd})
      expect(code, stderr).to.equal(0)
      expect((await rows('tb lookup-transfers books --id 930'))[0]).to.include({
        amount: '2000',
        credit_account_id_name: 'customer/17',
      })
    } finally {
      colleague.remove()
    }
  })
})
