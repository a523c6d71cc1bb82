import {withHome} from '@parix/testkit'
import {expect} from 'chai'
import {command} from '../../support/tb.js'

describe('parix chart schema', () => {
  it('prints the same JSON schema with and without --json, and asks nobody', () =>
    withHome(async (home) => {
      const plain = await command('chart schema', {home})
      const json = await command('chart schema --json', {home})
      expect([plain.code, json.code]).to.deep.equal([0, 0])
      expect(plain.json()).to.deep.equal(json.json())
      expect(plain.json().properties).to.include.keys('version', 'ledgers', 'codes', 'accounts')
      expect(plain.json().properties.version).to.deep.equal({const: 1})
    }))
})
