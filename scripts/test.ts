import {spawnSync} from 'node:child_process'
import {statSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT} from './build/workspaces.js'

/**
 * `npm test`: lint, types and every test. `npm test -- PATH… [MOCHA-FLAGS]`: only the tests of these files and directories, such as
 * `packages/kit` or `test/help/help.test.ts`, without lint and types.
 */
function main(argv: string[]): number {
  const paths = argv.map((word) => (isDirectory(word) ? `${word.replace(/[\\/]+$/, '')}/**/*.test.ts` : word))
  if (argv.some((word) => word.endsWith('.ts') || isDirectory(word))) return mocha(paths)
  for (const script of ['lint', 'typecheck']) {
    const status = run(process.env.npm_execpath ?? 'npm', ['run', script])
    if (status !== 0) return status
  }
  return mocha(['test/**/*.test.ts', 'packages/*/test/**/*.test.ts', ...paths])
}

function mocha(words: string[]): number {
  const ignored = ['--ignore', '**/node_modules/**']
  return run(join(ROOT, 'node_modules/mocha/bin/mocha.js'), [...ignored, ...words])
}

/** Runs a script of JavaScript by this Node (which needs no shell on Windows), else a program. */
function run(program: string, args: string[]): number {
  const [command, words] = /\.c?js$/.test(program) ? [process.execPath, [program, ...args]] : [program, args]
  const {status, error} = spawnSync(command, words, {cwd: ROOT, stdio: 'inherit'})
  if (error !== undefined) console.error(error.message)
  return status ?? 1
}

function isDirectory(path: string): boolean {
  return statSync(join(ROOT, path), {throwIfNoEntry: false})?.isDirectory() ?? false
}

process.exitCode = main(process.argv.slice(2))
