import {expect} from 'chai'
import fc from 'fast-check'
import {codeOf, commonOf, idsFor} from '../../src/chains/chain-fields.js'
import {CHAIN_CHART} from '../support/chains.js'
import {refused} from '../support/refusal.js'
import {chartOf, TYPED_CHART_TEXT} from '../support/typed-chart.js'

const MAX = 2n ** 128n - 1n

describe('what every transfer of a chain has', () => {
  const chart = chartOf(
    `${TYPED_CHART_TEXT}userData: {transfer: {'128': {name: order, as: uuid}, '64': {name: at, as: time}, '32': {name: note, as: text4}}}`,
  )

  it('is a code, by name or number, which is never 0', () => {
    expect(commonOf({code: 'payment'}, CHAIN_CHART)).to.deep.equal({code: 2})
    expect(commonOf({code: '65535'}, undefined)).to.deep.equal({code: 65_535})
    expect(codeOf('0x10', undefined)).to.equal(16)
    for (const code of ['0', '65536', '-1', '1.5', 'paymnt', ''])
      expect(
        refused(() => codeOf(code, CHAIN_CHART)),
        code,
      ).to.include({kind: 'BAD_INPUT'})
    expect(refused(() => codeOf('payment', undefined)).code).to.equal('no_chart')
  })

  it('is the code that the command is named for, where the chart has it and none was given', () => {
    expect(commonOf({}, CHAIN_CHART, 'deposit')).to.deep.equal({code: 1})
    expect(commonOf({code: '9'}, CHAIN_CHART, 'deposit')).to.deep.equal({code: 9})
    expect(refused(() => commonOf({}, CHAIN_CHART, 'closing'))).to.include({
      kind: 'USAGE',
      code: 'missing_code',
      message: 'Which code? Give --code, or a transfer code "closing" in the chart.',
    })
    expect(refused(() => commonOf({}, undefined, 'closing')).code).to.equal('missing_code')
    expect(refused(() => commonOf({}, CHAIN_CHART)).message).to.equal('Which code? Give --code.')
    // A code that every object has by its prototype is none of the chart.
    expect(refused(() => commonOf({}, CHAIN_CHART, 'constructor')).code).to.equal('missing_code')
  })

  it('has user data as wide as their fields, and no wider', () => {
    const widest = {'user-data-128': String(MAX), 'user-data-64': String(2n ** 64n - 1n), 'user-data-32': '4294967295'}
    expect(commonOf({code: '1', ...widest}, undefined)).to.deep.equal({
      ...{code: 1, user_data_128: MAX, user_data_64: 2n ** 64n - 1n, user_data_32: 4_294_967_295},
    })
    for (const [flag, text] of Object.entries(widest)) {
      const error = refused(() => commonOf({code: '1', [flag]: String(BigInt(text) + 1n)}, undefined))
      expect(error.message).to.contain(`--${flag}`)
    }
    expect(commonOf({code: '1', 'user-data-32': '0'}, undefined)).to.deep.equal({code: 1, user_data_32: 0})
  })

  it('reads user data in the form that the chart says they have', () => {
    const uuid = '0190a3c4-0000-7000-8000-000000000001'
    const given = {code: '1', 'user-data-128': uuid, 'user-data-64': '2026-11-27T09:00:00Z', 'user-data-32': 'INV7'}
    expect(commonOf(given, chart)).to.deep.equal({
      code: 1,
      user_data_128: BigInt(`0x${uuid.replaceAll('-', '')}`),
      user_data_64: BigInt(Date.parse('2026-11-27T09:00:00Z')) * 1_000_000n,
      user_data_32: 0x494e5637,
    })
    expect(refused(() => commonOf({code: '1', 'user-data-32': 'TOOLONG'}, chart)).message).to.contain('(note)')
    refused(() => commonOf({code: '1', 'user-data-64': 'yesterday'}, chart))
  })
})

const someKey = fc.string().map((text) => `#${text}`)

describe('the ids of a chain', () => {
  it('follow from a key: the same for the same, others for another key, place or command', () => {
    fc.assert(
      fc.property(someKey, someKey, fc.nat({max: 50}), fc.nat({max: 50}), (one, other, i, j) => {
        const ids = idsFor('entry', one).ids
        expect(idsFor('entry', one).ids(i)).to.equal(ids(i))
        expect(ids(i) === ids(j)).to.equal(i === j)
        expect(idsFor('entry', other).ids(i) === ids(i)).to.equal(one === other)
        expect(idsFor('sweep', one).ids(i)).not.to.equal(ids(i))
        expect(ids(i) > 0n && ids(i) < MAX).to.equal(true)
      }),
    )
    expect(idsFor('entry', 'INV-17').generated.size, 'another run has the same').to.equal(0)
  })

  it('without a key are generated, rising, remembered, and the same when asked for again', () => {
    const {ids, generated} = idsFor('entry', undefined)
    const third = ids(2)
    expect([ids(0) < ids(1), ids(1) < third, ids(2) === third]).to.deep.equal([true, true, true])
    expect(generated).to.deep.equal(new Set([ids(0), ids(1), third]))
    expect(idsFor('entry', undefined).ids(0)).not.to.equal(ids(0))
  })

  it('never follow from an empty key, as a variable leaves that is not set', () => {
    for (const key of ['', ' ', '\n']) expect(refused(() => idsFor('entry', key))).to.include({kind: 'USAGE'})
  })
})
