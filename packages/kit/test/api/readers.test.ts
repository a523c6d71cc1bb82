import type {Reader} from '@parix/kit/api'
import {
  readCatalog,
  readChecked,
  readCreatedDatabase,
  readDatabaseInfo,
  readDatabaseList,
  readOperation,
  readRemovedDatabase,
  readSession,
  readUserinfo,
} from '@parix/kit/api'
import {isParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import fc from 'fast-check'
import {thrown} from '../thrown.js'

const URL_ASKED = new URL('https://parix.io/api/v1/databases')

function read<T>(body: string, reader: Reader<T>): T {
  return readChecked({status: 200, headers: {}, url: URL_ASKED, body: Buffer.from(body)}, reader)
}

/** Each reader, and the least that it takes. */
const READERS: Record<string, [Reader<unknown>, unknown]> = {
  readDatabaseList: [readDatabaseList, {databases: [{id: 'db_1', name: 'books'}]}],
  readDatabaseInfo: [readDatabaseInfo, {database: {id: 'db_1', name: 'books'}}],
  readCatalog: [readCatalog, {catalog: {providers: [], clusterConfigs: [], clusterSizes: [], storageTiers: []}}],
  readRemovedDatabase: [readRemovedDatabase, {status: 'queued'}],
  readUserinfo: [readUserinfo, {sub: 'u'}],
  readOperation: [readOperation, {responsePayload: []}],
}

describe('the readers of responses', () => {
  for (const [name, [reader, least]] of Object.entries(READERS)) {
    for (const body of ['', 'null', '{}', '[]', '""', '0', 'true', '{"ok":true}', '{"databases":null}', '[{}]']) {
      it(`${name}: ${JSON.stringify(body)} is not a response of the contract, in words and with 75`, async () => {
        const error = await thrown(() => read(body, reader))
        expect(error).to.include({kind: 'UNAVAILABLE', exitCode: 75, code: 'unreadable_answer'})
        expect(error.message).to.match(/^A response of https:\/\/parix\.io is not what its contract says \(.*\): .+\.$/)
      })
    }

    it(`${name}: optional fields may be missing, null, or of another type`, () => {
      expect(() => read(JSON.stringify(least), reader)).not.to.throw()
      fc.assert(
        fc.property(fc.dictionary(fc.constantFrom(...OPTIONAL), fc.jsonValue({maxDepth: 2})), (fields) => {
          expect(() => read(JSON.stringify({...fields, ...(least as object)}), reader)).not.to.throw()
        }),
      )
    })

    it(`${name}: unknown fields are kept`, () => {
      if (reader === readUserinfo) return
      expect(read(JSON.stringify({...(least as object), later: {a: 1}}), reader)).to.deep.include({later: {a: 1}})
    })
  }

  it('an "ok" that is null is not a success, whatever else is in the body', () => {
    expect(() => readSession({ok: null, auth: {user: {id: 'u'}}})).to.throw(/"ok" is null/)
    expect(readSession({auth: null})).to.deep.equal({})
  })

  it('an "auth" that is not an object names nobody: it is an error, not a session without an organization', () => {
    for (const auth of ['y', 7, true, []]) expect(() => readSession({auth})).to.throw(/"auth" is not an object/)
  })

  it('whatever JSON comes, a reader gives a value or an error in words, never an error of JavaScript', () => {
    const readers = [...Object.values(READERS).map(([reader]) => reader), readSession, readCreatedDatabase]
    const shaped = fc.dictionary(fc.constantFrom(...OPTIONAL, ...REQUIRED), fc.jsonValue({maxDepth: 4}))
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), shaped), (body) => {
        for (const reader of readers) {
          try {
            read(JSON.stringify(body), reader)
          } catch (error) {
            if (!isParixError(error)) throw error
            expect(error.code).to.equal('unreadable_answer')
          }
        }
      }),
      {numRuns: 300},
    )
  })

  it('a success that says it failed is not one, and its words are shown, cleaned', async () => {
    for (const failed of [{ok: false}, {success: false}]) {
      const body = {...failed, databases: [], message: 'ledger \u001b[31mdown'}
      const error = await thrown(() => read(JSON.stringify(body), readDatabaseList))
      expect(error.message).to.include('it says that the request failed: ledger \\u001b[31mdown')
    }
  })

  it('a row without an id or a name makes the whole list unusable: none is silently left out', async () => {
    for (const row of [{id: 'db_1'}, {name: 'books'}, {id: '', name: 'x'}, {id: 7, name: 'x'}, null, 'books']) {
      const error = await thrown(() => read(JSON.stringify({databases: [{id: 'a', name: 'a'}, row]}), readDatabaseList))
      expect(error.message).to.include('databases[1]')
    }
  })

  it('a field that is not text is null, never [object Object]', () => {
    const [row] = read('{"databases":[{"id":"a","name":"a","status":{"x":1},"region":5}]}', readDatabaseList).databases
    expect(row).to.deep.equal({id: 'a', name: 'a', status: null, region: null})
  })

  it('what was not created, and why, is read from the body: success false and a bill are not errors of shape', () => {
    const body = {success: false, message: 'pay first', billing: {code: 'x', message: 'y', checkoutUrl: null}}
    expect(read(JSON.stringify(body), readCreatedDatabase)).to.deep.include(body)
  })
})

const OPTIONAL = ['message', 'provider', 'region', 'profile', 'latestProvisionJob', 'metricsSummary', 'gatewayUrl', 'x']
const REQUIRED = ['database', 'databases', 'catalog', 'auth', 'status', 'sub', 'responsePayload', 'billing', 'ok']
