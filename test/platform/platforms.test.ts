import {cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {withHome} from '@parix/testkit'
import {expect} from 'chai'
import {npm} from '../../scripts/pack/npm.js'
import {installedCli, REPOSITORY} from './installed.js'
import {packDirectory, type Registry, startRegistry} from './registry.js'

/** What libsql loads on each, by its own rule (`@libsql/PLATFORM-ARCH[-LIBC]`). */
const PLATFORMS = [
  {os: 'linux', cpu: 'x64', loads: '@libsql/linux-x64-gnu'},
  {os: 'linux', cpu: 'arm64', loads: '@libsql/linux-arm64-gnu'},
  {os: 'darwin', cpu: 'x64', loads: '@libsql/darwin-x64'},
  {os: 'darwin', cpu: 'arm64', loads: '@libsql/darwin-arm64'},
  {os: 'win32', cpu: 'x64', loads: '@libsql/win32-x64-msvc'},
]

interface Locked {
  version: string
  os?: string[]
  cpu?: string[]
  libc?: string[]
}

describe('the tarball on other platforms', function () {
  this.timeout(240_000)
  let scratch: string
  let registry: Registry
  let tarball: string

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'parix-platforms-'))
    registry = await startRegistry(join(REPOSITORY, 'node_modules'))
    tarball = packDirectory(await packagesOnly(), scratch, {modules: true})
    // The binaries of other platforms are not installed here: packages of their names, with the platforms of the lock file.
    const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, Locked>
    }
    for (const [path, {version, os, cpu, libc}] of Object.entries(lock.packages)) {
      const name = /^node_modules\/(@libsql\/.*)$/.exec(path)?.[1]
      if (name === undefined || existsSync(join(REPOSITORY, path))) continue
      const directory = join(scratch, name)
      mkdirSync(directory, {recursive: true})
      writeFileSync(join(directory, 'package.json'), JSON.stringify({name, version, os, cpu, libc, main: 'index.node'}))
      writeFileSync(join(directory, 'index.node'), 'a library')
      registry.publish(packDirectory(directory, scratch))
    }
  })
  after(async () => {
    await registry.stop()
    rmSync(scratch, {recursive: true, force: true})
  })

  /** The CLI as its tarball has it, but for what is in large files: what npm installs beside it is decided by each package.json. */
  async function packagesOnly(): Promise<string> {
    const {root} = await installedCli()
    const directory = join(scratch, 'cli')
    cpSync(root, directory, {recursive: true, filter: (path) => path !== join(root, 'dist')})
    for (const path of readdirSync(directory, {recursive: true, encoding: 'utf8'}))
      if (path.endsWith('.node')) writeFileSync(join(directory, path), 'a library')
    return directory
  }

  for (const {os, cpu, loads} of PLATFORMS) {
    it(`installs what is loaded on ${os} ${cpu}: ${loads}`, () =>
      withHome(async (home) => {
        const directory = join(home.path, 'app')
        home.write('app/package.json', '{}')
        const words = [
          'install',
          tarball,
          `--os=${os}`,
          `--cpu=${cpu}`,
          '--no-audit',
          '--no-fund',
          ...(os === 'linux' ? ['--libc=glibc'] : []),
        ]
        await npm(words, directory, {...home.environment, npm_config_registry: registry.url})
        const cli = join(directory, 'node_modules', '@parix', 'cli')
        const places = [join(cli, 'node_modules', loads), join(directory, 'node_modules', loads)]
        const found = places.filter((path) => existsSync(join(path, 'index.node')))
        expect(found, readdirSync(join(directory, 'node_modules')).join(' ')).to.have.length(1)
        expect(existsSync(join(cli, 'node_modules', 'libsql', 'index.js'))).to.equal(true)
      }))
  }

  it('ships the licence of each package whose code is in it', async () => {
    const {root} = await installedCli()
    const text = readFileSync(join(root, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    for (const name of [
      'better-auth',
      'hono',
      'kysely',
      'zod',
      'jose',
      'openid-client',
      'got',
      '@oclif/core',
      '@oclif/plugin-plugins',
      'lossless-json',
    ]) {
      expect(text).to.match(new RegExp(`^-{80}\\n${name.replace('/', '\\/')} \\d+\\.\\d+\\.\\d+`, 'm'))
    }
    expect(text.match(/permission is hereby granted/gi)?.length).to.be.above(50)
    expect(text).not.to.match(/^-{80}\n.*\n\n(-{80}|$)/m)
  })

  it('names a help class that is there', async () => {
    const {root} = await installedCli()
    const {oclif} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {oclif: {helpClass: string}}
    expect(existsSync(join(root, oclif.helpClass))).to.equal(true)
  })
})
