import type {Chart} from '@parix/books/chart'
import {UINT128_MAX} from '@parix/kit/integers'
import {BATCH_EVENTS_MAX, type CreateKind} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {type FlagTexts, fromFlags, readEvents, resolvingEvent} from '../../src/events/read-events.js'
import {createProblems} from '../../src/records/problems.js'
import {wireList} from '../../src/records/wire.js'
import {CHART} from '../support/chart.js'
import {refused, textOf} from '../support/refusal.js'

const MOVE = {from: '1', to: '2', amount: '5', ledger: '700', code: '1'}
const ACCOUNT = {id: '1', ledger: '700', code: '10'}

/** Ids 1001, 1002, … */
function counter(): () => bigint {
  let last = 1000n
  return () => ++last
}

const byFlags = (flags: FlagTexts, kind: CreateKind = 'transfer', chart?: Chart) =>
  readEvents(kind, undefined, flags, counter(), undefined, chart)
const byText = (text: string, kind: CreateKind = 'transfer', chart?: Chart) =>
  readEvents(kind, {text, name: 'f.json'}, {}, counter(), undefined, chart)
const refusal = (work: () => unknown) => {
  const error = refused(work)
  expect(error.exitCode).to.equal(2)
  return textOf(error)
}

describe('an event by flags', () => {
  it('--from and --to are the accounts; every other flag gives the field of its name', () => {
    const {records} = byFlags({
      ...MOVE,
      ...{id: '7', timeout: '60', flag: ['pending', 'closing_debit']},
      ...{'user-data-128': '8', 'user-data-64': '9', 'user-data-32': '10'},
    })
    expect(records).to.deep.equal([
      {
        ...{id: 7n, debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700n, code: 1n, timeout: 60n},
        ...{flags: 66n, user_data_128: 8n, user_data_64: 9n, user_data_32: 10n},
      },
    ])
  })

  it('what is not given is not in the record: 0 would be sent for it', () => {
    expect(Object.keys(byFlags({id: '1', ...MOVE}).records[0]!)).to.have.members(
      'id debit_account_id credit_account_id amount ledger code'.split(' '),
    )
    expect(byFlags(ACCOUNT, 'account').records).to.deep.equal([{id: 1n, ledger: 700n, code: 10n}])
  })

  it('an id is made where none is given, and the caller learns which ones were made', () => {
    const made = byFlags(MOVE)
    expect([made.records[0]!.id, made.generated]).to.deep.equal([1001n, new Set([1001n])])
    expect(byFlags({id: '7', ...MOVE}).generated).to.deep.equal(new Set())
  })

  it('flags of the command that are not fields (--file, --batch-size) do not get into the record', () => {
    const {records} = byFlags({...MOVE, id: '7', file: 'x', 'batch-size': 5, 'dry-run': true, receipt: 'r'})
    expect(records).to.deep.equal(byFlags({...MOVE, id: '7'}).records)
  })

  it('everything wrong is said in one error, each thing by the name of its flag', () => {
    const said = refusal(() => byFlags({from: 'x', to: '-1', amount: '1.5', ledger: '', code: '65536', flag: ['odd']}))
    expect(said).to.match(/^6 things are wrong with the transfer\. Nothing was sent\./)
    for (const flag of ['--from', '--to', '--amount', '--ledger', '--code', '--flag']) expect(said).to.contain(flag)
  })

  it('what could not be read is not reported as missing as well', () => {
    expect(refusal(() => byFlags({...MOVE, amount: 'x'})))
      .to.match(/--amount/)
      .and.not.match(/missing/)
  })

  for (const [flag, seconds] of [
    ['90', 90n],
    ['10m', 600n],
    ['1h30m', 5400n],
    ['2000ms', 2n],
    ['0x10', 16n],
    ['4294967295', 4294967295n],
  ] as const) {
    it(`--timeout ${flag} is ${seconds} seconds`, () => {
      expect(byFlags({...MOVE, timeout: flag, flag: ['pending']}).records[0]!.timeout).to.equal(seconds)
    })
  }

  it('--timeout in parts of a second, or in words, is refused: the ledger counts whole seconds', () => {
    const timeout = (text: string) => refusal(() => byFlags({...MOVE, timeout: text, flag: ['pending']}))
    expect(timeout('1500ms')).to.contain('--timeout is counted in whole seconds, and 1500ms is not.')
    for (const text of ['soon', '-5', '1.5', '4294967296', '']) expect(timeout(text), text).to.contain('--timeout')
  })

  it('a 0 that TigerBeetle takes for "not given" is refused where it was given', () => {
    expect(refusal(() => byFlags({...MOVE, 'pending-id': '0'}))).to.contain('--pending-id must not be 0')
    expect(refusal(() => byFlags({...MOVE, timestamp: '0'}))).to.contain('--timestamp must not be 0')
    for (const flag of ['ledger', 'code', 'user-data-128', 'user-data-64', 'user-data-32', 'timestamp-max']) {
      const problems = createProblems()
      fromFlags('query_filter', {[flag]: '0'}, problems)
      expect(
        refusal(() => problems.throwIfAny('it')),
        flag,
      ).to.match(/--[\w-]+ 0 would not filter/)
    }
    const problems = createProblems()
    fromFlags('query_filter', {'timestamp-min': '0', limit: '0'}, problems)
    expect(problems.count, 'these zeros mean what they say').to.equal(0)
  })
})

