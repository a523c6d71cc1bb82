import {makeHome, type RecordingService, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, on, rows, sent} from '../support/answers.js'
import {tb} from '../support/tb.js'

const CSV = 'id,debit_account_id,credit_account_id,amount,ledger,code\n7,1,2,5,700,1\n'

describe('an import is continued at the ledger that it began at, and at no other', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
    home.write('t.csv', CSV)
  })
  afterEach(() => home.remove())

  function responds(service: RecordingService, ledgerId: string): void {
    on(
      service,
      'create_transfers',
      rows('create_transfers', [{index: 0, result: 'created', timestamp: '7'}], {ledgerId}),
    )
    for (const lookup of ['lookup_accounts', 'lookup_transfers']) on(service, lookup, rows(lookup, [], {ledgerId}))
    service.answer('GET', '/api/v1/databases', {
      json: {ok: true, databases: [{id: BOOKS, name: 'books', status: 'READY', ledgerId}]},
    })
  }

  for (const database of ['books', BOOKS]) {
    it(`a finished one is not said to be in another ledger (${database})`, () =>
      withService(async (service) => {
        const words = `import transfers t.csv ${database} --json`
        responds(service, 'ledger-1')
        expect((await tb(words, {home, service})).code).to.equal(0)
        responds(service, 'ledger-2')
        const other = await tb(words, {home, service})
        expect(other.code).to.equal(6)
        expect(other.json().error).to.include({code: 'other_ledger', retryable: false})
        expect(other.json().error.next[0]).to.match(/^parix tb import show \w+$/)
        expect(sent(service, 'create_transfers')).to.have.length(1)
        expect((await tb(`${words} --restart`, {home, service})).code).to.equal(0)
        expect(sent(service, 'create_transfers')).to.have.length(2)
      }))
  }

  it('one without a response is not sent to another, also where nothing ever had a response', () =>
    withService(async (service) => {
      responds(service, 'ledger-1')
      on(service, 'create_transfers', {drop: true})
      const lost = await tb('import transfers t.csv books --retry-for 1ms', {home, service})
      expect(lost.code, lost.stderr).to.equal(75)
      const calls = sent(service, 'create_transfers').length
      responds(service, 'ledger-2')
      expect((await tb('import transfers t.csv books', {home, service})).code).to.equal(6)
      expect(sent(service, 'create_transfers')).to.have.length(calls)
      responds(service, 'ledger-1')
      expect((await tb('import transfers t.csv books', {home, service})).code).to.equal(0)
    }))
})
