import {expect} from 'chai'
import {reusedMemory} from '../src/reused-memory.js'

describe('memory that is used again', () => {
  it('is the same as long as it is large enough, and has what was asked for', () => {
    const memory = reusedMemory()
    const first = memory(1000)
    expect(first.length).to.be.at.least(1000)
    expect(memory(10)).to.equal(first)
    const larger = memory(5000)
    expect(larger.length).to.be.at.least(5000)
    expect(memory(1000)).to.equal(larger)
  })

  it('has room to spare where that is wanted', () => {
    const memory = reusedMemory(1 / 16)
    const first = memory(1600)
    expect(first).to.have.lengthOf(1700)
    expect(memory(1700)).to.equal(first)
  })

  it('is not that of another', () => {
    expect(reusedMemory()(100_000)).not.to.equal(reusedMemory()(100_000))
  })
})
