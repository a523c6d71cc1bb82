import {expect} from 'chai'
import fc from 'fast-check'
import {prettyJson} from '../src/pretty.js'

describe('pretty JSON', () => {
  it('indents, and leaves every token as it was written', () => {
    const json =
      '{"id":340282366920938463463374607431768211455,"n":1.10,"e":[],"o":{},"l":[1,{"a":"b:\\"{,}"}],"id":1E2}'
    expect(prettyJson(json)).to.equal(
      [
        '{',
        '  "id": 340282366920938463463374607431768211455,',
        '  "n": 1.10,',
        '  "e": [],',
        '  "o": {},',
        '  "l": [',
        '    1,',
        '    {',
        '      "a": "b:\\"{,}"',
        '    }',
        '  ],',
        '  "id": 1E2',
        '}',
      ].join('\n'),
    )
  })

  it('law: as JSON.stringify with two spaces does it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(prettyJson(JSON.stringify(value))).to.equal(JSON.stringify(value, null, 2))
      }),
    )
  })

  it('takes a string of megabytes', () => {
    const json = JSON.stringify(['\\"x'.repeat(2_000_000)])
    expect(prettyJson(json)).to.have.length(json.length + 4)
  })
})
