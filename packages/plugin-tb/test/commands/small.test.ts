import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, created, on, refused, rows, sent} from '../support/answers.js'
import {tb} from '../support/tb.js'

describe('parix tb: the small commands', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('id: rising ids of this moment', async () => {
    const before = BigInt(Date.now())
    const {stdout} = await tb('id --count 3', {home})
    const ids = stdout.trimEnd().split('\n').map(BigInt)
    expect(ids).to.have.length(3)
    expect(ids[0]! >> 80n >= before && ids[0]! < ids[1]! && ids[1]! < ids[2]!).to.equal(true)
    expect((await tb('id --json', {home})).json().ids).to.have.length(1)
  })

  it('explain: by name, by number, for one kind; says whether the id is used up', async () => {
    const {stdout} = await tb('explain exceeds_credits', {home})
    expect(stdout).to.contain('exceeds_credits (54, of transfers)').and.to.contain('used up for good')
    expect((await tb('explain 21 --json', {home})).json().results.map(({name}: {name: string}) => name)).to.deep.equal([
      'exists',
      'debit_account_not_found',
    ])
    expect((await tb('explain 21 --for account', {home})).stdout).to.match(/^exists \(21, of accounts\)/)
    expect((await tb('explain CreateTransferStatus.idAlreadyFailed', {home})).stdout).to.match(
      /^id_already_failed \(68/,
    )
    const typo = await tb('explain exceed_credit', {home})
    expect(typo.code).to.equal(2)
    expect(typo.stderr).to.contain('Did you mean exceeds_credits')
    expect((await tb('explain', {home})).stdout).to.match(/^RESULT +ACCOUNTS +TRANSFERS\n/)
  })

  it('post and void: all of it or a part, from the default database as well', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'))
      const posted = await tb(`post ${BOOKS} 2000 --id 5`, {home, service})
      expect(posted.stdout, 'not 2^128 − 1, which nobody asked for').to.match(/^ 5 +- +- +all +post_pending_transfer/m)
      await tb('post 2000 --id 6 --amount 150', {home, service, env: {PARIX_DATABASE: BOOKS}})
      const voided = await tb(`void ${BOOKS} 2000 --id 7`, {home, service})
      expect(voided.stdout).to.match(/^ 7 +- +- +all +void_pending_transfer/m)
      expect(sent(service, 'create_transfers')).to.deep.equal([
        '[{"id":"5","amount":"340282366920938463463374607431768211455","pending_id":"2000","flags":4}]',
        '[{"id":"6","amount":"150","pending_id":"2000","flags":4}]',
        '[{"id":"7","amount":"0","pending_id":"2000","flags":8}]',
      ])
      const {code, stderr} = await tb(`post ${BOOKS} 2000`, {home, service})
      expect(code).to.equal(0)
      expect(stderr).to.match(/^Transfer \d{37} \(generated id\)/)
      expect((await tb(`post ${BOOKS} 5 --id 5`, {home, service})).code).to.equal(2)
      expect((await tb(`void ${BOOKS} 0`, {home, service})).code).to.equal(2)
    }))

  it('a refused post shows what is pending', () =>
    withService(async (service) => {
      on(service, 'create_transfers', refused({index: 0, result: 'exceeds_pending_transfer_amount', code: 31}))
      on(
        service,
        'lookup_transfers',
        rows('lookup_transfers', [
          {id: '2000', debit_account_id: '1', credit_account_id: '2', amount: '100', flags: 2},
        ]),
      )
      const {code, stderr} = await tb(`post ${BOOKS} 2000 --amount 150`, {home, service})
      expect(code).to.equal(6)
      expect(stderr).to.contain('Pending transfer 2000 holds 100, from 1 to 2; 150 was asked for.')
    }))

  it('create-accounts: by flags and as JSON; what is wrong is told before sending', () =>
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

  describe('outbox', () => {
    it('list, show, resume and forget what has no answer', () =>
      withService(async (service) => {
        on(service, 'create_transfers', {drop: true})
        const env = {PARIX_RETRY_FOR: '1ms'}
        for (const id of [8, 9]) {
          const words = `create-transfers ${BOOKS} --id ${id} --from 1 --to 2 --amount 5 --ledger 1 --code 1`
          expect((await tb(words, {home, service, env})).code).to.equal(75)
        }
        const {entries} = (await tb('outbox list --json', {home})).json()
        expect(entries.map(({firstId, held}: {firstId: string; held: boolean}) => [firstId, held])).to.deep.equal([
          ['8', false],
          ['9', false],
        ])
        expect(entries[0].failedAttempts).to.be.greaterThan(0)
        expect((await tb('outbox list', {home})).stdout).to.contain(`${entries[0].id}  create transfers`)
        const shown = await tb(`outbox show ${entries[0].id}`, {home})
        expect(shown.stdout).to.contain('"debit_account_id": "1"')
        const unconfirmed = await tb(`outbox forget ${entries[1].id}`, {home})
        expect(unconfirmed.code).to.equal(2)
        expect((await tb(`outbox forget ${entries[1].id} --confirm wrong`, {home})).code).to.equal(2)
        const forgotten = await tb(`outbox forget ${entries[1].id} --confirm ${entries[1].id} --json`, {home})
        expect(forgotten.json()).to.deep.equal({forgotten: entries[1].id, ids: ['9']})
        on(service, 'create_transfers', created('exists'))
        const resumed = await tb(`outbox resume ${entries[0].id}`, {home, service})
        expect(resumed.code).to.equal(0)
        expect(resumed.stdout).to.match(/8 +1 +2 +5 +- +already there/)
        expect((await tb('outbox list', {home})).stderr).to.contain('The outbox is empty')
        expect((await tb(`outbox resume ${entries[0].id}`, {home, service})).code).to.equal(3)
        expect((await tb('outbox resume', {home, service})).stderr).to.contain('nothing to resume')
      }))

    it('an entry goes to the service that it was made for, and an API key to no other than the one in force', () =>
      withService(async (service) => {
        on(service, 'create_transfers', {drop: true})
        const words = `create-transfers ${BOOKS} --id 8 --from 1 --to 2 --amount 5 --ledger 1 --code 1`
        await tb(words, {home, service, env: {PARIX_RETRY_FOR: '1ms'}})
        const {entries} = (await tb('outbox list --json', {home})).json()
        const other = await tb(`outbox resume ${entries[0].id}`, {home, env: {PARIX_BASE_URL: 'http://localhost:9'}})
        expect(other.code).to.equal(2)
        expect(other.stderr).to.contain(`--base-url ${service.baseUrl}`)
        on(service, 'create_transfers', created('created'))
        const right = await tb(`outbox resume ${entries[0].id} --base-url ${service.baseUrl}`, {home})
        expect(right.code).to.equal(0)
      }))
  })
})
