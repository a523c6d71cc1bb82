import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {ACCOUNT_FILTER_FLAGS, IDS, JSON_INPUT, QUERY_FILTER_FLAGS, SENDING} from '../src/flags.js'
import {FLAGS} from '../src/records/flags.js'
import {BOOKS, created, on, sent} from './support/answers.js'
import {tb} from './support/tb.js'

/** Every flag that says a part of an object, with a value that it takes. */
const OBJECT_FLAGS: Record<string, Record<string, string>> = {
  'create-transfers': {
    ...{from: '1', to: '2', amount: '5', 'amount-raw': '5', id: '7', ledger: '700', code: '1', flag: 'linked'},
    ...{'pending-id': '6', timeout: '5', 'user-data-128': '1', 'user-data-64': '1', 'user-data-32': '1'},
    timestamp: '2026-01-01T00:00:00Z',
  },
  'create-accounts': {
    ...{id: '7', ledger: '700', code: '1', flag: 'history', 'user-data-128': '1', 'user-data-64': '1'},
    ...{'user-data-32': '1', timestamp: '2026-01-01T00:00:00Z'},
  },
  'query-transfers': {
    ...{ledger: '700', code: '1', 'user-data-128': '1', 'user-data-64': '1', 'user-data-32': '1', limit: '5'},
    ...{'timestamp-min': '1d', 'timestamp-max': '1h', flag: 'reversed'},
  },
  'get-account-transfers': {'account-id': '1', code: '1', limit: '5', 'timestamp-min': '1d', flag: 'debits'},
}

describe('flags of parix tb', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it("TigerBeetle's own names are accepted: --debit-account-id, --credit-account-id, --flags", () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'))
      const words = `create-transfers ${BOOKS} --debit-account-id 1 --credit-account-id 2 --amount 5 --ledger 1 --code 1 --flags linked,pending`
      await tb(`${words} --flags balancing_debit --dry-run`, {home, service})
      const {stdout} = await tb(
        `create-transfers --debit 1 --credit 2 --amount 5 --ledger 1 --code 1 --flags pending -n`,
        {home},
      )
      expect(JSON.parse(stdout)[0]).to.include({debit_account_id: '1', credit_account_id: '2', flags: 2})
      expect(sent(service, 'create_transfers')).to.deep.equal([])
    }))

  for (const [command, flags] of Object.entries(OBJECT_FLAGS))
    it(`what says the object by JSON says all of it: no other flag of ${command} goes with it`, async () => {
      const file = home.write('o.json', '{}')
      for (const [flag, value] of Object.entries(flags))
        for (const json of [`--file ${file}`, '--payload {}']) {
          const {code, stderr} = await tb(`${command} ${BOOKS} --${flag} ${value} ${json}`, {home})
          expect(code, `--${flag} ${json}`).to.equal(2)
          expect(stderr, `--${flag} ${json}`).to.match(/can.t (also )?be (given|provided|used)|together|exclusive/i)
        }
    })

  it('--file and --payload are one input: both at once are refused', async () => {
    for (const command of [...Object.keys(OBJECT_FLAGS), 'lookup-accounts', 'lookup-transfers'])
      expect((await tb(`${command} ${BOOKS} --file f --payload {}`, {home})).code, command).to.equal(2)
  })

  it('a flag of an object may come several times, and one value may name several', () =>
    withService(async (service) => {
      const bits = async (words: string) => {
        const {stdout} = await tb(
          `create-transfers --id 7 --from 1 --to 2 --amount 5 --ledger 1 --code 1 -n ${words}`,
          {home, service},
        )
        return JSON.parse(stdout)[0].flags
      }
      const both = Number(FLAGS.transfer.pending! | FLAGS.transfer.balancing_debit!)
      for (const words of [
        '--flag pending --flag balancing_debit',
        '--flag pending,balancing_debit',
        '--flags pending|balancing_debit',
      ])
        expect(await bits(words), words).to.equal(both)
    }))

  it('a batch is of at least one event and of no more than a request takes', async () => {
    const create = 'create-transfers --from 1 --to 2 --amount 5 --ledger 1 --code 1 -n'
    for (const [size, code] of [
      ['0', 2],
      ['-1', 2],
      ['x', 2],
      ['1', 0],
      [String(BATCH_EVENTS_MAX), 0],
      [String(BATCH_EVENTS_MAX + 1), 2],
    ] as const)
      expect((await tb(`${create} --batch-size ${size}`, {home})).code, size).to.equal(code)
  })

  it('every flag has a description, and one that takes a value says what kind', () => {
    const all = {...ACCOUNT_FILTER_FLAGS, ...QUERY_FILTER_FLAGS, ...SENDING, ...IDS, ...JSON_INPUT}
    for (const [name, flag] of Object.entries(all)) {
      expect(flag.description, name).to.be.a('string').and.not.equal('')
      if (flag.type === 'option' && !('options' in flag && flag.options))
        expect((flag as {helpValue?: string}).helpValue, name).to.be.a('string')
    }
  })

  it('filters name the flags that their kind has, and no others', () => {
    expect(ACCOUNT_FILTER_FLAGS.flag.description).to.equal('debits, credits, reversed')
    expect(QUERY_FILTER_FLAGS.flag.description).to.equal('reversed')
    expect(ACCOUNT_FILTER_FLAGS).to.not.have.property('ledger')
    expect(QUERY_FILTER_FLAGS).to.not.have.property('account-id')
  })
})
