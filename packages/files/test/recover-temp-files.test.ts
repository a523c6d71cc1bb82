import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {temporaryPath} from '@parix/files/atomic-write'
import {asideFiles, moveAside, recoverTempFiles, temporaryFiles} from '@parix/files/recover-temp-files'
import {expect} from 'chai'

describe('what a killed writer left behind', () => {
  let directory: string
  let target: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-recover-'))
    target = join(directory, 'a.json')
  })
  afterEach(() => rmSync(directory, {recursive: true}))
  const write = (path: string, text: string, secondsAgo: number) => {
    writeFileSync(path, text)
    const at = Date.now() / 1000 - secondsAgo
    utimesSync(path, at, at)
    return path
  }
  const isWhole = (path: string) => readFileSync(path, 'utf8').startsWith('whole')
  const contents = () => readFileSync(target, 'utf8')

  it('the newest whole file is put into place, and the others are removed', () => {
    write(target, 'old', 100)
    write(temporaryPath(target), 'whole 1', 50)
    write(temporaryPath(target), 'whole 2', 40)
    write(temporaryPath(target), 'half', 30)
    expect(recoverTempFiles(target, isWhole)).to.equal(true)
    expect(contents()).to.equal('whole 2')
    expect(readdirSync(directory)).to.deep.equal(['a.json'])
  })

  it('a file older than the target is removed', () => {
    write(target, 'new', 10)
    write(temporaryPath(target), 'whole', 50)
    expect(recoverTempFiles(target, isWhole)).to.equal(false)
    expect(contents()).to.equal('new')
    expect(readdirSync(directory)).to.deep.equal(['a.json'])
  })

  it('a reservation that was never written is removed', () => {
    write(target, 'old', 100)
    write(temporaryPath(target), '\u0001\u0002random', 1)
    expect(recoverTempFiles(target, isWhole)).to.equal(false)
    expect(contents()).to.equal('old')
    expect(temporaryFiles(target)).to.deep.equal([])
  })

  it('files of other names stay', () => {
    for (const name of ['b.json.0123456789ab.tmp', 'a.json.short.tmp', 'a.json.tmp', 'a.jsonx.0123456789ab.tmp']) {
      write(join(directory, name), 'whole', 0)
    }
    expect(temporaryFiles(target)).to.deep.equal([])
    expect(recoverTempFiles(target, isWhole)).to.equal(false)
    expect(readdirSync(directory)).to.have.length(4)
  })

  it('a directory that is missing has none', () => {
    expect(temporaryFiles(join(directory, 'missing', 'a'))).to.deep.equal([])
  })

  it('moveAside keeps the file, private, under a name of its own each time', () => {
    const names = [1, 2, 3].map((n) => {
      writeFileSync(target, String(n), {mode: 0o644})
      return moveAside(target)
    })
    expect(existsSync(target)).to.equal(false)
    expect(names.map((name) => readFileSync(name, 'utf8'))).to.deep.equal(['1', '2', '3'])
    expect(asideFiles(target).sort()).to.deep.equal([...names].sort())
    expect(statSync(names[0]!).mode & 0o777).to.equal(0o600)
  })
})
