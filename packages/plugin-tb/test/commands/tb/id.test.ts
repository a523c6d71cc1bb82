import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {tb} from '../../support/tb.js'

describe('parix tb id', () => {
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
})
