import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {outboxPlace} from '../../src/outbox/directory.js'
import {openOutbox} from '../../src/outbox/store.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {wireIds, wireList} from '../../src/records/wire.js'
import type {CreateCall} from '../../src/submit/place-call.js'
import {resumeAll} from '../../src/submit/resume.js'
import {resumeEntry, resumeKey, submitRecords} from '../../src/submit/submit.js'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {type Fate, type LossyProxy, startLossyProxy} from '../support/lossy-proxy.js'
import {refusalOf} from '../support/refusal.js'
import {submissionOf, type TestSubmission} from '../support/submission.js'
import {apiOf} from '../support/world.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700n, code: 1n}

describe('creating by way of the outbox', () => {
  let local: LocalLedger
  let proxy: LossyProxy
  let home: TestHome
  let nextId = 1000n
  before(async () => {
    local = await startLocalLedger()
    proxy = await startLossyProxy(local.port)
    const flags = [0n, 0n, 2n]
    await local.operate(
      'create_accounts',
      wireList(
        'account',
        flags.map((bits, index) => ({id: BigInt(index + 1), ledger: 700n, code: 1n, flags: bits})),
      ),
    )
  })
  after(async () => {
    await proxy.stop()
    await local.stop()
  })
  beforeEach(() => {
    home = makeHome()
    proxy.choose = () => 'pass'
  })
  afterEach(() => home.remove())

  const options = (changes = {}): TestSubmission =>
    submissionOf({baseUrl: proxy.baseUrl, apiKey: local.apiKey}, home, changes)
  const fresh = (count = 1, more: LedgerRecord = {}) =>
    Array.from({length: count}, () => ({id: ++nextId, ...MOVE, ...more}))
  const call = (records: LedgerRecord[], changes: Partial<CreateCall> = {}): CreateCall => ({
    ...{kind: 'transfer', records, generated: new Set(), batchEventsMax: 8190},
    ...{database: {id: local.database, name: 'books'} as CreateCall['database']},
    ...changes,
  })
  const left = () => openOutbox(outboxPlace(home.environment)).list().entries
  const stored = async (records: readonly LedgerRecord[]) =>
    (await local.operate('lookup_transfers', wireIds(records.map(({id}) => id!)))).map(({id}) => BigInt(id!))
  /** The requests that create something go these ways, one after the other; all that come later pass. */
  const fates = (...ways: Fate[]) => {
    const queue = [...ways]
    proxy.choose = (path) => (path.includes('/create_') ? (queue.shift() ?? 'pass') : 'pass')
  }

  it('the result has a row for each event, in order, and says how it came about', async () => {
    const records = fresh(2)
    const {result, view, notices} = await submitRecords(options(), call(records))
    expect(result).to.include({
      ok: true,
      operation: 'create_transfers',
      databaseId: local.database,
      databaseName: 'books',
      attempts: 1,
      retried: false,
    })
    expect(result.responsePayload.map(({index, id, result}) => [index, id, result])).to.deep.equal(
      records.map(({id}, index) => [index, String(id), 'created']),
    )
    expect((view as {rows: unknown[]}).rows).to.have.length(2)
    expect(notices[0]).to.match(/^2 transfers are in books at .*, each once\.$/)
  })

  it('of one event it says how to look at it', async () => {
    const [record] = fresh()
    const {notices} = await submitRecords(options(), call([record!]))
    expect(notices[0])
      .to.match(/^1 transfer is in books at /)
      .and.not.contain('each once')
    expect(notices.at(-1)).to.match(new RegExp(`^Look at it: parix tb lookup-transfers books --id ${record!.id}`))
  })

  it('the entry stays until the result was shown, and goes then', async () => {
    const given = options()
    await submitRecords(given, call(fresh()))
    expect(left()).to.have.length(1)
    given.show()
    expect(left()).to.have.length(0)
  })

  it('a result that could not be shown is reported as made, stays in the outbox, and can be repeated', async () => {
    const given = options()
    const [record] = fresh()
    await submitRecords(given, call([record!]))
    const error = given.announced[0]!.unshown('The disk is full.')
    expect(error).to.include({kind: 'UNAVAILABLE', code: 'output_failed', exitCode: 75})
    expect(error.message).to.equal(`1 transfer (id ${record!.id}) is in books. The disk is full.`)
    const again = options()
    const {result, notices} = await submitRecords(again, call([record!]))
    expect(result.responsePayload[0]).to.include({id: String(record!.id), result: 'created'})
    expect(result, 'known from the outbox, not asked again').to.include({attempts: 0, retried: true})
    expect(notices[0]).to.contain('1 transfer is in books')
    again.show()
    expect(left()).to.deep.equal([])
  })

  it('what was there before with the same contents is a success, and said', async () => {
    const records = fresh(2)
    const first = options()
    await submitRecords(first, call(records))
    first.show()
    const {result, notices} = await submitRecords(options(), call(records))
    expect(result.responsePayload.map(({result}) => result)).to.deep.equal(['exists', 'exists'])
    expect(notices).to.include('2 transfers had been there before, with the same contents.')
  })

  it('one that an earlier attempt of this command created is distinguished from one that was there before', async () => {
    fates('lose-answer')
    const {result, notices} = await submitRecords(options(), call(fresh()))
    expect(result).to.include({attempts: 2, retried: true})
    expect(result.responsePayload[0]!.result).to.equal('exists')
    expect(notices[0]).to.contain('after 2 attempts')
    expect(notices).to.include('1 transfer had been created by an earlier attempt, whose response was lost.')
  })

  it('a refusal is an error with the numbers behind it, and its entry goes when it was shown as well', async () => {
    const given = options()
    const [record] = fresh(1, {debit_account_id: 3n})
    const error = await refusalOf(() => submitRecords(given, call([record!])))
    expect(error).to.include({kind: 'REFUSED', code: 'exceeds_credits', exitCode: 6})
    expect(error.details.errors![0]).to.contain(
      'Account 3 has credits of 0 and debits of 0: 0 is left, 5 was asked for.',
    )
    expect(left()).to.have.length(1)
    given.show()
    expect(left()).to.deep.equal([])
  })

  it('a refusal beside successes names both', async () => {
    const records = [...fresh(), ...fresh(1, {debit_account_id: 3n}), ...fresh()]
    const error = await refusalOf(() => submitRecords(options(), call(records)))
    expect(error.details.created!.map(({id}) => id)).to.deep.equal([records[0]!, records[2]!].map(({id}) => String(id)))
    expect(error.details.tbResults!.map(({index}) => index)).to.deep.equal([1])
  })

  it('one id with two contents is an alarm on the terminal, unless the caller expects it', async () => {
    const [record] = fresh()
    const first = options()
    await submitRecords(first, call([record!]))
    first.show()
    const other = call([{...record!, amount: 6n}])
    const loud = options()
    expect((await refusalOf(() => submitRecords(loud, other))).message).to.match(/^ALARM: id /)
    expect(loud.said()).to.contain('ONE ID, TWO DIFFERENT CONTENTS')
    loud.show()
    const calm = options({calm: true})
    expect(await refusalOf(() => submitRecords(calm, other))).to.include({code: 'exists_with_different_amount'})
    expect(calm.said()).not.to.contain('ONE ID')
  })

  it('ids that were generated are said before anything is sent; given ones are not', async () => {
    const [record] = fresh()
    const given = options()
    proxy.choose = (path) => {
      if (path.includes('/create_')) expect(given.said()).to.contain(`Transfer ${record!.id} (generated id)`)
      return 'pass'
    }
    await submitRecords(given, call([record!], {generated: new Set([record!.id])}))
    given.show()
    const other = options()
    await submitRecords(other, call(fresh()))
    expect(other.said()).to.equal('')
  })

  it('of many generated ids the first and the last are said, and where they are kept', async () => {
    const records = fresh(21)
    const given = options()
    await submitRecords(given, call(records, {generated: new Set(records.map(({id}) => id))}))
    expect(given.said()).to.contain(`21 transfers with generated ids, from ${records[0]!.id} to ${records[20]!.id}`)
    expect(given.said()).to.match(/Kept until all of it has an outcome: parix tb outbox show \d{8}-\d{6}-/)
  })

  it('what can not be sent at all leaves nothing behind; what may have arrived stays', async () => {
    const limits = {retryFor: '0'}
    const refusedConnection = {...options(limits), api: apiOf({baseUrl: 'http://127.0.0.1:1'})}
    const error = await refusalOf(() => submitRecords(refusedConnection, call(fresh())))
    expect(error).to.include({kind: 'UNAVAILABLE'})
    expect(left()).to.deep.equal([])
    fates('lose-answer')
    const records = fresh()
    expect(await refusalOf(() => submitRecords(options(limits), call(records)))).to.include({kind: 'OUTCOME_UNKNOWN'})
    expect(left()).to.have.length(1)
    expect(await stored(records), 'and it had been created').to.deep.equal([records[0]!.id])
  })

  it('a call with a key is resumed by it, and where there is none nothing happens', async () => {
    const database = call([]).database
    expect(await resumeKey(options(), database, 'entry 1')).to.equal(undefined)
    fates('lose-answer')
    const records = fresh()
    await refusalOf(() => submitRecords(options({retryFor: '0'}), call(records, {key: 'entry 1'})))
    expect(await resumeKey(options(), database, 'entry 2')).to.equal(undefined)
    const {result} = (await resumeKey(options(), database, 'entry 1'))!
    expect(result.responsePayload[0]).to.include({id: String(records[0]!.id), result: 'exists'})
  })

  it('--retry-for that is not a time is refused before anything is put down', async () => {
    expect(await refusalOf(() => submitRecords(options({retryFor: 'soon'}), call(fresh())))).to.include({
      kind: 'BAD_INPUT',
    })
    expect(left()).to.deep.equal([])
  })

  it('without a home the outbox is in the temporary directory, and the user is told', async () => {
    const environment = {TMPDIR: home.path, PARIX_RETRY_DELAY: '1ms', PARIX_HISTORY: 'off'}
    const given = options({environment})
    await submitRecords(given, call(fresh()))
    expect(given.said()).to.match(/There is no HOME: the outbox is in .*which may be emptied/)
  })

  it('whatever gets lost on the way, each event is in the ledger once, and that is what is said', () => {
    const way = fc.constantFrom<Fate>('pass', 'lose-request', 'lose-answer', 'cut-answer', 'bad-gateway')
    const events = fc.array(fc.record({linked: fc.boolean(), amount: fc.bigInt({min: 1n, max: 9n})}), {
      minLength: 1,
      maxLength: 7,
    })
    const balance = async () => BigInt((await local.operate('lookup_accounts', wireIds([2n])))[0]!.credits_posted!)
    return fc.assert(
      fc.asyncProperty(
        events,
        fc.integer({min: 3, max: 7}),
        fc.array(way, {maxLength: 8}),
        fc.boolean(),
        async (shapes, batchEventsMax, ways, patient) => {
          const records = shapes.map(({linked, amount}, index) => ({
            ...fresh()[0]!,
            amount,
            flags: linked && index < shapes.length - 1 && index % 3 !== 2 ? 1n : 0n,
          }))
          const before = await balance()
          fates(...ways)
          const given = call(records, {batchEventsMax})
          // A patient command tries again itself; the others are given again by their user.
          for (let attempt = 0; ; attempt++) {
            const one = options(patient ? {} : {retryFor: '0'})
            try {
              const {result} = await submitRecords(one, given)
              one.show()
              expect(result.responsePayload.map(({id}) => id)).to.deep.equal(records.map(({id}) => String(id)))
              break
            } catch (error) {
              expect((error as {exitCode: number}).exitCode).to.equal(75)
              expect(attempt).to.be.lessThan(20)
            }
          }
          expect(await stored(records)).to.have.members(records.map(({id}) => id))
          expect((await balance()) - before).to.equal(records.reduce((sum, {amount}) => sum + amount, 0n))
          expect(left()).to.deep.equal([])
        },
      ),
      {numRuns: 12},
    )
  })

  it('resuming what is left says the same as the command would have', async () => {
    fates('lose-answer')
    const records = fresh(3)
    await refusalOf(() => submitRecords(options({retryFor: '0'}), call(records)))
    const given = options()
    const [entry] = left()
    const report = await resumeEntry(given, entry!)
    expect(report.result.responsePayload.map(({id, result}) => [id, result])).to.deep.equal(
      records.map(({id}) => [String(id), 'exists']),
    )
    given.show()
    expect(left()).to.deep.equal([])
    const at = {api: given.api, usesApiKey: true, explicit: false, connectTo: () => Promise.reject(new Error('no'))}
    await resumeAll(at, given, () => expect.fail('there was nothing to resume'))
  })
})
