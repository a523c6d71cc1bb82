/**
 * `npm run test:nodes [VERSION…] [-- MOCHA_ARGUMENTS]`: the tests that start processes, on other versions of Node. The npm
 * package `node` brings each version. Fails when any of them fails.
 */
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {ROOT} from './build/workspaces.js'

const given = process.argv.slice(2)
const versions = given.filter((word) => /^\d/.test(word))
const specs = given.filter((word) => !/^\d/.test(word))
const PROCESS_TESTS = [
  'test/auth/**/*.test.ts',
  'test/commands/**/*.test.ts',
  'test/platform/**/*.test.ts',
  'test/stories/**/*.test.ts',
  'test/tidy/**/*.test.ts',
  'packages/*/test/commands/**/*.test.ts',
]

const failed = (versions.length > 0 ? versions : ['22', '24', '26']).filter((version) => !passesOn(version))
if (failed.length > 0) process.stderr.write(`failed on Node ${failed.join(', ')}\n`)
process.exitCode = failed.length > 0 ? 1 : 0

function passesOn(version: string): boolean {
  process.stdout.write(`\nNode ${version}\n`)
  const mocha = join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js')
  const words = ['-y', '-p', `node@${version}`, '--', 'node', mocha, ...(specs.length > 0 ? specs : PROCESS_TESTS)]
  const {status} = spawnSync('npx', words, {
    cwd: ROOT,
    stdio: 'inherit',
  })
  return status === 0
}
