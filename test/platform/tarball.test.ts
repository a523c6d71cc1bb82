import {execFileSync} from 'node:child_process'
import {statSync} from 'node:fs'
import {join} from 'node:path'
import {type TestHome, withHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {installedCli, installedParix} from './installed.js'

const MEGABYTE = 1e6

describe('the tarball, installed offline into an empty directory', function () {
  this.timeout(180_000)
  before(() => installedCli())

  const inHome = (name: string, work: (home: TestHome) => Promise<void>) => it(name, () => withHome(work))

  inHome('tells its version', async (home) => {
    const {stdout, code} = await installedParix('--version', {home})
    expect(code).to.equal(0)
    expect(stdout).to.match(/^@parix\/cli\/\d+\.\d+\.\d+ \S+ node-v\d+\.\d+\.\d+\n$/)
  })

  for (const words of [
    'auth list',
    'database --help',
    'tb --help',
    'api --help',
    'local status',
    'plugins',
    'commands',
    'help environment',
  ]) {
    inHome(`runs "parix ${words}"`, async (home) => {
      const {stderr, code} = await installedParix(words, {home})
      expect([0, 3], stderr).to.include(code)
      expect(stderr).not.to.match(/Cannot find|at .*\.cjs/)
    })
  }

  inHome('talks to a service', (home) =>
    withService(async (service) => {
      service.answer('GET', '/api/v1/databases', {json: {ok: true, databases: []}})
      const env = {PARIX_API_KEY: 'px_key', PARIX_BASE_URL: service.baseUrl}
      const {stdout, code, stderr} = await installedParix('database list --json', {home, env})
      expect(code, stderr).to.equal(0)
      expect(JSON.parse(stdout)).to.deep.equal({ok: true, databases: []})
    }),
  )

  it('holds nothing but the bundle, its one native library for parix local, and the example', async () => {
    const {tarball} = await installedCli()
    const files = execFileSync('tar', ['tzf', tarball], {encoding: 'utf8'}).trim().split('\n')
    const unexpected = files.filter(
      (file) =>
        !/^package\/(bin\/(run\.js|package\.json)|dist\/|examples\/plugin-hello\/|package\.json|README\.md|LICENSE|THIRD-PARTY-LICENSES\.txt)/.test(
          file,
        ) && !/^package\/node_modules\/(libsql|@libsql|@neon-rs\/load|detect-libc)\//.test(file),
    )
    expect(unexpected).to.deep.equal([])
  })

  it('is at most 12 MB without parix local, installed', async () => {
    const {root} = await installedCli()
    const bytes = execFileSync('find', [root, '-type', 'f'], {encoding: 'utf8'})
      .trim()
      .split('\n')
      .filter((file) => !file.includes(join(root, 'node_modules')) && !file.endsWith('local-server.cjs'))
      .reduce((sum, file) => sum + statSync(file).size, 0)
    expect(bytes).to.be.below(12 * MEGABYTE)
  })
})
