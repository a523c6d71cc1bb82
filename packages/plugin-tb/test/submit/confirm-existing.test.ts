import {expect} from 'chai'
import fc from 'fast-check'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {wireIds, wireList} from '../../src/records/wire.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import {readOutcomes, unnamedOutcomes} from '../../src/results/outcome.js'
import {confirmExisting, lookUpRecords} from '../../src/submit/confirm-existing.js'
import {type EditingProxy, startEditingProxy} from '../support/editing-proxy.js'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {refusalOf} from '../support/refusal.js'
import {apiOf} from '../support/world.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700n, code: 1n}

describe('what a lookup makes of events that a response leaves open', () => {
  let local: LocalLedger
  let proxy: EditingProxy
  let nextId = 1000n
  before(async () => {
    local = await startLocalLedger()
    proxy = await startEditingProxy(local.baseUrl)
    await local.operate(
      'create_accounts',
      wireList(
        'account',
        [1n, 2n].map((id) => ({id, ledger: 700n, code: 10n})),
      ),
    )
  })
  after(async () => {
    await proxy.stop()
    await local.stop()
  })
  afterEach(() => {
    proxy.edit = (_, rows) => rows
  })

  const database = () => ({id: local.database, name: 'books'})
  const api = () => apiOf({...local, baseUrl: proxy.baseUrl})
  const ids = (records: readonly LedgerRecord[]) => records.map(({id}) => String(id))
  const fresh = (...changes: LedgerRecord[]) => changes.map((change) => ({id: ++nextId, ...MOVE, ...change}))
  const confirm = (records: readonly LedgerRecord[], events: readonly EventOutcome[], kind = 'transfer') =>
    confirmExisting(api(), {operation: `create_${kind}s` as 'create_transfers', database: database()}, records, events)
  /** What the ledger itself answers to these records. */
  const send = async (records: readonly LedgerRecord[], kind: 'account' | 'transfer' = 'transfer') => {
    const rows = await local.operate(`create_${kind}s`, wireList(kind, records)).catch((error: Error) => {
      // A 409 with the refused ones.
      return JSON.parse(/\d{3} (\{.*)$/s.exec(error.message)![1]!).tbResults
    })
    return readOutcomes(kind, ids(records), rows)!
  }
  const stored = async (records: readonly LedgerRecord[]) => {
    const rows = await local.operate('lookup_transfers', wireIds(records.map(({id}) => id!)))
    return ids(records).map((id) => rows.some((row) => row.id === id))
  }
  const states = (events: readonly EventOutcome[]) => events.map(({state}) => state)

  it('an event that is in the ledger as it was sent is stored; one that is not stays unnamed', async () => {
    const [there, missing] = fresh({}, {})
    await send([there!])
    const events = await confirm([there!, missing!], unnamedOutcomes(ids([there!, missing!])))
    expect(states(events)).to.deep.equal(['stored', 'unnamed'])
    expect(events[0]!.timestamp).to.match(/^\d{19}$/)
    expect(events.map(({index, id}) => [index, id])).to.deep.equal([
      [0, String(there!.id)],
      [1, String(missing!.id)],
    ])
  })

  it('an event that is in the ledger with any other contents never counts as ours', async () => {
    const [there] = fresh({user_data_64: 3n, user_data_32: 4n, user_data_128: 5n})
    await send([there!])
    for (const change of [{amount: 6n}, {user_data_64: 0n}, {user_data_32: 5n}, {user_data_128: 6n}, {code: 2n}]) {
      const asked = {...there!, ...change}
      expect(
        states(await confirm([asked], unnamedOutcomes(ids([asked])))),
        JSON.stringify(Object.keys(change)),
      ).to.deep.equal(['unnamed'])
    }
  })

  it('a result that this version does not know is stored, or else refused: it is not a success by itself', async () => {
    const [there, missing] = fresh({}, {})
    await send([there!])
    const events = unnamedOutcomes(ids([there!, missing!])).map((event) => ({
      ...event,
      state: 'unfamiliar' as const,
      result: 'new_rule',
    }))
    const found = await confirm([there!, missing!], events)
    expect(found.map(({state, result}) => [state, result])).to.deep.equal([
      ['stored', 'stored'],
      ['refused', 'new_rule'],
    ])
  })

  it('what the response names is left as it is, and nothing is asked then', async () => {
    const records = fresh({}, {})
    const events: EventOutcome[] = [
      {index: 0, id: String(records[0]!.id), state: 'created', result: 'created'},
      {index: 1, id: String(records[1]!.id), state: 'refused', result: 'exceeds_credits'},
    ]
    let asked = 0
    proxy.edit = (_, rows) => {
      asked++
      return rows
    }
    expect(await confirm(records, events)).to.deep.equal(events)
    expect(asked).to.equal(0)
  })

  it('a chain that was made before is recognised, although the ledger says linked_event_failed', async () => {
    const chain = fresh({flags: 1n}, {flags: 1n}, {})
    expect(states(await send(chain))).to.deep.equal(['created', 'created', 'created'])
    const again = await send(chain)
    expect(again.map(({result}) => result)).to.include('linked_event_failed')
    expect(states(await confirm(chain, again))).to.deep.equal(['exists', 'exists', 'exists'])
  })

  it('a chain that the response says was created just now stays created, and is not looked up', async () => {
    const chain = fresh({flags: 1n}, {flags: 1n}, {})
    const made = await send(chain)
    proxy.edit = () => {
      throw new Error('asked')
    }
    expect(await confirm(chain, made)).to.deep.equal(made)
  })

  it('a chain of which one event is there with other contents stays refused, all of it', async () => {
    const chain = fresh({flags: 1n}, {})
    await send(chain)
    const changed = [chain[0]!, {...chain[1]!, amount: 9n}]
    const found = await confirm(changed, await send(changed))
    expect(states(found).slice(1)).to.deep.equal(['refused'])
    expect(states(found)).not.to.deep.equal(['exists', 'exists'])
  })

  it('a chain that failed for a reason of its own stays refused', async () => {
    const chain = fresh({flags: 1n}, {debit_account_id: 99n})
    const failed = await send(chain)
    expect(failed.map(({result}) => result)).to.deep.equal(['linked_event_failed', 'debit_account_not_found'])
    expect(states(await confirm(chain, failed))).to.deep.equal(['refused', 'refused'])
  })

  it('an account that was closed since is the same account: it exists', async () => {
    const account = {id: ++nextId, ledger: 700n, code: 10n}
    await send([account], 'account')
    await send(fresh({debit_account_id: account.id, credit_account_id: 1n, amount: 0n, flags: 66n}))
    const again = await send([account], 'account')
    expect(again[0]!.result).to.equal('exists_with_different_flags')
    expect(states(await confirm([account], again, 'account'))).to.deep.equal(['exists'])
    const other = {...account, flags: 8n}
    expect(states(await confirm([other], await send([other], 'account'), 'account'))).to.deep.equal(['refused'])
  })

  it('any batch that is sent again, and whose responses are lost in parts: no event is said to be there that is not', () => {
    const events = fc.array(
      fc.record({
        linked: fc.boolean(),
        lost: fc.boolean(),
        amount: fc.bigInt({min: 0n, max: 50n}),
        missing: fc.boolean(),
      }),
      {minLength: 1, maxLength: 6},
    )
    return fc.assert(
      fc.asyncProperty(events, async (shapes) => {
        const records = fresh(
          ...shapes.map(({linked, amount, missing}, index) => ({
            amount,
            ...(missing && {credit_account_id: 98n}),
            flags: linked && index < shapes.length - 1 ? 1n : 0n,
          })),
        )
        await send(records)
        const inLedger = await stored(records)
        // Of some events the response to the second attempt is lost.
        const seen = (await send(records)).map((event, index) =>
          shapes[index]!.lost ? unnamedOutcomes(ids(records))[index]! : event,
        )
        const found = await confirm(records, seen)
        const claimed = found.map(({state}) => state === 'exists' || state === 'stored' || state === 'created')
        // Of a chain whose response is lost in parts an event may stay refused; none becomes created that is not there.
        for (const [index, claim] of claimed.entries()) if (claim) expect(inLedger[index], String(index)).to.equal(true)
        const all = shapes.every(({lost}) => lost) || shapes.every(({lost}) => !lost)
        if (all) expect(claimed).to.deep.equal(inLedger)
      }),
      {numRuns: 40},
    )
  })

  it('a lookup about another database is not relied on', async () => {
    const [record] = fresh({})
    const call = {operation: 'create_transfers', database: {id: local.database, name: 'other'}} as const
    const error = await refusalOf(() => lookUpRecords(api(), call, [record!.id]))
    expect(error).to.include({kind: 'FAILED', code: 'unexpected_answer'})
    expect(error.message).to.contain('it is about another database: books')
  })

  it('more ids than a request takes are looked up in several', async () => {
    const records = fresh(...Array.from({length: 3}, () => ({})))
    await send(records)
    const many = [...Array.from({length: 8189}, (_, index) => BigInt(10 ** 9 + index)), ...records.map(({id}) => id)]
    const sizes: number[] = []
    proxy.edit = (operation, rows) => {
      expect(operation).to.equal('lookup_transfers')
      sizes.push(rows.length)
      return rows
    }
    const found = await lookUpRecords(api(), {operation: 'create_transfers', database: database()}, many)
    expect([...found.keys()]).to.deep.equal(records.map(({id}) => id))
    expect(sizes).to.deep.equal([0, 3])
  })
})