describe('an event by flags and the names of a chart', () => {
  it('@NAME is the account, its ledger is that of the transfer, and money gets its decimal places', () => {
    const {records} = byFlags(
      {id: '7', from: '@bank', to: '@alice', amount: '12.50', code: 'payment'},
      'transfer',
      CHART,
    )
    expect(records).to.deep.equal([
      {id: 7n, debit_account_id: 1n, credit_account_id: 2n, amount: 1250n, ledger: 700n, code: 1n},
    ])
  })

  it('--amount-raw is the integer', () => {
    const {records} = byFlags({id: '7', from: '@bank', to: '@alice', 'amount-raw': '12', code: '1'}, 'transfer', CHART)
    expect(records[0]!.amount).to.equal(12n)
  })

  it('a named account to create brings its ledger, its code and its flags', () => {
    expect(byFlags({id: '@bank'}, 'account', CHART).records).to.deep.equal([
      {id: 1n, ledger: 700n, code: 10n, flags: 8n},
    ])
  })

  it('names of two ledgers, an unknown name, and a name without a chart are refused', () => {
    const move = {amount: '1.00', code: '1', from: '@bank'}
    expect(refusal(() => byFlags({...move, to: '@paris'}, 'transfer', CHART))).to.contain('a transfer is on one ledger')
    expect(refusal(() => byFlags({...move, to: '@alise'}, 'transfer', CHART))).to.match(/alise.*alice/s)
    expect(refusal(() => byFlags({...move, to: '@alice'}))).to.match(/chart/)
  })
})

