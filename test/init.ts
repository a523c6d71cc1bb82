import {join} from 'node:path'
import {isFresh} from '../scripts/build/stamp.js'
import {ROOT} from '../scripts/build/workspaces.js'

// Tests say what the environment is: nothing of the developer's own may leak in, but for what chooses the tests.
process.env.NODE_ENV = 'test'
for (const name of Object.keys(process.env)) {
  if (name.startsWith('PARIX_') && name !== 'PARIX_CHROMIUM' && !name.startsWith('PARIX_TEST_'))
    delete process.env[name]
}

// Processes start from the build where it is as new as the source: a third of the time, and it is what users run.
if (isFresh()) process.env.PARIX_TEST_BIN ??= join(ROOT, 'bin', 'run.js')

/** Processes that run command lines for a test file end with it. */
export const mochaHooks = {
  async afterAll() {
    const {stopResidents} = await import('@parix/testkit')
    await stopResidents()
  },
}
