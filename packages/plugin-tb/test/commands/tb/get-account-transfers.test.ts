import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, on, rows, sent, transfer} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb get-account-transfers', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('flaw 5: debits and credits are the default, also when only reversed is given', () =>
    withService(async (service) => {
      for (const operation of ['get_account_transfers', 'get_account_balances']) {
        on(service, operation, rows(operation, [transfer({})]))
        const command = operation.replaceAll('_', '-')
        await tb(`${command} ${BOOKS} --account-id 1`, {home, service})
        await tb(`${command} ${BOOKS} --account-id 1 --flag reversed`, {home, service})
        await tb(`${command} ${BOOKS} --account-id 1 --flag debits`, {home, service})
        await tb([command, BOOKS, '--payload', '{"account_id": 1}'], {home, service})
        expect(sent(service, operation).map((body) => JSON.parse(body).flags)).to.deep.equal([3, 7, 1, 3])
      }
    }))

  it('an account that does not exist: exit code 3, from every command that reads by account', () =>
    withService(async (service) => {
      for (const operation of ['get_account_balances', 'get_account_transfers', 'lookup_accounts']) {
        on(service, operation, rows(operation, []))
      }
      for (const words of [
        `get-account-balances ${BOOKS} --account-id 42`,
        `get-account-balances ${BOOKS} --account-id 42 --all`,
        `get-account-transfers ${BOOKS} --account-id 42`,
        `get-account-transfers ${BOOKS} --account-id 42 --all`,
        `pending ${BOOKS} --account 42`,
        `balance ${BOOKS} 42`,
        `balance ${BOOKS} 42 --at yesterday`,
        `lookup-accounts ${BOOKS} --id 42`,
      ]) {
        const {code, stdout, stderr} = await tb(words, {home, service})
        expect({code, stdout}, words).to.deep.equal({code: 3, stdout: ''})
        expect(stderr, words).to.contain('There is no account 42 in ')
        const {error} = (await tb(`${words} --json`, {home, service})).json()
        expect(error, words).to.include({code: 'account_not_found', exitCode: 3})
      }
    }))
})
