import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {makeHome, type RunResult, residentParix, startOnTerminal, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {readPackage} from '../../scripts/build/workspaces.js'
import {REPOSITORY} from '../platform/installed.js'
import {packDirectory, type Registry, startRegistry} from '../platform/registry.js'

/** Plugins that oclif itself publishes. They are development dependencies, so that a registry on loopback can offer them. */
interface Ecosystem {
  /** What else the installation says. */
  says?: string
  /** Its job, beside our commands. */
  works: (parix: Parix) => Promise<unknown>
}

interface Parix {
  (words: string, env?: Record<string, string>): Promise<RunResult>
  home: TestHome
}

const PLUGINS: Record<string, Ecosystem> = {
  which: {
    works: async (parix) => {
      expect((await parix('which tb id')).stdout).to.contain('plugin: @parix/plugin-tb')
      const inspected = JSON.parse((await parix('plugins inspect @oclif/plugin-which --json')).stdout) as {
        dependencies: {name: string; range: string; version: string}[]
      }
      expect(inspected.dependencies.find(({name}) => name === '@oclif/core')).to.include({range: '^4'})
      expect(inspected.dependencies.every(({version}) => /^\d+\./.test(version))).to.equal(true)
    },
  },
  commands: {
    says: 'These of its commands never run, because others have the same name:\n  parix commands\n',
    works: async (parix) => expect(JSON.parse((await parix('commands --json')).stdout)).to.have.property('commands'),
  },
  version: {
    says: 'These of its commands never run, because others have the same name:\n  parix version\n',
    works: async (parix) => expect((await parix('version')).stdout).to.match(/^parix \d/),
  },
  autocomplete: {
    says: 'Its code also runs at: plugins:postinstall, plugins:postuninstall.',
    works: async (parix) => {
      expect((await parix('autocomplete bash')).stdout).to.contain('Setup Instructions for PARIX CLI Autocomplete')
      expect(parix.home.read('.cache/parix/autocomplete/functions/bash/parix.bash')).to.contain('tb:create-transfers')
    },
  },
  'not-found': {
    says: 'Its code also runs at: command_not_found.',
    works: async (parix) => {
      const {code, stderr} = await parix('tb idd')
      expect(stderr).to.contain('tb idd is not a parix command')
      expect(code).to.equal(127)
    },
  },
  'warn-if-update-available': {
    says: 'Its code also runs at: init.',
    works: async (parix) => {
      parix.home.write('.cache/parix/version', '{"latest": "99.0.0"}')
      const {code, stderr} = await parix('tb id')
      expect([code, stderr]).to.satisfy(() => code === 0 && stderr.includes('update available from'), stderr)
    },
  },
  update: {
    says: 'Its code also runs at: init.',
    works: async (parix) => {
      const {code, stdout, stderr} = await parix('update')
      expect([code, stdout + stderr]).to.satisfy(() => code === 0 && stderr.includes('not updatable'), stdout + stderr)
    },
  },
  search: {
    works: async ({home}) => {
      const search = startOnTerminal(['search'], {home})
      await search.saw(/Search for a command/)
      search.child.stdin?.write('tb id')
      await search.saw(/❯ tb id/)
      search.child.stdin?.write('\r')
      expect((await search.result).stdout).to.contain('$ parix tb id')
    },
  },
}

/** As in the real registry, its newest version needs another Node: npm is run five times for it, twice for the others. */
const NEWER = 'which'

describe("plugins of oclif's own, beside ours", function () {
  this.timeout(240_000)
  let scratch: string
  let registry: Registry

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'parix-ecosystem-'))
    registry = await startRegistry(join(REPOSITORY, 'node_modules'))
    const directory = mkdtempSync(join(scratch, 'newer-'))
    const json = {name: `@oclif/plugin-${NEWER}`, version: '99.0.0', engines: {node: '>=99'}, oclif: {}}
    writeFileSync(join(directory, 'package.json'), JSON.stringify(json))
    registry.publish(packDirectory(directory, scratch))
  })
  after(async () => {
    await registry.stop()
    rmSync(scratch, {recursive: true, force: true})
  })

  for (const [name, {says = '', works}] of Object.entries(PLUGINS)) {
    it(`@oclif/plugin-${name}: the newest that runs here is installed, works, and goes`, async () => {
      const home = makeHome()
      // What npm has fetched for one plugin it has for the next.
      const npm = {npm_config_registry: registry.url, npm_config_cache: join(scratch, 'npm-cache')}
      const env = {...npm, PARIX_DISABLE_AUTOUPDATE: 'true'}
      const parix: Parix = Object.assign(
        (words: string) => residentParix(words, {home, cwd: scratch, timeoutMs: 120_000, env}),
        {home},
      )
      const plugin = `@oclif/plugin-${name}`
      const {version} = readPackage(join(REPOSITORY, 'node_modules', plugin))
      const installed = await parix(`plugins install ${plugin}`)
      expect(installed.code, installed.stderr).to.equal(0)
      expect(installed.stdout).to.contain(`Installed ${plugin} ${version}.\n`).and.to.contain(says)
      if (name === NEWER) expect(installed.stderr).to.contain('99.0.0 is newer, but needs Node >=99.')
      else expect(installed.stderr).not.to.contain('is newer')
      await works(parix)
      expect((await parix(`plugins uninstall ${plugin}`)).stdout).to.equal(`Uninstalled ${plugin}.\n`)
      expect(readdirSync(join(home.path, '.local/share/parix/plugins'))).to.deep.equal([])
      expect(readFileSync(join(home.path, '.local/share/parix/package.json'), 'utf8')).not.to.contain(plugin)
      home.remove()
    })
  }
})
