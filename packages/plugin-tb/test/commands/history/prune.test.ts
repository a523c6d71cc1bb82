import {readdirSync} from 'node:fs'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {command} from '../../support/tb.js'

describe('parix history prune', () => {
  let home: TestHome
  const DIRECTORY = '.local/state/parix/history'
  const DAYS = ['2026-01-01', '2026-01-02', '2026-02-01']
  beforeEach(() => {
    home = makeHome()
    for (const day of DAYS) home.write(`${DIRECTORY}/${day}.ndjson`, '')
    home.write(`${DIRECTORY}/notes.txt`, 'mine')
  })
  afterEach(() => home.remove())

  const prune = (words: string) => command(`history prune ${words}`, {home})
  const left = () => readdirSync(`${home.path}/${DIRECTORY}`).toSorted()

  it('removes whole days that ended before the time, and nothing else', async () => {
    const {code, stdout} = await prune('--older-than 2026-01-02T23:00:00Z')
    expect([code, stdout]).to.deep.equal([0, 'Removed: 1 day, 2026-01-01 to 2026-01-01.\n'])
    expect(left()).to.deep.equal(['2026-01-02.ndjson', '2026-02-01.ndjson', 'notes.txt'])
  })

  it('--json names the days; nothing to remove is not an error', async () => {
    expect((await prune('--older-than 2026-02-01 --json')).json()).to.deep.equal({
      removed: ['2026-01-02', '2026-01-01'],
    })
    const {code, stdout} = await prune('--older-than 2026-02-01')
    expect([code, stdout]).to.deep.equal([0, 'There is nothing to remove.\n'])
  })

  it('all of it needs a confirmation; files that are not its own stay', async () => {
    const unconfirmed = await prune('--all')
    expect(unconfirmed.code).to.equal(2)
    expect(unconfirmed.stderr).to.contain('Next: parix history prune --all --confirm all')
    expect((await prune('--all --confirm yes')).stderr).to.contain('Nothing was changed.')
    expect(left()).to.have.length(4)
    expect((await prune('--all --confirm all')).stdout).to.contain('Removed: 3 days, 2026-01-01 to 2026-02-01.')
    expect(left()).to.deep.equal(['notes.txt'])
  })

  it('without a time, with one that is not valid, and with both is refused', async () => {
    expect((await prune('')).stderr).to.contain('What is to be removed?')
    expect((await prune('--older-than soon')).code).to.equal(2)
    expect((await prune('--older-than 1d --all')).code).to.equal(2)
    expect(left()).to.have.length(4)
  })
})
