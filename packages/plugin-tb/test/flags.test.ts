import {withHome} from '@parix/testkit'
import {expect} from 'chai'
import {tb} from './support/tb.js'

describe('flags of parix tb', () => {
  it("TigerBeetle's own names are accepted: --debit-account-id, --credit-account-id, --flags", () =>
    withHome(async (home) => {
      const words =
        'create-transfers --debit-account-id 1 --credit-account-id 2 --amount 5 --ledger 7 --code 1 --flags pending --dry-run --json'
      const {code, stdout, json} = await tb(words, {home})
      expect(code, stdout).to.equal(0)
      expect(json().requests[0][0]).to.include({debit_account_id: '1', credit_account_id: '2', flags: 2})
    }))
})
