import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, on, refused, rows, sent} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb create-accounts', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('create-accounts: by flags and as JSON; what is wrong is reported before sending', () =>
    withService(async (service) => {
      on(service, 'create_accounts', rows('create_accounts', [{index: 0, result: 'created', timestamp: '5'}]))
      const {stdout} = await tb(
        `create-accounts ${BOOKS} --id 1 --ledger 700 --code 10 --flag history,debits_must_not_exceed_credits`,
        {home, service},
      )
      expect(stdout).to.match(/1 +700 +10 +debits_must_not_exceed_credits history +created/)
      await tb(
        [
          'create-accounts',
          BOOKS,
          '--payload',
          '{"id": "0xff", "ledger": 700, "code": 10, "userData128": 12, "flags": ["history"]}',
        ],
        {home, service},
      )
      expect(sent(service, 'create_accounts')).to.deep.equal([
        '[{"id":"1","ledger":700,"code":10,"flags":10}]',
        '[{"id":"255","user_data_128":"12","ledger":700,"code":10,"flags":8}]',
      ])
      for (const [words, sentence] of [
        [
          '--ledger 1 --code 1 --flag debits_must_not_exceed_credits --flag credits_must_not_exceed_debits',
          'exclude each other',
        ],
        ['--ledger 0 --code 1', '--ledger must not be 0'],
        ['--ledger 1 --code 1 --flag imported', 'brings its own'],
        ['--ledger 1 --code 1 --flag pending', '"pending" is a flag of transfers'],
      ]) {
        const result = await tb(`create-accounts ${BOOKS} --id 5 ${words}`, {home, service})
        expect(result.code, words).to.equal(2)
        expect(result.stderr, words).to.contain(sentence)
      }
      const file = '[{"id": 1, "ledger": 1, "code": 1, "credits_posted": 5}, {"id": 1, "ledger": 1, "code": 1}]'
      const {stderr} = await tb(`create-accounts ${BOOKS} --file -`, {home, service, stdin: file})
      expect(stderr)
        .to.contain('stdin item 1: credits_posted must be 0')
        .and.to.contain('stdin item 2: id is 1, the same as stdin item 1: id')
      expect(sent(service, 'create_accounts')).to.have.length(2)
    }))

  it('an account that was closed since is still the same account', () =>
    withService(async (service) => {
      on(service, 'create_accounts', refused({index: 0, result: 'exists_with_different_flags', code: 15}))
      on(
        service,
        'lookup_accounts',
        rows('lookup_accounts', [account({flags: 32})]),
        rows('lookup_accounts', [account({flags: 8})]),
      )
      const words = `create-accounts ${BOOKS} --id 1 --ledger 1 --code 1`
      expect((await tb(words, {home, service})).code).to.equal(0)
      expect((await tb(words, {home, service})).code).to.equal(6)
    }))
})
