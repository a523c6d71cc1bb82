import {PassThrough} from 'node:stream'
import {Chart} from '@parix/books/chart'
import {compileChart} from '@parix/books/chart/compile'
import {createTerminal} from '@parix/kit/output'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {fieldNamed} from '../../src/import/mapping.js'
import {mappingSpecs} from '../../src/import/mapping-specs.js'
import {CHART_TEXT} from '../support/chart.js'
import {refusalOf, textOf} from '../support/refusal.js'

const streams = {stdout: new PassThrough(), stderr: new PassThrough(), stdin: new PassThrough()}
const TERMINAL = createTerminal({environment: {}, ...(streams as never as object)})
const TEXT = `${CHART_TEXT}imports:\n  bank: {id: ref, amount: "sum|money:USD"}\n  other: {id: no}\n`
const CHART = new Chart(compileChart(TEXT, {file: 'parix.chart.yaml', readNames: () => ''}))

const fieldOf = (name: string) => fieldNamed('transfer', name) ?? name

describe('the mapping of an import', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const specs = (mapping?: string, map?: string[], chart: Chart | undefined = CHART) =>
    mappingSpecs({mapping, map}, chart, TERMINAL)

  it('is empty where none is given', async () => {
    expect(await specs()).to.deep.equal({})
    expect(await mappingSpecs({}, undefined, TERMINAL)).to.deep.equal({})
  })

  it('is what --map says: the field before the first =, and everything after it', async () => {
    expect(await specs(undefined, ['id=ref', 'amount=sum|money:USD', ' code ==1', 'ledger=a=b', 'to='])).to.deep.equal({
      id: 'ref',
      amount: 'sum|money:USD',
      code: '=1',
      ledger: 'a=b',
      to: '',
    })
    for (const text of ['', '=', '=x', 'id'])
      expect(await refusalOf(() => specs(undefined, [text])), text).to.include({kind: 'USAGE', code: 'bad_mapping'})
  })

  it('is one of the chart, by its name, and --map goes before it', async () => {
    expect(await specs('bank')).to.deep.equal({id: 'ref', amount: 'sum|money:USD'})
    expect(await specs('bank', ['id=other', 'code==1'])).to.deep.equal({
      id: 'other',
      amount: 'sum|money:USD',
      code: '=1',
    })
    expect(await specs('other')).to.deep.equal({id: 'no'})
  })

  it('names a field once: of two --map none goes before the other, and both go before the mapping', async () => {
    for (const map of [
      ['amount=a', 'amount=b'],
      ['amount=a', 'Amount=b'],
      ['from=a', 'debit_account_id=a'],
    ]) {
      const error = await refusalOf(() => mappingSpecs({map}, CHART, TERMINAL, fieldOf))
      expect(error, String(map)).to.include({code: 'bad_mapping', exitCode: 2})
      expect(error.message).to.match(/^(amount|debit_account_id) is mapped twice/)
    }
    expect(await mappingSpecs({mapping: 'bank', map: ['ID=other']}, CHART, TERMINAL, fieldOf)).to.deep.equal({
      amount: 'sum|money:USD',
      ID: 'other',
    })
  })

  it('that the chart does not have is an error, also one that every object has, and without a chart', async () => {
    for (const name of ['bnak', 'constructor', 'toString', '__proto__', ''])
      expect(await refusalOf(() => specs(name)), name).to.include({kind: 'BAD_INPUT', code: 'bad_mapping'})
    const error = await refusalOf(() => mappingSpecs({mapping: 'bank'}, undefined, TERMINAL))
    expect(error.message).to.equal('There is no mapping "bank" in the chart.')
    expect(error.details.hint).to.contain('.json, .yaml or .yml')
  })

  it('is a file by its name, whatever the chart has', async () => {
    const json = home.write('m.json', '{"id": "ref", "amount": "sum|money:2"}')
    const yaml = home.write('m.YAML', 'id: ref\namount: sum|money:2\n')
    for (const path of [json, yaml]) {
      expect(await specs(path), path).to.deep.equal({id: 'ref', amount: 'sum|money:2'})
      expect(await specs(path, ['id=x'], undefined)).to.deep.equal({id: 'x', amount: 'sum|money:2'})
    }
  })

  it('a file that is not a mapping is refused with its name, and nothing was sent', async () => {
    for (const [name, text] of [
      ['a.json', '{'],
      ['b.json', '[1]'],
      ['c.json', '{"id": null}'],
      ['d.yaml', 'id: [a]'],
      ['e.yaml', ''],
    ] as const) {
      const error = await refusalOf(() => specs(home.write(name, text)))
      expect(error.kind, name).to.equal('BAD_INPUT')
      expect(textOf(error), name).to.contain(name)
    }
    const missing = await refusalOf(() => specs(`${home.path}/missing.json`))
    expect(missing).to.include({kind: 'BAD_INPUT', code: 'bad_mapping'})
    expect(missing.message).to.contain('Nothing was sent.')
  })
})
