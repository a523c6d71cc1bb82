import {expect} from 'chai'
import {createIdSource} from '../../src/records/id.js'

describe('ids', () => {
  it('milliseconds above 80 random bits, one more within a millisecond and when the clock goes back', () => {
    const times = [1000, 1000, 999, 1001]
    const ids = createIdSource({now: () => times.shift()!, random: () => Buffer.from('00112233445566778899', 'hex')})
    const first = (1000n << 80n) | 0x00112233445566778899n
    expect([ids(), ids(), ids(), ids()]).to.deep.equal([
      first,
      first + 1n,
      first + 2n,
      (1001n << 80n) | 0x00112233445566778899n,
    ])
  })

  it('carries into the milliseconds when the random bits are full', () => {
    const ids = createIdSource({now: () => 1000, random: () => Buffer.alloc(10, 0xff)})
    expect(ids() + 1n).to.equal(1001n << 80n)
    expect(ids()).to.equal(1001n << 80n)
    expect(ids()).to.equal((1001n << 80n) + 1n)
  })

  it('rises strictly, for real', () => {
    const ids = createIdSource()
    const made = Array.from({length: 10_000}, ids)
    expect(made.every((id, index) => index === 0 || id > made[index - 1]!)).to.equal(true)
  })
})
