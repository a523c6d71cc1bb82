import {wantsColour} from '@parix/kit/output'
import {expect} from 'chai'

describe('wantsColour', () => {
  const cases: [
    what: string,
    isTerminal: boolean,
    environment: NodeJS.ProcessEnv,
    refused: boolean,
    expected: boolean,
  ][] = [
    ['a terminal', true, {}, false, true],
    ['a pipe', false, {}, false, false],
    ['NO_COLOR', true, {NO_COLOR: '1'}, false, false],
    ['an empty NO_COLOR (no-color.org: not set)', true, {NO_COLOR: ''}, false, true],
    ['TERM=dumb', true, {TERM: 'dumb'}, false, false],
    ['--no-color', true, {}, true, false],
    ['FORCE_COLOR in a pipe', false, {FORCE_COLOR: '1'}, false, true],
    ['FORCE_COLOR=0', true, {FORCE_COLOR: '0'}, false, false],
    ['NO_COLOR against FORCE_COLOR', false, {NO_COLOR: '1', FORCE_COLOR: '1'}, false, false],
    ['--no-color against FORCE_COLOR', false, {FORCE_COLOR: '1'}, true, false],
  ]
  for (const [what, isTerminal, environment, refused, expected] of cases) {
    it(`${what}: ${expected ? 'colour' : 'none'}`, () => {
      expect(wantsColour({isTerminal, environment, refused})).to.equal(expected)
    })
  }
})
