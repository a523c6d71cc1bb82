import {expect} from 'chai'
import fc from 'fast-check'
import {compileJq} from '../../src/output/jq.js'

const MAX = '340282366920938463463374607431768211455'
const jq = async (expression: string, json: string) => (await compileJq(expression)).run(json)

describe('--jq', () => {
  const kept: [string, string, string[]][] = [
    ['.', `{"a":${MAX},"b":1.10}`, [`{"a":${MAX},"b":1.10}`]],
    ['.a', `{"a":${MAX}}`, [MAX]],
    ['.[]', `[${MAX},9007199254740993]`, [MAX, '9007199254740993']],
    ['sort', `[${MAX},340282366920938463463374607431768211454]`, [`[340282366920938463463374607431768211454,${MAX}]`]],
    ['unique|length', '[9007199254740993,9007199254740992]', ['2']],
    ['.[0]==.[1]', '[9007199254740993,9007199254740992]', ['false']],
    ['"\\(.a)"', `{"a":${MAX}}`, [`"${MAX}"`]],
    ['{x:.a}|tojson|fromjson', `{"a":${MAX}}`, [`{"x":${MAX}}`]],
    ['-.a', '{"a":9007199254740993}', ['-9007199254740993']],
    ['select(.a > 1)|.b', '{"a":2,"b":"x"}', ['"x"']],
    ['empty', '1', []],
  ]
  for (const [expression, json, outputs] of kept) {
    it(`128 bits are exact in ${expression}`, async () => {
      expect(await jq(expression, json)).to.deep.equal({outputs, said: '', rounded: []})
    })
  }

  it('law: an integer of 128 bits comes out as it went in', async () => {
    const filter = await compileJq('.[]|{amount:.}|.amount')
    fc.assert(
      fc.property(fc.array(fc.bigInt({min: 0n, max: 2n ** 128n - 1n}), {maxLength: 20}), (numbers) => {
        const {outputs, rounded} = filter.run(`[${numbers.join(',')}]`)
        expect(outputs).to.deep.equal(numbers.map(String))
        expect(rounded).to.deep.equal([])
      }),
      {numRuns: 50},
    )
  })

  it('says which numbers were calculated in double precision', async () => {
    expect((await jq('.a + 2', '{"a":9007199254740993}')).rounded).to.deep.equal(['9007199254740994'])
    expect((await jq('.a + 0', `{"a":${MAX}}`)).rounded).to.have.length(1)
    expect((await jq('.a + 2', '{"a":40}')).rounded).to.deep.equal([])
    expect((await jq('.a, .b', '{"a":1e30,"b":1.5E+300}')).rounded).to.deep.equal([])
  })

  it('looks at a page of 8,190 transfers in a moment', async () => {
    const rows = Array.from({length: 8190}, (_, index) => ({id: String(2n ** 127n + BigInt(index)), amount: '1'}))
    const {outputs, rounded} = await jq('.[].id', JSON.stringify(rows))
    expect(outputs).to.have.length(8190)
    expect(rounded).to.deep.equal([])
  })

  it('flaw 14: a wrong expression is refused before anything is sent, with the place', async () => {
    for (const expression of ['.a +', '--arg', 'nosuch', 'include "x"; .']) {
      const error = await compileJq(expression).then(
        () => expect.fail(`${expression} compiled`),
        (thrown: unknown) => thrown,
      )
      expect(error).to.include({kind: 'USAGE', exitCode: 2, code: 'bad_jq'})
      expect((error as Error).message).to.match(/^Nothing was sent: --jq is wrong: \S/)
    }
  })

  it('an expression that fails on the answer says why', async () => {
    const filter = await compileJq('.a.b')
    expect(() => filter.run('{"a":1}')).to.throw(/--jq failed: Cannot index number/)
  })

  it('threat 8.1: sees nothing of our environment', async () => {
    process.env.PARIX_JQ_TEST = 'px_secret'
    const {outputs} = await jq('[env, $ENV] | tojson', 'null')
    delete process.env.PARIX_JQ_TEST
    expect(outputs.join()).to.not.include('px_secret')
  })
})
