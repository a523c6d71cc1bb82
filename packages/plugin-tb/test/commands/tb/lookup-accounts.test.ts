import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, on, problem, rows, sent} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb lookup-accounts', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('take ids in every form, 128 bits exact, and show the columns people look for', () =>
    withService(async (service) => {
      const big = '340282366920938463463374607431768211454'
      const row = account({id: big, credits_posted: big, flags: 10, user_data_128: big})
      on(service, 'lookup_accounts', rows('lookup_accounts', [row]))
      const words = ['lookup-accounts', BOOKS, '--id', big, '--ids', `1_000, 0xff`, '--file', '-']
      const {stdout, stderr, code} = await tb(words, {
        home,
        service,
        stdin: `[9007199254740993, "7", {"id": ${big}}]`,
      })
      expect(code).to.equal(0)
      expect(sent(service, 'lookup_accounts')).to.deep.equal([
        `["${big}","1000","255","9007199254740993","7","${big}"]`,
      ])
      expect(stdout).to.match(/^ +ID +LEDGER +CODE +DEBITS +DEBITS PENDING +CREDITS +CREDITS PENDING +FLAGS +CREATED\n/)
      expect(stdout).to.contain(`${big}`).and.to.contain('debits_must_not_exceed_credits history')
      expect(stderr).to.contain('Not in 11111111-2222-4333-8444-555555555555: 1000, 255, 9007199254740993, 7')
      const json = (await tb(['lookup-accounts', BOOKS, '--id', big, '--json'], {home, service})).json()
      expect(json.responsePayload[0]).to.include({id: big, credits_posted: big, user_data_128: big, ledger: 1})
    }))

  it('a response to another request is an error, not an empty result', () =>
    withService(async (service) => {
      for (const [script, sentence] of [
        [{json: null}, 'is not what its contract says'],
        [{json: []}, 'is not what its contract says'],
        [{json: {}}, 'is not what its contract says'],
        [{status: 204}, 'is not what its contract says'],
        [rows('lookup_accounts', {}), 'is not what its contract says'],
        [rows('lookup_accounts', [null]), 'is not what its contract says'],
        [rows('lookup_accounts', [account({})], {ok: false, message: 'No.'}), 'ok'],
        [rows('lookup_transfers', []), 'another operation: lookup_transfers'],
        [rows('lookup_accounts', [], {databaseId: BOOKS.replace('1', '9')}), 'about another database'],
      ] as const) {
        on(service, 'lookup_accounts', script)
        const {code, stdout, stderr} = await tb(`lookup-accounts ${BOOKS} --id 1`, {home, service})
        expect({code, stdout}, JSON.stringify(script)).to.deep.equal({code: 75, stdout: ''})
        expect(stderr, JSON.stringify(script)).to.contain(sentence)
      }
    }))

  it('flaw 16: a stub is not a ledger', () =>
    withService(async (service) => {
      on(service, 'lookup_accounts', rows('lookup_accounts', [account({})], {mode: 'stub', persisted: false}))
      const {code, stdout, stderr} = await tb(`lookup-accounts ${BOOKS} --id 1`, {home, service})
      expect({code, stdout}).to.deep.equal({code: 1, stdout: ''})
      expect(stderr).to.contain('NOTHING WAS STORED OR READ')
    }))

  it('an id that turns out not to be the id of a database is looked for among the names', () =>
    withService(async (service) => {
      service.answer('GET', '/api/v1/databases', {
        json: {ok: true, databases: [{id: BOOKS, name: 'db_books', status: 'READY'}]},
      })
      service.answer('POST', '/api/v1/databases/db_books/tb/lookup_accounts', problem(404, 'not-found'))
      on(service, 'lookup_accounts', rows('lookup_accounts', [account({})]))
      expect((await tb('lookup-accounts db_books --id 1', {home, service})).code).to.equal(0)
    }))
})
