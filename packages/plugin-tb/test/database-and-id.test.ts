import {expect} from 'chai'
import fc from 'fast-check'
import {accountId, databaseAndAccount, databaseAndId, parseId} from '../src/database-and-id.js'
import {refused} from './support/refusal.js'
import {TYPED_CHART} from './support/typed-chart.js'

const MAX = 2n ** 128n - 1n
const UUID = '0190a3c4-0000-7000-8000-000000000001'

describe('a database and an account, by their places', () => {
  it('one word is the account; two are the database and the account', () => {
    expect(databaseAndAccount({'database-id': '1'})).to.deep.equal({database: undefined, account: '1'})
    expect(databaseAndAccount({'database-id': 'books', account: '1'})).to.deep.equal({database: 'books', account: '1'})
  })

  it('an account that is named by @ may come first, and a database never begins with it', () => {
    expect(databaseAndAccount({'database-id': '@bank/usd', account: 'books'})).to.deep.equal({
      database: 'books',
      account: '@bank/usd',
    })
    expect(databaseAndAccount({'database-id': 'books', account: '@bank/usd'})).to.deep.equal({
      database: 'books',
      account: '@bank/usd',
    })
    expect(databaseAndAccount({'database-id': '@bank/usd'})).to.deep.equal({database: undefined, account: '@bank/usd'})
  })

  it('no account is asked for in words', () => {
    expect(refused(() => databaseAndAccount({}))).to.include({
      ...{kind: 'USAGE', exitCode: 2, message: 'Which account? Give its id, or @NAME of the chart.'},
    })
  })
})

describe('the id of an account', () => {
  it('is a whole number in any form, a UUID, or a name of the chart', () => {
    for (const text of ['1', '0x1', '@bank/usd', '00000000-0000-0000-0000-000000000001'])
      expect(accountId(text, TYPED_CHART), text).to.equal(1n)
    expect(accountId(UUID, undefined)).to.equal(BigInt(`0x${UUID.replaceAll('-', '')}`))
    expect(accountId(UUID.toUpperCase(), undefined)).to.equal(accountId(UUID, undefined))
    expect(accountId('@customer/99', TYPED_CHART)).to.equal(1099n)
    expect(accountId('1_000', undefined)).to.equal(1000n)
    expect(accountId(String(MAX - 1n), undefined)).to.equal(MAX - 1n)
  })

  it('is neither 0 nor 2^128 − 1, which are reserved, nor beyond', () => {
    for (const text of ['0', '0x0', String(MAX), `0x${'f'.repeat(32)}`, '00000000-0000-0000-0000-000000000000'])
      expect(refused(() => accountId(text, undefined)).message, text).to.contain('a reserved id, which no account has')
    for (const text of [String(MAX + 1n), '-1', '1.0', '1e3', '', ' ', 'bank', '١'])
      expect(
        refused(() => accountId(text, TYPED_CHART)),
        text,
      ).to.include({kind: 'BAD_INPUT'})
  })

  it('by a name needs a chart that has it', () => {
    expect(refused(() => accountId('@bank/usd', undefined)).code).to.equal('no_chart')
    expect(refused(() => accountId('@bank/us', TYPED_CHART)).message).to.contain('Did you mean @bank/usd')
    for (const text of ['@', '@/', '@customer/', '@customer/100', '@customer/01', '@BANK/USD'])
      expect(
        refused(() => accountId(text, TYPED_CHART)),
        text,
      ).to.include({kind: 'BAD_INPUT'})
  })

  it('of any account is read from its digits, in either base', () => {
    fc.assert(
      fc.property(fc.bigInt({min: 1n, max: MAX - 1n}), (id) => {
        expect(accountId(String(id), undefined)).to.equal(id)
        expect(accountId(`0x${id.toString(16)}`, TYPED_CHART)).to.equal(id)
      }),
    )
  })

  it('that is not valid is repeated in short and without control characters raw', () => {
    for (const text of [`\u001b[2J${'9'.repeat(50)}`, 'x'.repeat(5000)]) {
      const {message} = refused(() => accountId(text, undefined))
      expect(message).not.to.match(/\u001b/)
      expect(message.length).to.be.below(400)
    }
  })
})

describe('a database and the id of an object, by their places', () => {
  it('one word is the id; two are the database and the id', () => {
    expect(databaseAndId({'database-id': '7'}, 'transfer')).to.deep.equal({database: undefined, id: 7n})
    expect(databaseAndId({'database-id': 'books', id: '7'}, 'transfer')).to.deep.equal({database: 'books', id: 7n})
  })

  it('no id is asked for by what it is of', () => {
    expect(refused(() => databaseAndId({}, 'pending transfer'))).to.include({
      ...{kind: 'USAGE', message: 'Which pending transfer? Give its id.'},
    })
  })

  it('a transfer has no name', () => {
    for (const args of [{'database-id': '@bank/usd'}, {'database-id': 'books', id: '@bank/usd'}])
      expect(refused(() => databaseAndId(args, 'transfer')).message).to.contain(
        'is the id of a transfer; names are of accounts',
      )
  })

  it('what is not an id is reported by the name that the caller gives', () => {
    expect(refused(() => parseId('--counterpart', '0', 'account')).message).to.equal(
      '--counterpart is 0, a reserved id, which no account has.',
    )
    expect(refused(() => parseId('--into', 'x', 'account')).message).to.match(/^--into /)
  })
})
