import {chmodSync, statSync} from 'node:fs'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {directoryName, makeOutbox, outboxPlace} from '../../src/outbox/directory.js'

describe('where the outbox is', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('PARIX_STATE_DIR, XDG_STATE_HOME, the home, the temporary directory', () => {
    const all = {PARIX_STATE_DIR: '/a', XDG_STATE_HOME: '/b', HOME: '/c', TMPDIR: '/d'}
    expect(outboxPlace(all)).to.deep.equal({path: '/a/outbox', temporary: false})
    expect(outboxPlace({...all, PARIX_STATE_DIR: ''}).path).to.equal('/b/parix/outbox')
    expect(outboxPlace({XDG_STATE_HOME: 'relative', HOME: '/c'}).path).to.equal('/c/.local/state/parix/outbox')
    expect(outboxPlace({HOME: 'relative', TMPDIR: '/d'}).temporary).to.equal(true)
    expect(() => outboxPlace({...all, PARIX_STATE_DIR: 'relative'})).to.throw('must be an absolute path')
    expect(outboxPlace({TMPDIR: '/d'})).to.deep.equal({
      path: `/d/parix-state-${process.getuid!()}/outbox`,
      temporary: true,
    })
  })

  it('is closed to others where it was found open', () => {
    const place = outboxPlace(home.environment)
    makeOutbox(place)
    chmodSync(place.path, 0o755)
    makeOutbox(place)
    expect(statSync(place.path).mode & 0o777).to.equal(0o700)
  })

  it('under the temporary directory, one that others may write to is not used', () => {
    const place = outboxPlace({TMPDIR: home.path})
    makeOutbox(place)
    makeOutbox(place)
    chmodSync(`${home.path}/parix-state-${process.getuid!()}`, 0o777)
    expect(() => makeOutbox(place)).to.throw('Nothing was sent')
  })
})

describe('the name of a directory of the outbox', () => {
  it('is one path segment for any text, and two texts never have the same', () => {
    const text = fc.string({unit: fc.constantFrom(...'aA0._-/ :ü\u0000'), maxLength: 70})
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [name, second] = [directoryName(one), directoryName(other)]
        expect(name).to.match(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,68}$/)
        if (one !== other) expect(name === second).to.equal(false)
      }),
    )
  })

  it('keeps a text that is one already, so that a person finds it', () => {
    expect(directoryName('11111111-2222-4333-8444-555555555555')).to.equal('11111111-2222-4333-8444-555555555555')
    expect(directoryName('https://parix.io')).to.match(/^https_parix\.io-[0-9a-f]{8}$/)
  })
})
