import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {FLAGS} from '../../src/records/flags.js'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {tb} from '../support/tb.js'

const LIMITED = ['debits_must_not_exceed_credits']
const OPPOSITE = ['credits_must_not_exceed_debits']

/** TigerBeetle's documentation, coding/recipes, on the real ledger: the chains as they are printed there, and what they do. */
describe("each recipe of TigerBeetle's documentation, as a command", function () {
  this.timeout(60_000)
  let ledger: LocalLedger
  let home: TestHome
  /** Each test has ids of its own. */
  let next = 1000
  before(async () => {
    ledger = await startLocalLedger()
  })
  after(() => ledger.stop())
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const env = () => ({PARIX_API_KEY: ledger.apiKey, PARIX_BASE_URL: ledger.baseUrl, PARIX_DATABASE: ledger.database})
  const run = (words: string, stdin?: string) =>
    tb(`${words} --json`, {home, env: env(), ...(stdin !== undefined && {stdin})})

  /** A new account of each kind: flags, and whether it begins with a credit balance. */
  async function accounts(...kinds: {flags?: string[]; credits?: number; debits?: number; on?: number}[]) {
    const ids = kinds.map(() => next++)
    const bank: Record<number, number> = {}
    for (const on of new Set(kinds.map((kind) => kind.on ?? 1))) {
      bank[on] = next++
      await ledger.operate('create_accounts', [{id: bank[on], ledger: on, code: 1}])
    }
    const bits = (flags: string[] = []) => Number(flags.reduce((sum, flag) => sum | FLAGS.account[flag]!, 0n))
    await ledger.operate(
      'create_accounts',
      kinds.map(({flags, on = 1}, index) => ({id: ids[index], ledger: on, code: 1, flags: bits(flags)})),
    )
    const moves = kinds.flatMap(({flags, credits, debits, on = 1}, index) => {
      const both = [
        ...(credits ? [{debit: bank[on], credit: ids[index], amount: credits, on}] : []),
        ...(debits ? [{debit: ids[index], credit: bank[on], amount: debits, on}] : []),
      ]
      // In the order that a limit allows.
      return flags === OPPOSITE ? both.reverse() : both
    })
    for (const {debit, credit, amount, on} of moves)
      await ledger.operate('create_transfers', [
        {id: next++, debit_account_id: debit, credit_account_id: credit, amount, ledger: on, code: 1},
      ])
    return ids
  }

  /** Debits and credits, posted; then what is pending, where anything is. */
  async function columns(...ids: number[]) {
    const rows = await ledger.operate('lookup_accounts', ids)
    return rows.map((row) => {
      const pending = Number(row.debits_pending) + Number(row.credits_pending)
      return [Number(row.debits_posted), Number(row.credits_posted), ...(pending === 0 ? [] : [pending])]
    })
  }

  /** The transfers of a result, as the tables of the documentation have them; ids of the chain as their number from 1. */
  async function chain(result: {
    code: number
    json(): {responsePayload: {id: string}[]}
    stderr: string
    stdout: string
  }) {
    expect(result.code, result.stdout + result.stderr).to.equal(0)
    const ids = result.json().responsePayload.map(({id}) => id)
    const rows = await ledger.operate('lookup_transfers', ids)
    return ids.map((id) => {
      const row = rows.find((one) => one.id === id)!
      const flags = Object.keys(FLAGS.transfer).filter((name) => (BigInt(row.flags!) & FLAGS.transfer[name]!) !== 0n)
      const pending = row.pending_id === '0' ? [] : [ids.indexOf(String(row.pending_id)) + 1]
      return [Number(row.debit_account_id), Number(row.credit_account_id), Number(row.amount), flags.join(), ...pending]
    })
  }

  it('multi-debit, multi-credit transfers: one to many, many to one, and many to many by a control account', async () => {
    const [a, b, c, x, y, z, control] = await accounts({}, {}, {}, {}, {}, {}, {})
    expect(
      await chain(await run(`entry --debit ${a}=10060 --credit ${x}=10000 --credit ${y}=50 --credit ${z}=10 --code 1`)),
    ).to.deep.equal([
      [a, x, 10000, 'linked'],
      [a, y, 50, 'linked'],
      [a, z, 10, ''],
    ])
    expect(
      await chain(await run(`entry --debit ${a}=10000 --debit ${b}=50 --debit ${c}=10 --credit ${x}=10060 --code 1`)),
    ).to.deep.equal([
      [a, x, 10000, 'linked'],
      [b, x, 50, 'linked'],
      [c, x, 10, ''],
    ])
    const many = `--debit ${a}=10000 --debit ${b}=50 --credit ${x}=9000 --credit ${y}=1000 --credit ${z}=50 --code 1`
    expect(await chain(await run(`entry ${many} --control ${control}`))).to.deep.equal([
      [a, control, 10000, 'linked'],
      [b, control, 50, 'linked'],
      [control, x, 9000, 'linked'],
      [control, y, 1000, 'linked'],
      [control, z, 50, ''],
    ])
    expect(await columns(control!)).to.deep.equal([[10050, 10050]])
    const without = await run(`entry ${many}`)
    expect(without.code).to.equal(2)
    expect(without.json().error.message).to.contain('need a control account')
  })

  it('multiple debits, single credit, balancing debits: sweep draws on one after the other, or on none', async () => {
    const [a, b, c, x, setup, limit] = await accounts(
      {flags: LIMITED, credits: 70},
      {flags: LIMITED, credits: 20},
      {flags: LIMITED, credits: 50},
      {},
      {},
      {flags: LIMITED},
    )
    const words = `sweep --from ${a},${b} --from ${c} --to ${x} --control ${setup} --control ${limit} --code 1 --amount`
    expect(await chain(await run(`${words} 100`))).to.deep.equal([
      [setup, limit, 100, 'linked'],
      [a, setup, 70, 'linked,balancing_debit,balancing_credit'],
      [b, setup, 20, 'linked,balancing_debit,balancing_credit'],
      [c, setup, 10, 'linked,balancing_debit,balancing_credit'],
      [setup, x, 100, 'linked'],
      [limit, setup, 100, 'balancing_credit'],
    ])
    const refused = await run(`${words} 100`)
    expect(refused.code).to.equal(6)
    expect(refused.json().error.tbResults.at(-1)).to.include({index: 5, result: 'exceeds_credits'})
    expect(await columns(c!, x!, setup!, limit!)).to.deep.equal([
      [10, 50],
      [0, 100],
      [200, 200],
      [100, 100],
    ])
    await chain(await run(`sweep --from ${a},${b},${c} --to ${x} --amount max --code 1`))
    expect(await columns(c!, x!)).to.deep.equal([
      [50, 50],
      [0, 140],
    ])
  })

  it('currency exchange: two linked transfers on two ledgers, and a spread as a third', async () => {
    const [a1, l1, a2, l2] = await accounts({}, {}, {on: 2}, {on: 2})
    const words = `exchange --from ${a1}=10000 --via ${l1} --via ${l2} --code 50`
    expect(await chain(await run(`${words} --to ${a2}=824214`))).to.deep.equal([
      [a1, l1, 10000, 'linked'],
      [l2, a2, 824214, ''],
    ])
    // The documentation rounds 8242.135 up in its example; its own rule is to round in favour of the liquidity account.
    const spread = await run(`${words} --to ${a2} --rate 82.42135 --fee 10`)
    expect(await chain(spread)).to.deep.equal([
      [a1, l1, 10000, 'linked'],
      [a1, l1, 10, 'linked'],
      [l2, a2, 824213, ''],
    ])
    expect(spread.stderr).to.contain('Rounded down by 0.5 of the smallest unit')
    expect(await chain(await run(`${words} --to ${a2} --rate 1 --spread 0.25%`))).to.deep.include([
      a1,
      l1,
      25,
      'linked',
    ])
    expect((await run(`${words} --to ${a2} --rate 0.00001`)).json().error.message).to.contain(
      'nothing would be received',
    )
    expect((await run(`${words} --to ${l1} --rate 2`)).json().error.message).to.contain('on one ledger')
  })

  it('close account: the balance moves, the account refuses transfers, and reopening voids the closing transfer', async () => {
    const [a, b, c] = await accounts(
      {flags: LIMITED, credits: 20, debits: 10},
      {flags: OPPOSITE, debits: 30, credits: 5},
      {},
    )
    expect(await chain(await run(`close ${a} --into ${c} --code 1`))).to.deep.equal([
      [a, c, 10, 'linked,balancing_debit'],
      [a, c, 0, 'pending,closing_debit'],
    ])
    expect(await chain(await run(`close ${b} --into ${c} --code 1`))).to.deep.equal([
      [c, b, 25, 'linked,balancing_credit'],
      [c, b, 0, 'pending,closing_credit'],
    ])
    const closed = [
      [20, 20],
      [30, 30],
      [25, 10],
    ]
    expect(await columns(a!, b!, c!)).to.deep.equal(closed)
    const transfer = `create-transfers --from ${c} --to ${a} --amount 1 --ledger 1 --code 1`
    expect((await run(transfer)).json().error.code).to.equal('credit_account_already_closed')
    const again = await run(`close ${a} --into ${c} --code 1`)
    expect([again.code, again.json().responsePayload]).to.deep.equal([0, []])
    for (const account of [a, b]) {
      const [[from, to, amount, flags] = []] = await chain(await run(`reopen ${account}`))
      expect([from, to, amount, flags]).to.deep.equal([
        account === a ? a : c,
        account === a ? c : b,
        0,
        'void_pending_transfer',
      ])
    }
    expect(await columns(a!, b!, c!)).to.deep.equal(closed)
    expect((await run(transfer)).code).to.equal(0)
    expect((await run(`reopen ${a}`)).json().responsePayload).to.deep.equal([])
  })

  it('balance-conditional transfers: only with the threshold in the source, for credit and debit balances', async () => {
    const [credit, debit, x, control] = await accounts(
      {flags: LIMITED, credits: 60},
      {flags: OPPOSITE, debits: 60},
      {},
      {},
    )
    const from = `create-transfers --ledger 1 --code 1 --amount 10 --control ${control}`
    expect(await chain(await run(`${from} --from ${credit} --to ${x} --if-available 60`))).to.deep.equal([
      [credit, control, 60, 'linked,pending'],
      [credit, control, 60, 'linked,void_pending_transfer', 1],
      [credit, x, 10, ''],
    ])
    expect(await chain(await run(`${from} --from ${x} --to ${debit} --if-available 60`))).to.deep.equal([
      [control, debit, 60, 'linked,pending'],
      [control, debit, 60, 'linked,void_pending_transfer', 1],
      [x, debit, 10, ''],
    ])
    const refused = await run(`${from} --from ${credit} --to ${x} --if-available 51`)
    expect([refused.code, refused.json().error.code]).to.deep.equal([6, 'exceeds_credits'])
    expect((await run(`${from} --from ${x} --to ${debit} --if-available 51`)).json().error.code).to.equal(
      'exceeds_debits',
    )
    expect(await columns(credit!, debit!, control!)).to.deep.equal([
      [10, 60],
      [60, 10],
      [0, 0],
    ])
    const unlimited = await run(`${from} --from ${x} --to ${control} --if-available ${x}=1`)
    expect([unlimited.code, unlimited.json().error.code]).to.deep.equal([2, 'no_limit'])
  })

  it('balance bounds: only while the target stays within its bound, for credit and debit balances', async () => {
    const [target, source, control, operator, owing, limited] = await accounts(
      {flags: LIMITED},
      {},
      {flags: OPPOSITE},
      {},
      {flags: OPPOSITE},
      {flags: LIMITED},
    )
    const words = `create-transfers --ledger 1 --code 1 --control ${control} --control ${limited} --operator ${operator} --keep-below 100`
    const within = await chain(await run(`${words} --from ${source} --to ${target} --amount 100`))
    expect(within).to.deep.equal([
      [source, target, 100, 'linked'],
      [control, operator, 100, 'linked'],
      [target, control, 100, 'linked,pending,balancing_debit'],
      [target, control, 100, 'linked,void_pending_transfer', 3],
      [operator, control, 100, ''],
    ])
    expect(await chain(await run(`${words} --from ${owing} --to ${source} --amount 100`))).to.deep.equal([
      [owing, source, 100, 'linked'],
      [operator, limited, 100, 'linked'],
      [limited, owing, 100, 'linked,pending,balancing_credit'],
      [limited, owing, 100, 'linked,void_pending_transfer', 3],
      [limited, operator, 100, ''],
    ])
    const above = await run(`${words} --from ${source} --to ${target} --amount 1`)
    expect([above.code, above.json().error.code]).to.deep.equal([6, 'exceeds_debits'])
    expect((await run(`${words} --from ${owing} --to ${source} --amount 1`)).json().error.code).to.equal(
      'exceeds_credits',
    )
    expect(await columns(target!, owing!)).to.deep.equal([
      [0, 100],
      [100, 0],
    ])
  })

  it('balance-invariant transfers: a limit for one transfer to or from an account that was created without it', async () => {
    const [target, payer, other, debitControl, creditControl] = await accounts(
      {debits: 100},
      {credits: 100},
      {},
      {flags: OPPOSITE},
      {flags: LIMITED},
    )
    const controls = `--control ${debitControl} --control ${creditControl}`
    const make = (from: number, to: number, amount: number, limit: string) =>
      run(
        `create-transfers --ledger 1 --code 1 ${controls} --from ${from} --to ${to} --amount ${amount} --with-limit ${limit}`,
      )
    const [noMoreCredits, noMoreDebits] = [OPPOSITE[0]!, LIMITED[0]!]
    expect(await chain(await make(other!, target!, 100, noMoreCredits))).to.deep.equal([
      [other, target, 100, 'linked'],
      [target, debitControl, 0, 'linked,pending,balancing_debit'],
      [target, debitControl, 0, 'void_pending_transfer', 2],
    ])
    expect(await chain(await make(payer!, other!, 100, noMoreDebits))).to.deep.equal([
      [payer, other, 100, 'linked'],
      [creditControl, payer, 0, 'linked,pending,balancing_credit'],
      [creditControl, payer, 0, 'void_pending_transfer', 2],
    ])
    const beyond = [await make(other!, target!, 1, noMoreCredits), await make(payer!, other!, 1, noMoreDebits)]
    expect(beyond.map((result) => [result.code, result.json().error.code])).to.deep.equal([
      [6, 'exceeds_debits'],
      [6, 'exceeds_credits'],
    ])
    // Of the other account, which may have any balance, the condition is about the one that it names.
    const named = await make(other!, target!, 1, `${target}=${noMoreDebits}`)
    expect(named.code, named.stdout).to.equal(0)
    expect(await columns(target!, payer!, debitControl!, creditControl!)).to.deep.equal([
      [100, 101],
      [100, 100],
      [0, 0],
      [0, 0],
    ])
  })

  it('a balance-invariant transfer is refused where nothing would be checked: no control account, or one with a balance', async () => {
    const [target, payer, control] = await accounts({debits: 10}, {}, {flags: OPPOSITE, debits: 5})
    const words = `create-transfers --ledger 1 --code 1 --from ${payer} --to ${target} --amount 50 --with-limit`
    for (const [more, code] of [
      [`${OPPOSITE}`, 'no_control_account'],
      [`${OPPOSITE} --control ${control}`, 'control_has_balance'],
      [`${LIMITED}=1 --control ${control}`, 'bad_input'],
      ['none', 'bad_input'],
    ] as const) {
      const refused = await run(`${words} ${more}`)
      expect([refused.code, refused.json().error.code], more).to.deep.equal([2, code])
    }
    expect(await columns(target!)).to.deep.equal([[10, 0]])
  })

  it('correcting transfers: the opposite, in part or as a whole, with a code of its own and the same user data', async () => {
    const [a, x, y] = await accounts({}, {}, {})
    const events = [
      {id: next++, from: a, to: x, amount: 10000, code: 600, flags: 'linked'},
      {id: next++, from: a, to: y, amount: 50, code: 9000},
    ].map((event) => ({...event, ledger: 1, user_data_128: 123456}))
    expect((await run('create-transfers --file -', JSON.stringify(events))).code).to.equal(0)
    const [first, second] = events.map(({id}) => id)
    expect(await chain(await run(`reverse ${first} --amount 1000 --code 10000`))).to.deep.equal([[x, a, 1000, '']])
    const part = await run(`reverse ${second} --amount 5 --code 10000`)
    expect(await chain(part)).to.deep.equal([[y, a, 5, '']])
    const [row] = await ledger.operate('lookup_transfers', [part.json().responsePayload[0].id])
    expect(row).to.include({code: 10000, user_data_128: '123456'})
    expect((await run(`reverse ${second} --amount 46`)).json().error).to.include({code: 'more_than_left', exitCode: 2})
    // The last transfer first, so that each balance goes back the way that it came.
    expect(await chain(await run(`reverse ${second} --chain`))).to.deep.equal([
      [y, a, 45, 'linked'],
      [x, a, 9000, ''],
    ])
    expect(await columns(a!, x!, y!)).to.deep.equal([
      [10050, 10050],
      [10000, 10000],
      [50, 50],
    ])
    const again = await run(`reverse ${first}`)
    expect(again.code).to.equal(0)
    expect(
      again.json().responsePayload.map(({amount, result}: Record<string, string>) => [amount, result]),
    ).to.deep.equal([
      ['1000', 'exists'],
      ['9000', 'exists'],
    ])
    expect(again.stderr).to.match(/Transfer \d+ was reversed at 20.*Nothing was sent/)
  })

  it('rate limiting: a reservation for each request, and a rate for an amount of money', async () => {
    const [user, operator, payer, shop, limit] = await accounts(
      {flags: LIMITED, credits: 10},
      {},
      {flags: LIMITED, credits: 5000},
      {},
      {flags: LIMITED, credits: 1000},
    )
    const request = `reserve --from ${user} --to ${operator} --code 1 --timeout 60s --amount`
    expect(await chain(await run(`${request} 9`))).to.deep.equal([[user, operator, 9, 'pending']])
    expect((await run(`${request} 1`)).code).to.equal(0)
    expect((await run(`${request} 1`)).json().error.code).to.equal('exceeds_credits')
    const pay = (amount: number) =>
      run(
        `create-transfers --from ${payer} --to ${shop} --amount ${amount} --ledger 1 --code 1 --rate-limit ${limit}=${amount} --rate-window 24h --operator ${operator}`,
      )
    const paid = await pay(900)
    expect(await chain(paid)).to.deep.equal([
      [limit, operator, 900, 'linked,pending'],
      [payer, shop, 900, ''],
    ])
    const [held] = await ledger.operate('lookup_transfers', [paid.json().responsePayload[0].id])
    expect(held!.timeout).to.equal(86_400)
    expect((await pay(101)).json().error.code).to.equal('exceeds_credits')
    expect(await columns(payer!)).to.deep.equal([[900, 5000]])
  })
})
