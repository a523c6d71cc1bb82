import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from './support/local-ledger.js'
import {type LossyProxy, startLossyProxy} from './support/lossy-proxy.js'
import {tb} from './support/tb.js'

/** Keys and kinds of a JSON document; a list is known by its first element. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shape(item)]))
}

const ENVELOPE = {
  ok: 'boolean',
  operation: 'string',
  operationLabel: 'string',
  databaseId: 'string',
  databaseName: 'string',
  clusterId: 'string',
  ledgerId: 'string',
  provider: 'string',
  replicaCount: 'number',
  targetHost: 'string',
  mode: 'string',
  persisted: 'boolean',
  docsUrl: 'string',
  message: 'string',
}
const WIDE = 'string'
const ACCOUNT = {
  id: WIDE,
  debits_pending: WIDE,
  debits_posted: WIDE,
  credits_pending: WIDE,
  credits_posted: WIDE,
  user_data_128: WIDE,
  user_data_64: WIDE,
  user_data_32: 'number',
  reserved: 'number',
  ledger: 'number',
  code: 'number',
  flags: 'number',
  timestamp: WIDE,
}
const TRANSFER = {
  id: WIDE,
  debit_account_id: WIDE,
  credit_account_id: WIDE,
  amount: WIDE,
  pending_id: WIDE,
  user_data_128: WIDE,
  user_data_64: WIDE,
  user_data_32: 'number',
  timeout: 'number',
  ledger: 'number',
  code: 'number',
  flags: 'number',
  timestamp: WIDE,
}
const BALANCE = {
  debits_pending: WIDE,
  debits_posted: WIDE,
  credits_pending: WIDE,
  credits_posted: WIDE,
  timestamp: WIDE,
}
const ROW = {index: 'number', id: WIDE, result: 'string', timestamp: WIDE}
const ENTRY = {
  id: 'string',
  operation: 'string',
  baseUrl: 'string',
  database: {id: 'string', name: 'string'},
  createdAt: 'string',
  events: 'number',
  answered: 'number',
  failedAttempts: 'number',
  lastFault: 'string',
  firstId: WIDE,
  lastId: WIDE,
  held: 'boolean',
}

describe('the JSON of every tb command, on the real ledger: keys are only ever added', function () {
  this.timeout(60_000)
  let ledger: LocalLedger
  let proxy: LossyProxy
  let home: TestHome
  before(async () => {
    ledger = await startLocalLedger()
    proxy = await startLossyProxy(ledger.port)
    home = makeHome()
  })
  after(async () => {
    home.remove()
    await proxy.stop()
    await ledger.stop()
  })

  async function shapeOf(words: string, code = 0): Promise<Record<string, unknown>> {
    const env = {
      PARIX_API_KEY: ledger.apiKey,
      PARIX_BASE_URL: proxy.baseUrl,
      PARIX_DATABASE: 'books',
      PARIX_RETRY_FOR: '1ms',
    }
    const result = await tb(`${words} --json`, {home, env})
    expect(result.code, words + result.stdout + result.stderr).to.equal(code)
    return shape(result.json()) as Record<string, unknown>
  }

  it('creating, posting, voiding', async () => {
    const account = {id: WIDE, ledger: 'number', code: 'number', flags: 'number'}
    const made = {...ENVELOPE, responsePayload: [ROW], attempts: 'number', retried: 'boolean'}
    expect(await shapeOf('create-accounts --id 1 --ledger 1 --code 1 --flag history')).to.deep.equal({
      ...made,
      requestPayload: [account],
    })
    await shapeOf('create-accounts --id 2 --ledger 1 --code 1')
    const flags = '--from 1 --to 2 --amount 5 --ledger 1 --code 1'
    const {requestPayload: _, ...transfer} = await shapeOf(`create-transfers ${flags} --id 10 --flag pending`)
    expect(transfer).to.deep.equal(made)
    expect(await shapeOf('post 10')).to.include.keys(Object.keys(made))
    await shapeOf(`create-transfers ${flags} --id 11 --flag pending`)
    expect(await shapeOf('void 11')).to.include.keys(Object.keys(made))
    expect(await shapeOf(`create-transfers ${flags} --dry-run`)).to.deep.equal({
      dryRun: 'boolean',
      operation: 'string',
      requests: [
        [{id: WIDE, debit_account_id: WIDE, credit_account_id: WIDE, amount: WIDE, ledger: 'number', code: 'number'}],
      ],
    })
  })

  it('a refusal', async () => {
    expect(await shapeOf('create-transfers --from 1 --to 99 --amount 5 --ledger 1 --code 1', 6)).to.deep.equal({
      error: {
        code: 'string',
        exitCode: 'number',
        message: 'string',
        status: 'number',
        errors: ['string'],
        tbResults: [{index: 'number', result: 'string', code: 'number', id: WIDE}],
        retryable: 'boolean',
        next: ['string'],
      },
    })
  })

  it('lookups and queries: rows, with their time and the names of their flags', async () => {
    const reads: [string, Record<string, unknown>][] = [
      ['lookup-accounts --id 1', ACCOUNT],
      ['lookup-transfers --id 10', {...TRANSFER, pending_state: 'string', resolved_by: WIDE, posted_amount: WIDE}],
      ['get-account-transfers --account-id 1', TRANSFER],
      ['get-account-balances --account-id 1', BALANCE],
      ['query-accounts', ACCOUNT],
      ['query-transfers', TRANSFER],
    ]
    for (const [words, row] of reads) {
      const {requestPayload: _, ...rest} = await shapeOf(words)
      const [found] = rest.responsePayload as [Record<string, unknown>]
      const {flag_names: flags, ...fields} = found
      expect({...rest, responsePayload: [fields]}, words).to.deep.equal({
        ...ENVELOPE,
        responsePayload: [{...row, time: 'string'}],
      })
      expect(flags === undefined, words).to.equal(row === BALANCE)
    }
    expect(await shapeOf('lookup-accounts --id 1 --id 99')).to.deep.include({missing: [WIDE]})
    expect(await shapeOf('query-accounts --limit 1')).to.deep.include({next: {timestamp_min: WIDE}})
    expect(await shapeOf('get-account-balances --account-id 2')).to.deep.include({note: 'string', responsePayload: []})
  })

  it('balance and pending', async () => {
    const {timestamp: _, ...amounts} = BALANCE
    const balance = {id: WIDE, ledger: 'number', code: 'number', flags: 'number', ...amounts, credits_less_debits: WIDE}
    expect(await shapeOf('balance 1')).to.deep.equal({...balance, available: 'null', at: 'null'})
    await shapeOf('create-transfers --from 1 --to 2 --amount 5 --ledger 1 --code 1 --id 12 --flag pending --timeout 1h')
    expect(await shapeOf('pending')).to.deep.equal({
      databaseId: 'string',
      databaseName: 'string',
      pending: [
        {
          id: WIDE,
          debit_account_id: WIDE,
          credit_account_id: WIDE,
          amount: WIDE,
          ledger: 'number',
          code: 'number',
          timestamp: WIDE,
          expires_at: 'string',
        },
      ],
    })
  })

  it('id and explain', async () => {
    expect(await shapeOf('id')).to.deep.equal({ids: [WIDE]})
    const result = {
      code: 'number',
      name: 'string',
      meaning: 'string',
      advice: 'string',
      object: 'string',
      id: 'string',
      stored: 'boolean',
    }
    expect(await shapeOf('explain exceeds_credits')).to.deep.equal({results: [result]})
  })

  it('the outbox, and what has no answer', async () => {
    proxy.choose = (path) => (path.endsWith('create_transfers') ? 'lose-answer' : 'pass')
    const move = 'create-transfers --from 1 --to 2 --amount 5 --ledger 1 --code 1'
    expect(await shapeOf(`${move} --id 20`, 75)).to.deep.equal({
      error: {
        code: 'string',
        exitCode: 'number',
        hint: 'string',
        message: 'string',
        errors: ['string'],
        ids: [WIDE],
        outbox: 'string',
        retryable: 'boolean',
        next: ['string'],
      },
    })
    await shapeOf(`${move} --id 21`, 75)
    proxy.choose = () => 'pass'
    expect(await shapeOf('outbox list')).to.deep.equal({path: 'string', entries: [ENTRY]})
    const {entries} = (await tb('outbox list --json', {home})).json()
    const {requests, ...shown} = await shapeOf(`outbox show ${entries[0].id}`)
    expect(shown).to.deep.equal({...ENTRY, folder: 'string'})
    expect(requests).to.have.nested.property('[0].body')
    expect(requests).to.have.nested.property('[0].answer', 'null')
    expect(await shapeOf(`outbox forget ${entries[1].id} --yes`)).to.deep.equal({forgotten: 'string', ids: [WIDE]})
    const resumed = await shapeOf('outbox resume')
    expect(Object.keys(resumed)).to.deep.equal(['resumed'])
    expect(resumed).to.have.nested.property('resumed[0].outbox', 'string')
    expect(resumed).to.deep.nested.include({'resumed[0].answer.responsePayload': [ROW]})
  })
})
