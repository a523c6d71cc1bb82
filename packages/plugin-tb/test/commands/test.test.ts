import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {command} from '../support/tb.js'

const FILE = (debits: number) => `version: 1
tests:
  - name: pays
    steps:
      - account: {id: 1, ledger: 700, code: 10}
      - account: {id: 2, ledger: 700, code: 10}
      - transfer: {id: 5, from: 1, to: 2, amount: 5, ledger: 700, code: 1}
    expect:
      - 1 debits = ${debits}
`

describe('parix test', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())
  const test = (words = '') => command(`test ${words}`, {home})

  it('runs every *.test.yaml here, without a service, and ends with 0 where all pass', async () => {
    home.write('a.test.yaml', FILE(5))
    const {code, stdout} = await test()
    expect(code, stdout).to.equal(0)
    expect(stdout)
      .to.match(/^TAP version/)
      .and.match(/^ok 1 .*pays/m)
  })

  it('a test that fails is 6, and named with its line; --format json counts', async () => {
    home.write('a.test.yaml', FILE(6))
    const {code, stdout} = await test()
    expect(code).to.equal(6)
    expect(stdout).to.match(/^not ok 1 .*pays/m)
    const json = (await test('--format json')).json()
    expect(json).to.include({passed: 0, failed: 1})
    expect(json.files[0].tests[0].failures[0]).to.include({line: 9})
  })

  it('--format junit is XML of the same', async () => {
    home.write('a.test.yaml', FILE(6))
    expect((await test('--format junit')).stdout)
      .to.match(/^<\?xml/)
      .and.contain('failures="1"')
  })

  it('only the file that is named; a file with an error runs nothing', async () => {
    home.write('a.test.yaml', FILE(5))
    home.write('bad.test.yaml', FILE(5).replace('version: 1\n', ''))
    expect((await test('a.test.yaml')).code).to.equal(0)
    const {code, stderr} = await test()
    expect(code).to.equal(2)
    expect(stderr).to.contain('bad.test.yaml:1:1 version: must be 1.')
    expect((await test('nothere.yaml')).code).to.equal(2)
  })
})
