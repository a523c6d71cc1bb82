import {join} from 'node:path'
import {formatTimestamp} from '@parix/kit/timestamps'
import {openLedger, openMemoryLedger} from '@parix/ledger'
import {parix, withHome} from '@parix/testkit'
import {expect} from 'chai'
import {realDisk} from '../../../ledger/src/store/log.js'
import {askLedger, canonical} from '../../../ledger/test/conversation.js'
import {type Dump, dump} from '../../../ledger/test/dump.js'
import {firstAccounts, makeWorld, type Request, randomRequest} from '../../../ledger/test/random-events.js'
import {useApi} from '../support/api.js'

/** So many random transfers are forked; 100,000 take a minute or two. */
const TRANSFERS = Number(process.env.FORK_TRANSFERS ?? 2000)

describe('parix local fork', function () {
  this.timeout(900_000)
  const api = useApi()
  const directoryOf = (id: string) => join(api.dataDir, 'ledgers', id)

  /** What is on disk: the service may have the ledger open. */
  async function stored(id: string): Promise<Dump> {
    const ledger = await openMemoryLedger({copyOf: {directory: directoryOf(id)}})
    await ledger.expirePendingTransfers()
    return dump(ledger)
  }

  /** A database with random transfers: holds that run out, are posted and voided, chains, closings, refusals. */
  async function randomDatabase(name: string, seed: number, transfers: number): Promise<{id: string; middle: bigint}> {
    const id = await api.makeDatabase(name)
    const world = {...makeWorld(seed), imports: false, accounts: 40, now: 1_700_000_000_000_000_000n}
    const disk = {...realDisk, sync: async () => {}}
    const ledger = await openLedger({directory: directoryOf(id), now: () => world.now, create: false, disk})
    let middle = 0n
    let epoch = -1n
    for (let created = 0; created < transfers; ) {
      // Accounts are closed and their balances run full: every thousand transfers others take their place.
      if (BigInt(Math.floor(created / 1000)) > epoch) await askLedger(ledger, shifted(firstAccounts(world), ++epoch))
      const request = shifted(randomRequest(world), epoch)
      await ledger.expirePendingTransfers()
      const results = (await askLedger(ledger, request)) as {status: number}[]
      if (request.op === 'createTransfers') created += results.filter(({status}) => status === 0xffffffff).length
      if (created < transfers / 2) middle = world.now
      // The generator looks at what it has sent: without an end that takes longer and longer.
      if (world.sentTransfers.length > 500) world.sentTransfers.splice(0, 400)
      if (world.sentAccounts.length > 500) world.sentAccounts.splice(0, 400)
    }
    await ledger.close()
    return {id, middle}
  }

  const fork = async (words: string, env: Record<string, string> = {}) =>
    withHome(async (home) => {
      const variables = {PARIX_BASE_URL: api.service.baseUrl, PARIX_API_KEY: api.service.apiKey, ...env}
      const all = [...`local fork ${words}`.split(' '), '--data-dir', api.dataDir, '--json']
      const {code, stdout, stderr} = await parix(all, {home, env: variables, timeoutMs: 900_000})
      return {code, stderr, json: JSON.parse(stdout)}
    })

  it(`a fork of ${TRANSFERS} random transfers equals the original, row by row and balance by balance`, async () => {
    const {id} = await randomDatabase('random', Number(process.env.FORK_SEED ?? 7), TRANSFERS)
    const {code, stderr, json} = await fork('random')
    expect(code, stderr).to.equal(0)
    const [original, copy] = [await stored(id), await stored(json.database.id)]
    expect(json).to.deep.include({accounts: original.accounts.length, transfers: original.transfers.length})
    expect(copy.transfers.length).to.be.at.least(TRANSFERS)
    expect(canonical(copy.accounts)).to.equal(canonical(original.accounts))
    for (const [index, row] of original.transfers.entries())
      if (canonical(row) !== canonical(copy.transfers[index]))
        expect(canonical(copy.transfers[index])).to.equal(canonical(row))
    expect(canonical([...copy.balances])).to.equal(canonical([...original.balances]))
    const seen = new Set(original.transfers.map(({flags, timeout}) => `${flags & 14} ${timeout > 0}`))
    expect([...seen]).to.include.members(['2 true', '2 false', '4 false', '8 false', '0 false'])
  })

  it('--at gives the rows up to a moment, and nothing that came later', async () => {
    const {id, middle} = await randomDatabase('past', 11, 300)
    const {json, stderr} = await fork(`past --as before --at ${formatTimestamp(middle)}`)
    expect(json.until, stderr).to.be.a('string')
    const [original, copy] = [await stored(id), await stored(json.database.id)]
    const past = original.transfers.filter(({timestamp}) => timestamp <= middle)
    expect(past.length).to.be.within(50, 250)
    expect(canonical(copy.transfers)).to.equal(canonical(past))
  })

  it('--anonymize keeps amounts, times and who pays whom, and none of the ids and user data', async () => {
    const {id} = await randomDatabase('private', 5, 300)
    const {json, stderr} = await fork('private --anonymize')
    expect(json.anonymized, stderr).to.equal(true)
    const [original, copy] = [await stored(id), await stored(json.database.id)]
    const ids = new Map(original.accounts.map((account, index) => [account.id, copy.accounts[index]!.id]))
    expect(new Set(ids.values()).size).to.equal(ids.size)
    for (const [before, after] of ids) expect(after).not.to.equal(before)
    for (const [index, row] of original.transfers.entries()) {
      const other = copy.transfers[index]!
      const {amount, timestamp, ledger, code, flags, timeout} = row
      expect(other).to.include({amount, timestamp, ledger, code, flags, timeout})
      expect(other.debit_account_id).to.equal(ids.get(row.debit_account_id))
      expect(other.credit_account_id).to.equal(ids.get(row.credit_account_id))
      expect(other.id).not.to.equal(row.id)
      expect(other.user_data_128 === 0n).to.equal(row.user_data_128 === 0n)
      if (row.user_data_128 !== 0n) expect(other.user_data_128).not.to.equal(row.user_data_128)
    }
    const balances = (rows: Dump['accounts']) =>
      rows.map(({debits_posted, credits_posted, debits_pending}) => [debits_posted, credits_posted, debits_pending])
    expect(canonical(balances(copy.accounts))).to.equal(canonical(balances(original.accounts)))
  })

  it('a database of the local service itself, where no other service is in use; an empty one, too', async () => {
    await api.makeDatabase('empty')
    const {code, json, stderr} = await fork('empty --as still-empty', {PARIX_BASE_URL: '', PARIX_API_KEY: ''})
    expect(code, stderr).to.equal(0)
    expect(json).to.include({accounts: 0, transfers: 0, until: null})
  })

  it('a name that is taken and a database that does not exist are refused, and nothing is left behind', async () => {
    await api.makeDatabase('taken')
    expect((await fork('taken --as taken')).code).to.equal(6)
    expect((await fork('nothing-here')).code).to.equal(3)
    const {json} = await api.call('GET', '/databases?search=nothing')
    expect(json.databases).to.deep.equal([])
  })
})

const ID_MAX = 2n ** 128n - 1n

/** The same request about the accounts of another epoch. */
function shifted(request: Request, epoch: bigint): Request {
  const shift = (id: bigint) => (id === 0n || id === ID_MAX ? id : id + (epoch << 100n))
  if (request.op === 'createAccounts')
    return {...request, events: request.events.map((event) => ({...event, id: shift(event.id)}))}
  if (request.op !== 'createTransfers') return request
  return {
    ...request,
    events: request.events.map((event) => ({
      ...event,
      debit_account_id: shift(event.debit_account_id),
      credit_account_id: shift(event.credit_account_id),
    })),
  }
}
