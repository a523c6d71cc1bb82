import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {EXIT_CODE_MEANINGS, EXIT_CODES} from '@parix/kit/errors'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'

describe('exit codes', () => {
  it('every code that a command can end with has a meaning', () => {
    const known = EXIT_CODE_MEANINGS.map(([code]) => code)
    expect(known).to.include.members(Object.values(EXIT_CODES))
  })

  it('the table of the README is the one of the code', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const rows = [...readme.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, code, meaning]) => [Number(code), meaning])
    expect(rows).to.deep.equal(EXIT_CODE_MEANINGS)
  })
})
