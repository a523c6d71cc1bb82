import {execFileSync} from 'node:child_process'
import {accessSync, constants} from 'node:fs'
import {join} from 'node:path'
import {type RunResult, run, withService} from '@parix/testkit'
import {expect} from 'chai'
import {REPOSITORY} from './installed.js'

/** No such user is in the system's list. */
const NOBODY = 54_321

describe('a user whom the system does not know, without HOME, as in some containers', function () {
  this.timeout(60_000)
  before(function () {
    if (!canBeNobody()) this.skip()
  })

  for (const [words, expected] of [
    ['--version', /^@parix\/cli\//],
    ['--help', /EXAMPLES/],
    ['version', /^parix \d/],
    ['tb explain exceeds_credits', /exceeds_credits/],
    ['nope', /^$/],
  ] as const) {
    it(`can run parix ${words}`, async () => {
      const {stdout, stderr, code} = await runAsNobody(words)
      expect(code, stderr).to.equal(words === 'nope' ? 2 : 0)
      expect(stdout).to.match(expected)
    })
  }

  it('can ask the service with an API key: nothing has to be kept', () =>
    withService(async (service) => {
      service.answer('GET', '/api/v1/databases', {json: {ok: true, databases: []}})
      const environment = {PARIX_API_KEY: 'px_key', PARIX_BASE_URL: service.baseUrl}
      const {stdout, stderr, code} = await runAsNobody('database list --json', environment)
      expect(code, stderr).to.equal(0)
      expect(JSON.parse(stdout)).to.deep.equal({ok: true, databases: []})
    }))
})

function runAsNobody(words: string, environment: Record<string, string> = {}): Promise<RunResult> {
  const program = [process.execPath, join(REPOSITORY, 'bin/run.js')]
  const args = ['--reuid', String(NOBODY), '--clear-groups', ...program, ...words.split(' ')]
  return run('setpriv', args, {env: {PATH: process.env.PATH, ...environment}, cwd: '/'})
}

/** Only root can become someone else, and the files must be open to all. */
function canBeNobody(): boolean {
  try {
    accessSync(REPOSITORY, constants.R_OK)
    const probe = [
      '--reuid',
      String(NOBODY),
      '--clear-groups',
      process.execPath,
      '-e',
      `require('fs').statSync(${JSON.stringify(join(REPOSITORY, 'bin/run.js'))})`,
    ]
    execFileSync('setpriv', probe, {stdio: 'ignore', env: {PATH: process.env.PATH}, cwd: '/'})
    return true
  } catch {
    return false
  }
}
