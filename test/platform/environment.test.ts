import {chmodSync, chownSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {run, withHome} from '@parix/testkit'
import {expect} from 'chai'
import {REPOSITORY} from './installed.js'

const BIN = join(REPOSITORY, 'bin/run.js')

/** A directory to look around in, with a plugin that says so when it is run, and compiled code, by every way there. */
const UNDER = '.local/share/parix'
const PLUGIN = {
  'package.json': {name: 'planted', version: '1.0.0', oclif: {commands: './commands', hooks: {init: './init.js'}}},
  'init.js': 'console.error("PLANTED CODE RUNS")',
  'commands/x.js': 'console.error("PLANTED CODE RUNS")',
}

describe('an untrusted working directory', function () {
  this.timeout(60_000)

  for (const [what, change] of [
    ['HOME is empty', {HOME: ''}],
    ['HOME is relative', {HOME: '.'}],
    ['XDG_DATA_HOME is relative', {XDG_DATA_HOME: '.local/share'}],
    ['PARIX_DATA_DIR is relative', {PARIX_DATA_DIR: '.local/share/parix'}],
  ] as const) {
    it(`threats 4.15, 4.16: brings no plugins, and no compiled code, when ${what}`, () =>
      withHome((home) =>
        withHome(async (checkout) => {
          for (const [path, content] of Object.entries(PLUGIN)) checkout.write(`${UNDER}/plug/${path}`, content)
          const root = join(checkout.path, UNDER, 'plug')
          checkout.write(`${UNDER}/package.json`, {oclif: {plugins: [{name: 'planted', type: 'link', root}]}})
          const {XDG_DATA_HOME: _, XDG_CACHE_HOME: cache, ...rest} = home.environment
          const env = {...rest, XDG_CACHE_HOME: cache!, ...change}
          const {stderr, code} = await run(process.execPath, [BIN, 'commands'], {cwd: checkout.path, env})
          expect(stderr).not.to.contain('PLANTED')
          expect(code).to.equal(0)
        }),
      ))
  }

  for (const [what, change] of [
    ['everybody may write the list', (path: string) => chmodSync(path, 0o666)],
    ['everybody may write the directory', (path: string) => chmodSync(dirname(path), 0o777)],
    ['another user owns the list', (path: string) => chownSync(path, 4711, 4711)],
    ['another user owns the directory', (path: string) => chownSync(dirname(path), 4711, 4711)],
  ] as const) {
    it(`threats 4.3, 4.4: plugins do not run where ${what}`, function () {
      if (process.geteuid?.() !== 0) this.skip()
      return withHome(async (home) => {
        for (const [path, content] of Object.entries(PLUGIN)) home.write(`${UNDER}/plug/${path}`, content)
        const root = join(home.path, UNDER, 'plug')
        const list = home.write(`${UNDER}/package.json`, {oclif: {plugins: [{name: 'planted', type: 'link', root}]}})
        change(list)
        const {stderr, code} = await run(process.execPath, [BIN, 'commands'], {env: home.environment})
        expect(stderr).to.contain('installed plugins are left out').and.not.to.contain('PLANTED')
        expect(code).to.equal(0)
      })
    })
  }
})
