import {chmodSync, readFileSync} from 'node:fs'
import {delimiter, dirname} from 'node:path'
import {fileURLToPath} from 'node:url'
import {makeHome, parix, program, startAround} from '@parix/testkit'
import {expect} from 'chai'
import {parse} from 'yaml'

interface Step {
  name?: string
  uses?: string
  run?: string
}

const WORKFLOW = fileURLToPath(new URL('../../../../examples/github-actions/ledger-tests.yml', import.meta.url))
/** What a runner has and a test has not; each is checked elsewhere. */
const NOT_RUN: Record<string, string> = {'Install parix': 'test/platform installs the tarball'}

describe('the workflow for GitHub Actions', function () {
  this.timeout(180_000)

  it('its steps succeed one after the other, with the variables that they leave in GITHUB_ENV', async () => {
    const {jobs} = parse(readFileSync(WORKFLOW, 'utf8')) as {jobs: Record<string, {steps: Step[]}>}
    const home = makeHome()
    try {
      const shim = home.write('bin/parix', `#!/bin/sh\nexec '${process.execPath}' ${program().join(' ')} "$@"\n`)
      chmodSync(shim, 0o755)
      const file = home.write('github-env', '')
      const path = `${dirname(shim)}${delimiter}${process.env.PATH}`
      const steps = Object.values(jobs).flatMap((job) => job.steps)
      expect(steps.filter(({uses}) => uses).map(({uses}) => uses)).to.deep.equal([
        ...['actions/checkout@v4', 'actions/setup-node@v4'],
      ])
      const ran: string[] = []
      for (const step of steps.filter(({name = '', run: lines}) => lines !== undefined && !(name in NOT_RUN))) {
        // As a runner reads it: one NAME=value a line.
        const left = home.read('github-env').split('\n').filter(Boolean)
        const variables = Object.fromEntries(
          left.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
        )
        const env = {PATH: path, GITHUB_ENV: file, CI: 'true', ...variables}
        // As its default shell runs a script. Another test may have the default port.
        const script = step.run!.replace('local demo', 'local demo --port 0')
        const options = {home, env, cwd: home.path, timeoutMs: 120_000}
        const result = await startAround(['bash', '-e', '-c', script], script, options).result
        expect(result.code, `${step.name}\n${result.stdout}${result.stderr}`).to.equal(0)
        ran.push(step.name!)
      }
      expect(ran).to.have.length(5)
    } finally {
      await parix('local stop', {home})
      home.remove()
    }
  })
})
