import {formatTimestamp} from '@parix/kit/timestamps'
import {makeHome, parix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from './support/local-ledger.js'
import {tb} from './support/tb.js'

/** The largest ids that are not reserved, and numbers that a double would round. */
const BIG = 2n ** 128n - 2n
const ODD = 2n ** 53n + 1n

describe('must show 3: 128-bit numbers are the same through every door, on the real ledger', function () {
  this.timeout(60_000)
  let ledger: LocalLedger
  let home: TestHome
  before(async () => {
    ledger = await startLocalLedger()
  })
  after(() => ledger.stop())
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const env = () => ({PARIX_API_KEY: ledger.apiKey, PARIX_BASE_URL: ledger.baseUrl, PARIX_DATABASE: 'books'})
  const run = (words: string[], stdin?: string) => tb(words, {home, env: env(), ...(stdin !== undefined && {stdin})})

  it('in by flags, --payload, --file and stdin; out by lookups, queries, --all, tables, api and --jq', async () => {
    const accounts = [BIG, ODD].map(
      (id) => `{"id": ${id}, "ledger": 4294967295, "code": 65535, "user_data_128": ${BIG}}`,
    )
    expect((await run(['create-accounts', '--file', '-'], accounts.join('\n'))).code).to.equal(0)
    const ids = [ODD, BIG, BIG - 1n, BIG - 2n, BIG - 3n]
    const amount = 2n ** 120n + 1n
    const json = (id: bigint) =>
      `{"id": ${id}, "debit_account_id": ${BIG}, "credit_account_id": ${ODD}, "amount": ${amount}, "user_data_128": ${BIG}, "user_data_64": ${2n ** 64n - 1n}, "user_data_32": 4294967295, "ledger": 4294967295, "code": 65535}`
    const flags = `--id ${ids[0]} --from ${BIG} --to 0x20_0000_0000_0001 --amount ${amount} --user-data-128 ${BIG} --user-data-64 ${2n ** 64n - 1n} --user-data-32 4_294_967_295 --ledger 4294967295 --code 65535`
    const doors = [
      await run(['create-transfers', ...flags.split(' ')]),
      await run(['create-transfers', '--payload', json(ids[1]!)]),
      await run(['create-transfers', '--file', home.write('array.json', `[${json(ids[2]!)}]`)]),
      await run(['create-transfers', '--file', home.write('lines.ndjson', `${json(ids[3]!)}\n`)]),
      await run(['create-transfers', '--file', '-', '--json'], json(ids[4]!)),
    ]
    for (const {code, stdout, stderr} of doors) expect(code, stdout + stderr).to.equal(0)

    const stored = await ledger.operate('lookup_transfers', ids.map(String))
    const expected = (id: bigint) => ({
      id: String(id),
      debit_account_id: String(BIG),
      credit_account_id: String(ODD),
      amount: String(amount),
      user_data_128: String(BIG),
      user_data_64: String(2n ** 64n - 1n),
      user_data_32: 4294967295,
      ledger: 4294967295,
      code: 65535,
    })
    for (const [index, row] of stored.entries()) expect(row).to.include(expected(ids[index]!))

    const looked = (await run(['lookup-transfers', '--ids', ids.join(), '--json'])).json().responsePayload
    const described = stored.map((row) => ({...row, time: formatTimestamp(BigInt(row.timestamp!)), flag_names: []}))
    expect(looked).to.deep.equal(described)
    expect((await run(['query-transfers', '--json'])).json().responsePayload).to.deep.equal(described)
    const lines = (await run(['get-account-transfers', '--account-id', String(BIG), '--all'])).stdout
      .trimEnd()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line))).to.deep.equal(stored)
    const table = (await run(['lookup-transfers', '--ids', ids.join()])).stdout
    for (const id of ids)
      expect(table).to.match(new RegExp(`^ *${id} +${BIG} +${ODD} +${amount} +4294967295 +65535 `, 'm'))
    const balance = (await run(['balance', String(ODD), '--json'])).json()
    expect(balance.credits_posted).to.equal(String(amount * 5n))

    // What comes out goes in again: the rows of a query are the file of an exact retry.
    const again = lines.map((line) => {
      const {timestamp: _, ...rest} = JSON.parse(line)
      return JSON.stringify(rest)
    })
    const retried = (await run(['create-transfers', '--file', '-', '--json'], again.join('\n'))).json()
    expect(retried.responsePayload.map(({result}: {result: string}) => result)).to.deep.equal(Array(5).fill('exists'))

    const printed = described.map((row) => JSON.stringify({...row, timestamp: undefined})).join('\n')
    expect((await run(['create-transfers', '--file', '-'], printed)).code, 'with the fields that --json adds').to.equal(
      0,
    )

    const path = `databases/${ledger.database}/tb/lookup_transfers`
    const options = {home, env: env()}
    const api = await parix(['api', path, '-d', `[${BIG}]`], options)
    expect(JSON.parse(api.stdout).responsePayload[0]).to.include(expected(BIG))
    const jq = await parix(['api', path, '-d', `[${ODD}]`, '--jq', '.responsePayload[0] | .id, .amount'], options)
    expect(jq.stdout.replaceAll('"', '')).to.equal(`${ODD}\n${amount}\n`)
  })

  it('two-phase transfers, balances and history, as the demo has them', async () => {
    const created = `{"id": 1, "ledger": 1, "code": 1}\n{"id": 2, "ledger": 1, "code": 1, "flags": ["debits_must_not_exceed_credits", "history"]}`
    expect((await run(['create-accounts', '--file', '-'], created)).code).to.equal(0)
    const move = (words: string) => run(['create-transfers', ...words.split(' '), '--ledger', '1', '--code', '1'])
    expect((await move('--id 1 --from 1 --to 2 --amount 100')).code).to.equal(0)
    expect((await move('--id 2 --from 2 --to 1 --amount 60 --flag pending --timeout 1h')).code).to.equal(0)
    const refused = await move('--id 3 --from 2 --to 1 --amount 500')
    expect(refused.code).to.equal(6)
    expect(refused.stderr).to.contain(
      'Account 2 has credits of 100 and debits of 60 (60 of them pending): 40 is left, 500 was asked for.',
    )
    expect((await run(['pending', '--account', '2'])).stdout).to.match(/\n *2 +2 +1 +60 /)
    const posted = await run(['post', '2', '--amount', '45'])
    expect(posted.code, posted.stderr).to.equal(0)
    expect((await run(['pending', '--json'])).json().pending).to.deep.equal([])
    const now = (await run(['balance', '2', '--json'])).json()
    expect(now).to.include({credits_posted: '100', debits_posted: '45', debits_pending: '0', available: '55'})
    const rows = (await run(['get-account-balances', '--account-id', '2', '--json'])).json().responsePayload
    expect(
      rows.map((row: Record<string, string>) => [row.credits_posted, row.debits_posted, row.debits_pending]),
    ).to.deep.equal([
      ['100', '0', '0'],
      ['100', '0', '60'],
      ['100', '45', '0'],
    ])
    const before = (await run(['balance', '2', '--at', rows[1].timestamp, '--json'])).json()
    expect(before).to.include({debits_posted: '0', debits_pending: '60', available: '40'})
    const again = await run(['void', '2'])
    expect(again.code).to.equal(6)
    expect(again.stderr).to.contain('pending_transfer_already_posted')
    expect((await run(['get-account-balances', '--account-id', '1'])).stderr).to.contain('without the flag history')
  })

  it('a chain that is sent again is recognised, and one that another event breaks is not', async () => {
    const event = (id: number, more: object) =>
      JSON.stringify({id, from: 1, to: 2, amount: 1, ledger: 1, code: 3, ...more})
    const chain = [event(31, {flags: 'linked'}), event(32, {flags: 'linked'}), event(33, {})].join('\n')
    expect((await run(['create-transfers', '--file', '-'], chain)).code).to.equal(0)
    const again = await run(['create-transfers', '--file', '-'], chain)
    expect(again.code, again.stderr).to.equal(0)
    expect(again.stderr).to.contain('3 transfers had been there before, with the same contents')
    const other = [event(31, {flags: 'linked'}), event(34, {})].join('\n')
    const refused = await run(['create-transfers', '--file', '-', '--json'], other)
    expect(refused.code).to.equal(6)
    expect(refused.json().error.errors[0]).to.contain('(stdin line 1, id 31) is in the ledger already')
    expect(await ledger.operate('lookup_transfers', ['34'])).to.deep.equal([])
  })
})
