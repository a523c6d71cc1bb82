/**
 * `npm run test:nodes -- [VERSION…] [MOCHA-ARGUMENT…]`: the tests that start processes, on other versions of Node, against the
 * packed tarball as a user installs it; with paths of tests only these. The npm package `node` brings each version. Fails
 * when any of them fails.
 */
import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ROOT} from './build/workspaces.js'
import {installTarball} from './pack/install.js'

const given = process.argv.slice(2)
const versions = given.filter((word) => /^\d/.test(word))
const specs = given.filter((word) => !/^\d/.test(word))
const PROCESS_TESTS = [
  'test/auth/**/*.test.ts',
  'test/commands/**/*.test.ts',
  'test/help/**/*.test.ts',
  'test/platform/**/*.test.ts',
  'test/plugins/**/*.test.ts',
  'test/stories/**/*.test.ts',
  'test/tidy/**/*.test.ts',
  'packages/*/test/commands/**/*.test.ts',
  'packages/kit/test/http/**/*.test.ts',
]

const installed = mkdtempSync(join(tmpdir(), 'parix-nodes-'))
const bin = await installTarball(installed)
const failed = (versions.length > 0 ? versions : ['20.19.0', '22', '24', '26']).filter((version) => !passesOn(version))
rmSync(installed, {recursive: true, force: true})
if (failed.length > 0) process.stderr.write(`failed on Node ${failed.join(', ')}\n`)
process.exitCode = failed.length > 0 ? 1 : 0

function passesOn(version: string): boolean {
  process.stdout.write(`\nNode ${version}\n`)
  const mocha = join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js')
  const words = ['-y', '-p', `node@${version}`, '--', 'node', mocha, ...(specs.length > 0 ? specs : PROCESS_TESTS)]
  const {status} = spawnSync('npx', words, {
    cwd: ROOT,
    // What the testkit starts as `parix`.
    env: {...process.env, PARIX_TEST_BIN: bin},
    stdio: 'inherit',
  })
  return status === 0
}
