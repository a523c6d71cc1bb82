import {appendFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {isFresh} from '../scripts/build/stamp.js'
import {ROOT} from '../scripts/build/workspaces.js'

// Tests say what the environment is: nothing of the developer's own may leak in, but for what chooses the tests. Node reads the
// certificates of NODE_EXTRA_CA_CERTS at each start, which takes longer than the start itself.
process.env.NODE_ENV = 'test'
for (const name of Object.keys(process.env)) {
  if (name.startsWith('PARIX_') && name !== 'PARIX_CHROMIUM' && !name.startsWith('PARIX_TEST_'))
    delete process.env[name]
}
delete process.env.NODE_EXTRA_CA_CERTS
// The process that only hands out files leaves it as it is: those that it starts find there what tsx has compiled before.
if (process.env.PARIX_TEST_TMPDIR !== undefined && !process.argv.includes('--parallel')) {
  process.env.PARIX_TEST_KEPT ??= tmpdir()
  process.env.TMPDIR = process.env.PARIX_TEST_TMPDIR
}

// Processes start from the build where it is as new as the source: a third of the time, and it is what users run.
if (process.env.PARIX_TEST_BIN === undefined && isFresh()) process.env.PARIX_TEST_BIN = join(ROOT, 'bin', 'run.js')

let begun = 0

/** How long a file took is recorded where `scripts/test.ts` wants to know. */
export const mochaHooks = {
  beforeAll() {
    begun = performance.now()
  },
  afterAll(this: Mocha.Context) {
    const durations = process.env.PARIX_TEST_DURATIONS
    const file = fileOf(this.test!.parent!)
    if (durations !== undefined && file !== undefined) {
      appendFileSync(durations, `${((performance.now() - begun) / 1000).toFixed(1)}\t${relative(ROOT, file)}\n`)
    }
  },
}

function fileOf(suite: Mocha.Suite): string | undefined {
  return suite.tests[0]?.file ?? suite.suites.map(fileOf).find((file) => file !== undefined)
}