describe('events from JSON', () => {
  const one = (id: string) => `{"id":${id},"from":1,"to":2,"amount":5,"ledger":700,"code":1}`

  it('keep the order of the file, and each knows its place in it', () => {
    const {records, placeOf} = byText(`${one('3')}\n\n${one('1')}\n${one('2')}\n`)
    expect(records.map(({id}) => id)).to.deep.equal([3n, 1n, 2n])
    expect([0, 1, 2, 3].map(placeOf)).to.deep.equal(['f.json line 1', 'f.json line 3', 'f.json line 4', undefined])
    expect(byText(`[${one('3')},${one('1')}]`).placeOf(1)).to.equal('f.json item 2')
  })

  it('get an id each where they have none, in the order of the file', () => {
    const bare = one('1').replace('"id":1,', '')
    const {records, generated} = byText(`[${bare},${one('5')},${bare}]`)
    expect(records.map(({id}) => id)).to.deep.equal([1001n, 5n, 1002n])
    expect(generated).to.deep.equal(new Set([1001n, 1002n]))
  })

  it('say what is wrong by line and field, of all events at once', () => {
    const said = refusal(() => byText(`${one('1')}\n${one('1')}\n${one('0')}\n`))
    expect(said).to.match(/^2 things are wrong with f\.json/)
    expect(said).to.contain('f.json line 2: id is 1, the same as f.json line 1: id.')
    expect(said).to.contain('f.json line 3: id must not be 0: that id is reserved.')
  })

  it('an empty list is an error: a script that found nothing to pay must not look as if it paid', () => {
    expect(refusal(() => byText('[]'))).to.equal('There is no transfer in f.json. Nothing was sent.')
    expect(refusal(() => byText('[]', 'account'))).to.contain('There is no account')
  })

  it('a record that was sent is read back as it was, whatever is in it', () => {
    const id = fc.bigInt({min: 1n, max: UINT128_MAX - 1n})
    const events = fc.uniqueArray(
      fc.record(
        {
          id,
          debit_account_id: fc.constant(1n),
          credit_account_id: fc.bigInt({min: 2n, max: UINT128_MAX - 1n}),
          amount: fc.bigInt({min: 0n, max: UINT128_MAX}),
          user_data_128: fc.bigInt({min: 0n, max: UINT128_MAX}),
          user_data_64: fc.bigInt({min: 0n, max: 2n ** 64n - 1n}),
          user_data_32: fc.bigInt({min: 0n, max: 2n ** 32n - 1n}),
          ledger: fc.bigInt({min: 1n, max: 2n ** 32n - 1n}),
          code: fc.bigInt({min: 1n, max: 65535n}),
          flags: fc.constantFrom(0n, 2n, 16n, 32n, 48n),
        },
        {
          requiredKeys: ['id', 'debit_account_id', 'credit_account_id', 'amount', 'ledger', 'code'],
          noNullPrototype: true,
        },
      ),
      {minLength: 1, maxLength: 5, selector: (event) => event.id},
    )
    fc.assert(
      fc.property(events, (records) => {
        expect(byText(wireList('transfer', records)).records).to.deep.equal(records)
      }),
    )
  })

  it('more than a request takes is not a matter of reading', () => {
    const lines = Array.from({length: BATCH_EVENTS_MAX + 1}, (_, index) => one(String(index + 1)))
    expect(byText(lines.join('\n')).records).to.have.length(BATCH_EVENTS_MAX + 1)
  })
})

describe('the transfer that posts or voids a pending one', () => {
  it('posts all of it where no amount is given, and voids with amount 0', () => {
    expect(resolvingEvent('post_pending_transfer', 8n, {id: '9'}).record).to.deep.equal({
      id: 9n,
      amount: UINT128_MAX,
      pending_id: 8n,
      flags: 4n,
    })
    expect(resolvingEvent('void_pending_transfer', 8n, {id: '9'}).record).to.include({amount: 0n, flags: 8n})
  })

  it('posts a part, or nothing, where that is said', () => {
    expect(resolvingEvent('post_pending_transfer', 8n, {id: '9', amount: '3'}).record.amount).to.equal(3n)
    expect(resolvingEvent('post_pending_transfer', 8n, {id: '9', amount: '0'}).record.amount).to.equal(0n)
  })

  it('makes an id, another each time, and says which', () => {
    const [one, other] = [1, 2].map(() => resolvingEvent('void_pending_transfer', 8n, {}))
    expect(one!.generated).to.deep.equal(new Set([one!.record.id]))
    expect(other!.record.id! === one!.record.id!).to.equal(false)
  })

  it('refuses an id that is the pending one, 0, or not a number, and an amount that is not valid', () => {
    expect(refusal(() => resolvingEvent('post_pending_transfer', 8n, {id: '8'}))).to.contain(
      '--pending_id must not be the id',
    )
    expect(refusal(() => resolvingEvent('post_pending_transfer', 8n, {id: '0'}))).to.contain('--id must not be 0')
    const said = refusal(() => resolvingEvent('post_pending_transfer', 8n, {id: 'x', amount: '-1'}))
    expect(said)
      .to.match(/--id/)
      .and.match(/--amount/)
  })
})
