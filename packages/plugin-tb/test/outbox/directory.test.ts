import {chmodSync, statSync} from 'node:fs'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {makeOutbox, outboxPlace} from '../../src/outbox/directory.js'

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
