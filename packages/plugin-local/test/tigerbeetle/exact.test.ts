import {expect} from 'chai'
import fc from 'fast-check'
import {useApi} from '../support/api.js'

const WIDTHS = {user_data_128: 128, user_data_64: 64, user_data_32: 32, ledger: 32, code: 16} as const

/** Anything of a width, and most often what lies around 2^53, 2^64 or the end. */
const uint = (bits: number, min = 0n) => {
  const max = 2n ** BigInt(bits) - 1n
  const near = [2n ** 53n, 2n ** 64n, 2n ** 127n, max].filter((base) => base <= max)
  return fc.oneof(
    fc.bigInt(min, max),
    fc.constantFrom(...near).chain((base) => fc.bigInt(base - 3n, base + 3n > max ? max : base + 3n)),
  )
}

interface Spelled {
  value: bigint
  json: string
}

const spelled = (bits: number, min?: bigint): fc.Arbitrary<Spelled> =>
  fc.tuple(uint(bits, min), fc.boolean()).map(([value, quoted]) => ({value, json: quoted ? `"${value}"` : `${value}`}))

const account = fc.record({
  id: spelled(128, 1n),
  user_data_128: spelled(WIDTHS.user_data_128),
  user_data_64: spelled(WIDTHS.user_data_64),
  user_data_32: spelled(WIDTHS.user_data_32),
  ledger: spelled(WIDTHS.ledger, 1n),
  code: spelled(WIDTHS.code, 1n),
})

const write = (fields: Record<string, Spelled>) =>
  `{${Object.entries(fields)
    .map(([name, {json}]) => `"${name}":${json}`)
    .join(',')}}`

/** The row as it must come back, written out by hand: strings from 64 bits up, numbers below. */
const rowOf = (a: Record<keyof typeof WIDTHS | 'id', Spelled>, timestamp: string) =>
  `{"id":"${a.id.value}","debits_pending":"0","debits_posted":"0","credits_pending":"0","credits_posted":"0",` +
  `"user_data_128":"${a.user_data_128.value}","user_data_64":"${a.user_data_64.value}",` +
  `"user_data_32":${a.user_data_32.value},"reserved":0,"ledger":${a.ledger.value},"code":${a.code.value},"flags":0,` +
  `"timestamp":"${timestamp}"}`

describe('exactness over HTTP', () => {
  const api = useApi()
  let id: string
  const used = new Set<bigint>([2n ** 128n - 1n])

  before(async () => {
    id = await api.makeDatabase('exact')
  })

  it('accounts come back to the last bit, from JSON numbers and from strings', async () => {
    const batches = fc.uniqueArray(account, {minLength: 1, maxLength: 20, selector: (one) => one.id.value})
    await fc.assert(
      fc.asyncProperty(batches, async (batch) => {
        const accounts = batch.filter(({id: {value}}) => !used.has(value))
        if (accounts.length === 0) return
        for (const {id: own} of accounts) used.add(own.value)
        const body = `[${accounts.map(write).join(',')}]`
        const created = await api.operate(id, 'create_accounts', body)
        expect(created.status, created.text).to.equal(200)
        expect(created.text).to.include(`"requestPayload":${body},"responsePayload":[`)
        const timestamps = created.json.responsePayload.map(({timestamp}: {timestamp: string}) => timestamp)
        const ids = `[${accounts.map((one) => one.id.json).join(',')}]`
        const found = await api.operate(id, 'lookup_accounts', ids)
        const rows = accounts.map((one, i) => rowOf(one, timestamps[i]!))
        expect(found.text.endsWith(`"requestPayload":${ids},"responsePayload":[${rows.join(',')}]}`)).to.equal(true)
        const [one] = accounts
        const filter = `{"user_data_128":${one!.user_data_128.json},"timestamp_min":${timestamps[0]},"timestamp_max":"${timestamps[0]}"}`
        const query = await api.operate(id, 'query_accounts', filter)
        expect(query.text.endsWith(`"responsePayload":[${rows[0]}]}`)).to.equal(true)
      }),
      {numRuns: 60},
    )
  })

  it('amounts move to the last bit, and sums are exact', async () => {
    const accounts =
      '[{"id":"170141183460469231731687303715884105728","ledger":1,"code":1,"flags":8},{"id":7,"ledger":1,"code":1}]'
    const money = await api.makeDatabase('money')
    expect((await api.operate(money, 'create_accounts', accounts)).status).to.equal(200)
    let sum = 0n
    let next = 1n
    await fc.assert(
      fc.asyncProperty(spelled(120), spelled(128), async (amount, memo) => {
        const transfer = next++
        const body =
          `[{"id":${transfer},"debit_account_id":170141183460469231731687303715884105728,"credit_account_id":"7",` +
          `"amount":${amount.json},"user_data_128":${memo.json},"ledger":1,"code":1}]`
        const created = await api.operate(money, 'create_transfers', body)
        expect(created.status, created.text).to.equal(200)
        sum += amount.value
        const found = (await api.operate(money, 'lookup_transfers', `[${transfer}]`)).json.responsePayload[0]
        expect([found.amount, found.user_data_128]).to.deep.equal([`${amount.value}`, `${memo.value}`])
        const balances = await api.operate(money, 'lookup_accounts', '[170141183460469231731687303715884105728,7]')
        const [debited, credited] = balances.json.responsePayload
        expect([debited.debits_posted, credited.credits_posted]).to.deep.equal([`${sum}`, `${sum}`])
      }),
      {numRuns: 40},
    )
  })
})
