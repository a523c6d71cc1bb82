import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {dirname, join} from 'node:path'
import {run, type TestHome, withHome} from '@parix/testkit'
import {expect} from 'chai'
import {cachePath, readCodeCache, writeCodeCache} from '../../src/runner/code-cache.js'
import {REPOSITORY} from './installed.js'

const BIN = join(REPOSITORY, 'bin/run.js')

describe('the code cache', function () {
  this.timeout(60_000)
  const parix = (home: TestHome, words = ['version'], env: Record<string, string> = {}) =>
    run(process.execPath, [BIN, ...words], {env: {...home.environment, ...env}})

  const directoryOf = (home: TestHome) => join(home.path, '.cache/parix/code')
  /** Its files, relative to the directory of the build. */
  function files(home: TestHome): string[] {
    if (!existsSync(directoryOf(home))) return []
    return readdirSync(directoryOf(home), {recursive: true, encoding: 'utf8'}).filter((path) => path.endsWith('.bin'))
  }
  const fileOf = (home: TestHome) => join(directoryOf(home), files(home)[0]!)

  it('is written at the first run for this user alone, and used without being written again', () =>
    withHome(async (home) => {
      const first = await parix(home)
      expect(files(home)).to.have.length(1)
      expect(files(home)[0]).to.match(/^[0-9a-f]{16}-\w+-[\w.-]+-[0-9a-f]+[\\/]version\.bin$/)
      expect(statSync(fileOf(home)).mode & 0o777).to.equal(0o600)
      expect(statSync(join(fileOf(home), '..')).mode & 0o777).to.equal(0o700)
      const written = statSync(fileOf(home)).mtimeMs
      const second = await parix(home)
      expect([second.stdout, second.code]).to.deep.equal([first.stdout, 0])
      expect(statSync(fileOf(home)).mtimeMs).to.equal(written)
    }))

  it('is not made or read with PARIX_NO_CODE_CACHE', () =>
    withHome(async (home) => {
      const {code} = await parix(home, ['version'], {PARIX_NO_CODE_CACHE: '1'})
      expect(code).to.equal(0)
      expect(files(home)).to.deep.equal([])
    }))

  it('is passed over and made anew when it is damaged, cut short, empty, or has lost a block', () =>
    withHome(async (home) => {
      const {stdout} = await parix(home)
      const whole = readFileSync(fileOf(home))
      const lost = Buffer.from(whole).fill(0, 40_960, 45_056)
      for (const damaged of [lost, whole.subarray(0, whole.length / 2), Buffer.alloc(0), Buffer.from('not V8')]) {
        writeFileSync(fileOf(home), damaged)
        expect(readCodeCache(fileOf(home))).to.equal(undefined)
        const again = await parix(home)
        expect([again.stdout, again.stderr, again.code]).to.deep.equal([stdout, '', 0])
        expect(readCodeCache(fileOf(home))?.length).to.be.above(1000)
      }
    }))

  for (const [what, spoil] of [
    ['a file that others may write', (path: string) => chmodSync(path, 0o666)],
    ['a directory that others may write', (path: string) => chmodSync(dirname(path), 0o777)],
    ['a directory in its place', replaceByDirectory],
    ['a link in its place', replaceByLink],
  ] as const) {
    it(`is not trusted, and in nobody's way, as ${what}`, () =>
      withHome(async (home) => {
        await parix(home)
        const path = fileOf(home)
        expect(readCodeCache(path)).to.be.instanceOf(Buffer)
        spoil(path)
        expect(readCodeCache(path)).to.equal(undefined)
        const {stdout, stderr, code} = await parix(home)
        expect([stdout.slice(0, 6), stderr, code]).to.deep.equal(['parix ', '', 0])
      }))
  }

  it('a cache directory that can not be written changes nothing', () =>
    withHome(async (home) => {
      home.write('.cache', 'a file in the way')
      const {stdout, stderr, code} = await parix(home)
      expect([code, stderr]).to.deep.equal([0, ''])
      expect(stdout).to.match(/^parix /)
    }))

  it('what earlier builds left is removed', () =>
    withHome(async (home) => {
      const old = join(directoryOf(home), '0123456789abcdef-x64-1')
      mkdirSync(old, {recursive: true})
      writeFileSync(join(old, 'version.bin'), '')
      await parix(home)
      expect(existsSync(old)).to.equal(false)
      expect(files(home)).to.have.length(1)
    }))

  it('is kept of thirty commands, those whose files were written last', () =>
    withHome((home) => {
      const parts = Array.from({length: 40}, (_, index) => `command.${index}`)
      const pathOf = (part: string) => cachePath(join(home.path, '.cache/parix'), {hash: '0123456789abcdef', part})
      for (const [age, part] of parts.entries()) {
        writeCodeCache(pathOf(part), () => Buffer.alloc(1000))
        utimesSync(pathOf(part), age, age)
      }
      expect(parts.filter((part) => existsSync(pathOf(part)))).to.deep.equal(parts.slice(10))
      expect(readdirSync(dirname(pathOf('any')))).to.have.length(30)
    }))

  it('a command of which nothing is kept goes without a trace of what was typed', () =>
    withHome(async (home) => {
      for (const word of ['onse', 'twise', 'tb onse']) await parix(home, word.split(' '))
      expect(files(home).map((path) => path.split(/[\\/]/)[1])).to.deep.equal(['other.bin'])
    }))

  it('is kept of a part beside the bundle as well, once for all commands that load it', () =>
    withHome(async (home) => {
      const first = await parix(home, ['local', 'exec', '--', 'true'])
      expect(first.code, first.stderr).to.equal(0)
      const service = files(home).find((path) => path.endsWith('-local-server.bin'))
      expect(service, files(home).join()).to.be.a('string')
      const written = statSync(join(directoryOf(home), service!)).mtimeMs
      const second = await parix(home, ['local', 'exec', '--', 'false'])
      expect(second.code, second.stderr).to.equal(1)
      expect(statSync(join(directoryOf(home), service!)).mtimeMs).to.equal(written)
    }))

  it('twenty first runs at once all work, and leave one whole file', () =>
    withHome(async (home) => {
      const runs = await Promise.all(Array.from({length: 20}, () => parix(home)))
      expect(runs.map(({code}) => code)).to.deep.equal(runs.map(() => 0))
      expect(readdirSync(join(fileOf(home), '..'))).to.deep.equal(['version.bin'])
    }))
})

function replaceByDirectory(path: string): void {
  rmSync(path)
  mkdirSync(path)
}

function replaceByLink(path: string): void {
  renameSync(path, `${path}.real`)
  symlinkSync(`${path}.real`, path)
}
