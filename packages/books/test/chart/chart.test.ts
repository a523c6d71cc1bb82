import {normalSide, uuidOf} from '@parix/books/chart'
import {UINT128_MAX} from '@parix/kit/integers'
import {expect} from 'chai'
import fc from 'fast-check'
import {exampleChart} from './example.js'

describe('chart', () => {
  const chart = exampleChart()

  it('finds accounts by plain names and by patterns', () => {
    expect(chart.account('bank').id).to.equal(1n)
    expect(chart.account('sales/eu').id).to.equal(2n)
    expect(chart.account('customer/17').id).to.equal(0x1000000000000n + 17n)
    expect(chart.account('wallet/0190a3c4-0000-7000-8000-000000000001').id).to.equal(
      0x0190a3c4000070008000000000000001n,
    )
    expect(chart.account('shop/north')).to.deep.include({codeName: 'customer', code: 20, name: 'shop/north'})
    expect(chart.account('customer/17').ledger).to.deep.include({name: 'USD', id: 700, scale: 2})
  })

  it('name to id and back, for every name of a base pattern', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 48n - 1n), (n) => {
        const {id} = chart.account(`customer/${n}`)
        expect(chart.nameOf(id)).to.equal(`customer/${n}`)
      }),
      {numRuns: 10_000},
    )
  })

  it('name to id and back, for every UUID', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        const {id} = chart.account(`wallet/${uuid}`)
        expect(chart.nameOf(id)).to.equal(`wallet/${uuid}`)
        expect(uuidOf(id)).to.equal(uuid)
      }),
      {numRuns: 10_000},
    )
  })

  it('an id has at most one name, and that name has this id', () => {
    fc.assert(
      fc.property(fc.oneof(fc.bigInt(0n, UINT128_MAX), fc.bigInt(0n, 2n ** 50n)), (id) => {
        const name = chart.nameOf(id)
        if (name !== undefined) expect(chart.account(name).id).to.equal(id)
      }),
      {numRuns: 10_000},
    )
  })

  it('shows hashed names that a file lists', () => {
    const {id} = chart.account('shop/south')
    expect(chart.nameOf(id)).to.equal('shop/south')
    expect(chart.nameOf(chart.account('shop/unlisted').id)).to.equal(undefined)
  })

  it('names the nearest three where a name is not known', () => {
    expect(() => chart.account('bnk')).to.throw(/The chart has no account @bnk\. Did you mean @bank\?/)
    expect(() => chart.ledger('USDD')).to.throw(/no ledger USDD\. Did you mean USD\?/)
    expect(() => chart.code('transfer', 'paymnet')).to.throw(/no transfer code paymnet\. Did you mean payment\?/)
    for (const name of [
      'customer/01',
      'customer/-1',
      'customer/1e3',
      `customer/${2n ** 48n}`,
      'wallet/x',
      'shop/A B',
      'shop/\u001b[31m',
    ]) {
      expect(() => chart.account(name), name).to.throw()
    }
  })

  it('computes the ledgers of tenants', () => {
    expect(chart.ledger('points/3')).to.deep.equal({name: 'points/3', id: 900 + 3 * 65536, scale: 0})
    expect(chart.ledgerOf(900 + 3 * 65536)?.name).to.equal('points/3')
    expect(chart.ledgerOf(700)?.name).to.equal('USD')
    expect(chart.ledgerOf(7)).to.equal(undefined)
    expect(() => chart.ledger('points/99999')).to.throw(/does not fit/)
    expect(() => chart.ledger('USD/1')).to.throw(/no ledger/)
  })

  it('is refused for a database that it does not name', () => {
    chart.assertUsableWith('books', false)
    chart.assertUsableWith('test', true)
    expect(() => chart.assertUsableWith('test', false)).to.throw(/The chart is for books, local:test, not for test/)
  })

  it('has a normal side for each type of account', () => {
    expect(normalSide(chart.typeOf(10))).to.equal('debit')
    expect(normalSide(chart.typeOf(20))).to.equal('credit')
    expect(normalSide(chart.typeOf(12345))).to.equal('debit')
  })
})
