import {expect} from 'chai'
import fc from 'fast-check'
import {idText, readIds} from '../../src/input/ids.js'
import {CHART} from '../support/chart.js'
import {refused, textOf} from '../support/refusal.js'

const file = (text: string) => readIds({text, name: 'ids.txt'}, {})
const refusal = (work: () => unknown) => textOf(refused(work))

describe('ids to look up', () => {
  it('are the same, and in the same order, however they are given', () => {
    const ids = fc.array(fc.bigInt({min: 1n, max: 2n ** 128n - 1n}), {minLength: 1, maxLength: 6})
    const form = fc.constantFrom(
      (id: bigint) => String(id),
      (id: bigint) => `0x${id.toString(16)}`,
    )
    fc.assert(
      fc.property(ids, form, (wanted, write) => {
        const texts = wanted.map(write)
        expect(readIds(undefined, {id: texts})).to.deep.equal(wanted)
        for (const joint of [',', ' ', ', ']) expect(readIds(undefined, {ids: texts.join(joint)})).to.deep.equal(wanted)
        for (const joint of ['\n', '\r\n', ',\n', ' ']) expect(file(texts.join(joint))).to.deep.equal(wanted)
        expect(file(JSON.stringify(texts))).to.deep.equal(wanted)
        expect(file(texts.map((id) => JSON.stringify({id})).join('\n'))).to.deep.equal(wanted)
      }),
    )
  })

  it('--id comes first, then --ids, then the file', () => {
    expect(readIds({text: '3', name: 'f'}, {id: ['1'], ids: '2'})).to.deep.equal([1n, 2n, 3n])
  })

  it('rows that were printed can be given again: their ids are taken', () => {
    expect(file('[{"id": "7", "amount": "5"}, 8]')).to.deep.equal([7n, 8n])
  })

  it('none at all is refused: a script that found nothing must not look as if all were there', () => {
    expect(refusal(() => readIds(undefined, {}))).to.contain('Which ids? Give --id, --ids or --file.')
    expect(refusal(() => file(' \n'))).to.contain('ids.txt is empty')
    expect(refusal(() => file('[]'))).to.contain('Which ids?')
    expect(refusal(() => readIds(undefined, {ids: ' '}))).to.contain('empty element')
  })

  it('every one that is not an id is named, with where it is', () => {
    const said = refusal(() => readIds({text: '1\nx\n2,,3\n', name: 'ids.txt'}, {id: ['-1'], ids: '1.5'}))
    expect(said).to.contain('4 things are wrong with the ids')
    for (const place of ['--id', '--ids', 'ids.txt line 2', 'ids.txt line 3 has an empty element'])
      expect(said).to.contain(place)
    expect(refusal(() => file('[{"amount": 1}, [1]]')))
      .to.contain('item 1')
      .and.contain('item 2')
    expect(refusal(() => readIds(undefined, {id: [String(2n ** 128n)]}))).to.contain('--id')
  })

  it('@NAME is an account of the chart, never a transfer, and unknown without one', () => {
    expect(readIds(undefined, {id: ['@bank'], ids: '@alice,5'}, 'account', CHART)).to.deep.equal([1n, 2n, 5n])
    expect(refusal(() => readIds(undefined, {id: ['@bank']}, 'transfer', CHART))).to.contain('names are of accounts')
    expect(refusal(() => readIds(undefined, {id: ['@bank']}, 'account'))).to.contain('chart')
    expect(refusal(() => readIds(undefined, {id: ['@bonk']}, 'account', CHART))).to.contain('bank')
  })

  it('a UUID is the integer that it is', () => {
    expect(readIds(undefined, {id: ['00000000-0000-0000-0000-0000000000ff']})).to.deep.equal([255n])
    expect(idText('--id', '00000000-0000-0000-0000-0000000000ff', 'transfer', undefined)).to.equal('255')
    expect(idText('--id', '12', 'transfer', undefined)).to.equal('12')
  })
})
