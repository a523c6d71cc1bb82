import {existsSync} from 'node:fs'
import {program, startAround, withParix} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, list} from '../answers.js'

describe('rule 21: a full disk is an error, said on stderr without a stack', () => {
  for (const words of [
    'database list',
    'database list --json',
    'api databases',
    'api databases --json',
    'database info --json',
    'database lst --json',
  ]) {
    it(words, function () {
      // bin/dev.js ends as oclif ends; what users run is the build.
      if (!existsSync('/dev/full') || process.env.PARIX_TEST_BIN === undefined) this.skip()
      return withParix(async ({service, home}) => {
        service.answer('GET', '/api/v1/databases', {json: list(BOOKS)})
        const args = words.split(' ')
        const command = ['sh', '-c', 'exec "$@" > /dev/full', 'sh', process.execPath, ...program(), ...args]
        const env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: 'px_test'}
        const {code, stderr} = await startAround(command, args, {home, env}).result
        const wrong = words.startsWith('database info') || words.startsWith('database lst')
        expect(code).to.equal(wrong ? 2 : 1)
        expect(stderr).to.match(wrong ? /Which database\?|not a command/ : /could not be written: the disk is full/)
        expect(stderr).to.not.match(/\n\s+at /)
      })
    })
  }
})
