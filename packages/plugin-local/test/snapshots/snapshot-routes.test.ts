import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {encodeHistory} from '../../src/history.js'
import {callApi, makeKey, useApi} from '../support/api.js'

describe('snapshots and histories of the local service', () => {
  const api = useApi()
  const local = (method: string, path: string, body?: object | Uint8Array, key?: string | null) => {
    const bytes = body instanceof Uint8Array
    return callApi(
      api.service,
      method,
      `/local${path}`,
      bytes || body === undefined ? (body as Uint8Array) : JSON.stringify(body),
      {
        ...(key !== undefined && {key}),
        ...(bytes && {headers: {'content-type': 'application/octet-stream'}}),
      },
    )
  }
  const account = (id: number) => ({id: String(id), ledger: 700, code: 10})
  const transfer = (id: number, more = {}) => ({
    ...{id: String(id), debit_account_id: '1', credit_account_id: '2', amount: '5', ledger: 700, code: 1},
    ...more,
  })
  const create = async (database: string, what: 'accounts' | 'transfers', rows: object[]) => {
    const {status, text} = await api.operate(database, `create_${what}`, JSON.stringify(rows))
    expect(status, text).to.equal(200)
  }
  const ids = async (database: string) => {
    const {json} = await api.operate(database, 'query_transfers', '{}')
    return (json.responsePayload as {id: string}[]).map(({id}) => id)
  }
  const filled = async (name: string) => {
    const database = await api.makeDatabase(name)
    await create(database, 'accounts', [account(1), account(2)])
    await create(database, 'transfers', [transfer(1)])
    return database
  }

  it('a database goes back to what it had, and continues from there; the others are left alone', async () => {
    const [one, other] = [await filled('one'), await filled('other')]
    expect((await local('POST', '/snapshots', {name: 'first', databaseId: one})).status).to.equal(201)
    for (const database of [one, other]) await create(database, 'transfers', [transfer(2), transfer(3)])
    expect((await local('POST', '/snapshots/first/restore')).status).to.equal(200)
    expect([await ids(one), await ids(other)]).to.deep.equal([['1'], ['1', '2', '3']])
    // Ids that were used since are free again.
    await create(one, 'transfers', [transfer(3)])
    expect(await ids(one)).to.deep.equal(['1', '3'])
  })

  it('snapshots can be restored in any order, also after a restart', async () => {
    const database = await filled('orders')
    for (const id of [2, 3, 4]) {
      await create(database, 'transfers', [transfer(id)])
      expect((await local('POST', '/snapshots', {name: `at-${id}`, databaseId: database})).status).to.equal(201)
    }
    const restored = async (id: number) => {
      expect((await local('POST', `/snapshots/at-${id}/restore`)).status).to.equal(200)
      return ids(database)
    }
    expect(await restored(2)).to.deep.equal(['1', '2'])
    expect(await restored(4)).to.deep.equal(['1', '2', '3', '4'])
    await api.restart()
    expect(await restored(3)).to.deep.equal(['1', '2', '3'])
    expect(await restored(4)).to.deep.equal(['1', '2', '3', '4'])
  })

  it('a restore in the middle of payments leaves whole requests, and the payments go on', async () => {
    const database = await filled('busy')
    await local('POST', '/snapshots', {name: 'busy', databaseId: database})
    let stop = false
    const pay = async (first: number) => {
      for (let id = first; !stop; id += 10) {
        const rows = [transfer(id, {flags: 1}), transfer(id + 1)]
        const {status} = await api.operate(database, 'create_transfers', JSON.stringify(rows))
        expect(status).to.equal(200)
      }
    }
    const payers = [1000, 100_001 * 10, 200_001 * 10].map(pay)
    for (let round = 0; round < 8; round++) {
      expect((await local('POST', '/snapshots/busy/restore')).status).to.equal(200)
      expect((await local('POST', '/snapshots', {name: 'later', databaseId: database, replace: true})).status).to.equal(
        201,
      )
      expect((await local('POST', '/snapshots/busy/restore')).status).to.equal(200)
      expect((await local('POST', '/snapshots/later/restore')).status).to.equal(200)
    }
    stop = true
    await Promise.all(payers)
    const found = new Set(await ids(database))
    for (const id of found) if (id !== '1') expect(found.has(String(Number(id) ^ 1)), id).to.equal(true)
  })

  it('they are listed and removed; a name is used once, unless it is to be replaced', async () => {
    const database = await filled('named')
    expect((await local('POST', '/snapshots', {name: 'named', databaseId: database})).status).to.equal(201)
    expect((await local('POST', '/snapshots', {name: 'named', databaseId: database})).status).to.equal(409)
    expect((await local('POST', '/snapshots', {name: 'named', databaseId: database, replace: true})).status).to.equal(
      201,
    )
    const {json} = await local('GET', '/snapshots')
    expect(json.snapshots.find(({name}: {name: string}) => name === 'named')).to.include({
      database: 'named',
      databaseId: database,
    })
    expect((await local('DELETE', '/snapshots/named')).status).to.equal(200)
    expect((await local('DELETE', '/snapshots/named')).status).to.equal(404)
    expect((await local('POST', '/snapshots/named/restore')).status).to.equal(404)
    const directory = join(api.dataDir, 'snapshots')
    const organizations = readdirSync(directory)
    expect(readdirSync(join(directory, organizations[0]!))).not.to.include('named')
  })

  it('names that are paths, other organizations and keys that may only read are refused', async () => {
    const database = await filled('guarded')
    await local('POST', '/snapshots', {name: 'guarded', databaseId: database})
    for (const name of ['../x', 'a/b', '.hidden', '', 'x'.repeat(65), 'a b'])
      expect((await local('POST', '/snapshots', {name, databaseId: database})).status, name).to.equal(422)
    expect((await local('POST', '/snapshots/..%2F..%2Fx/restore')).status).to.equal(404)
    const person = {email: 'eve@elsewhere.example', organization: 'Elsewhere'}
    const foreign = await makeKey(api.service, {access: 'write', person})
    expect((await local('POST', '/snapshots', {name: 'theirs', databaseId: database}, foreign)).status).to.equal(404)
    expect((await local('POST', '/snapshots/guarded/restore', undefined, foreign)).status).to.equal(404)
    expect((await local('GET', '/snapshots', undefined, foreign)).json.snapshots).to.deep.equal([])
    const reader = await makeKey(api.service, {access: 'read'})
    expect((await local('POST', '/snapshots/guarded/restore', undefined, reader)).status).to.equal(403)
    const narrow = await makeKey(api.service, {access: 'write', databaseId: database})
    expect((await local('GET', '/snapshots', undefined, narrow)).status).to.equal(403)
    expect((await local('GET', '/snapshots', undefined, null)).status).to.equal(401)
  })

  it('history is taken over at its own times; rows that are not by the rules are named', async () => {
    const made = await local('POST', '/databases', {name: 'copied'})
    expect(made.status, made.text).to.equal(201)
    const {id} = made.json.database as {id: string}
    const accounts = [1, 2].map((n) => ({...account(n), timestamp: BigInt(n)}))
    const transfers = [transfer(1, {timestamp: 10n}), transfer(2, {timestamp: 20n})]
    expect((await local('POST', `/databases/${id}/history`, encodeHistory({accounts, transfers}))).status).to.equal(200)
    const again = await local('POST', `/databases/${id}/history`, encodeHistory({accounts, transfers}))
    expect([again.status, again.json.type]).to.deep.equal([409, 'https://parix.io/problems/history-refused'])
    const wrong = [transfer(3, {timestamp: 30n, credit_account_id: 99})]
    const refused = await local('POST', `/databases/${id}/history`, encodeHistory({accounts: [], transfers: wrong}))
    expect(refused.json.errors).to.deep.equal(['transfer 3: credit_account_not_found'])
    for (const body of [
      new Uint8Array(15),
      new Uint8Array(16 + 127),
      Uint8Array.of(9, 0, 0, 0, ...new Uint8Array(140)),
    ])
      expect((await local('POST', `/databases/${id}/history`, body)).status).to.equal(422)
    expect((await api.operate(id, 'query_transfers', '{}')).status, 'not ready').to.equal(503)
    expect((await local('POST', `/databases/${id}/ready`)).status).to.equal(200)
    const {json} = await api.operate(id, 'query_transfers', '{}')
    expect(json.responsePayload.map((row: {timestamp: string}) => row.timestamp)).to.deep.equal(['10', '20'])
    expect(
      (await local('POST', `/databases/${id}/history`, encodeHistory({accounts: [], transfers: []}))).status,
    ).to.equal(409)
    expect((await local('POST', `/databases/${id}/ready`)).status).to.equal(409)
    expect((await local('POST', '/databases', {name: 'copied'})).status).to.equal(409)
  })
})
