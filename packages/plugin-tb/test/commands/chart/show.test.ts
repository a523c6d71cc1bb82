import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {CHART_TEXT} from '../../support/chart.js'
import {command} from '../../support/tb.js'

describe('parix chart show', () => {
  let home: TestHome
  before(() => {
    home = makeHome()
    home.write('parix.chart.yaml', CHART_TEXT)
  })
  after(() => home.remove())

  const show = (words = '', directory = '') => command(`chart show ${words}`, {home, cwd: `${home.path}${directory}`})

  it('every account with its id, ledger, code and flags, and the scale of each ledger', async () => {
    const {code, stdout, stderr} = await show()
    expect(code).to.equal(0)
    expect(stdout)
      .to.match(/^@bank +1 +USD +bank +history$/m)
      .and.match(/^@paris +3 +EUR +bank +-$/m)
    expect(stderr).to.contain('ledgers USD (2 decimal places), EUR (2 decimal places)')
  })

  it('what one name stands for, with and without @', async () => {
    for (const name of ['@bank', 'bank']) {
      expect((await show(`${name} --json`)).json()).to.deep.equal({
        name: 'bank',
        id: '1',
        ledger: {name: 'USD', id: 700, scale: 2},
        code: {name: 'bank', id: 10},
        flags: ['history'],
      })
    }
  })

  it('--json of all of it is the compiled chart, and where it is', async () => {
    const {path, chart} = (await show('--json')).json()
    expect(path).to.equal(`${home.path}/parix.chart.yaml`)
    expect(chart.accounts.map(({name, id}: {name: string; id: string}) => [name, id])).to.deep.equal([
      ['bank', '1'],
      ['alice', '2'],
      ['paris', '3'],
    ])
  })

  it('patterns say how their ids are made', async () => {
    const pattern =
      '  customer/*: {id: {base: 1000, plus: n}, ledger: USD, code: bank}\n  shop/*: {id: uuid, ledger: USD, code: bank}\n'
    home.write('patterns/parix.chart.yaml', CHART_TEXT + pattern)
    const {stdout, stderr} = await show('', '/patterns')
    expect(stdout, stderr)
      .to.match(/^@customer\/\* +1000 \+ n +USD/m)
      .and.match(/^@shop\/\* +the UUID +USD/m)
    expect((await show('@customer/17 --json', '/patterns')).json()).to.include({id: '1017'})
  })

  it('an unknown name, a chart that is not there, and one with an error are refused, with its line and column', async () => {
    expect((await show('@nobody')).stderr).to.contain('The chart has no account @nobody.')
    expect((await show('--chart nothere.yaml')).code).to.equal(2)
    home.write(
      'bad/parix.chart.yaml',
      CHART_TEXT.replace('alice: {id: 2, ledger: USD, code: bank}', 'alice: {id: 2, ledger: USD, code: bonk}'),
    )
    const {code, stderr} = await show('', '/bad')
    expect(code).to.equal(2)
    expect(stderr).to.match(/parix\.chart\.yaml:6:\d+ accounts\.alice\.code: "bonk" is not in codes\.account/)
  })
})
