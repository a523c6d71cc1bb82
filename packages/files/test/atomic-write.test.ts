import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {
  createFile,
  createFileSoon,
  makeDirectory,
  replaceFile,
  reserveReplacement,
  temporaryPath,
} from '@parix/files/atomic-write'
import {bundleScript, run} from '@parix/testkit'
import {expect} from 'chai'

describe('atomic writes', () => {
  let directory: string
  let path: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-atomic-'))
    path = join(directory, 'a.json')
  })
  afterEach(() => {
    chmodSync(directory, 0o700)
    rmSync(directory, {recursive: true})
  })
  const mode = (file: string) => statSync(file).mode & 0o777

  it('replaceFile makes a private file in a private directory, whatever the umask', () => {
    const deep = join(directory, 'x', 'y', 'a')
    const umask = process.umask(0o000)
    try {
      replaceFile(deep, 'text')
    } finally {
      process.umask(umask)
    }
    expect(readFileSync(deep, 'utf8')).to.equal('text')
    expect([mode(deep), mode(join(directory, 'x', 'y')), mode(join(directory, 'x'))]).to.deep.equal([
      0o600, 0o700, 0o700,
    ])
  })

  it('replaceFile replaces contents and leaves no temporary file', () => {
    replaceFile(path, 'a long first text')
    replaceFile(path, 'short')
    replaceFile(path, new Uint8Array([0, 255]))
    expect([...readFileSync(path)]).to.deep.equal([0, 255])
    expect(readdirSync(directory)).to.deep.equal(['a.json'])
  })

  it('`keep` keeps the mode, and is 0644 for a new file', () => {
    replaceFile(path, '1', 'keep')
    expect(mode(path)).to.equal(0o644)
    chmodSync(path, 0o640)
    replaceFile(path, '2', 'keep')
    expect(mode(path)).to.equal(0o640)
  })

  it('F15: a symbolic link stays a link, and the file it leads to is replaced', () => {
    const target = join(directory, 'dotfiles', 'real.json')
    mkdirSync(join(directory, 'dotfiles'))
    writeFileSync(target, 'old')
    symlinkSync(join('dotfiles', 'real.json'), path)
    expect(replaceFile(path, 'new')).to.equal(target)
    expect(lstatSync(path).isSymbolicLink()).to.equal(true)
    expect(readFileSync(target, 'utf8')).to.equal('new')
    const reservation = reserveReplacement(path, 10)
    reservation.commit('newer')
    expect(lstatSync(path).isSymbolicLink()).to.equal(true)
    expect(readFileSync(target, 'utf8')).to.equal('newer')
  })

  it('a symbolic link to nothing is replaced', () => {
    symlinkSync(join(directory, 'nowhere'), path)
    replaceFile(path, 'new')
    expect(lstatSync(path).isFile()).to.equal(true)
  })

  it('createFileSoon makes a private file at once, says when it is on disk, and never overwrites', async () => {
    const onDisk = createFileSoon(path, 'first')
    expect([readFileSync(path, 'utf8'), mode(path)]).to.deep.equal(['first', 0o600])
    await onDisk
    expect(() => createFileSoon(path, 'second')).to.throw('EEXIST')
    expect(readFileSync(path, 'utf8')).to.equal('first')
  })

  it('createFile never overwrites', () => {
    createFile(path, 'first')
    expect(() => createFile(path, 'second')).to.throw('EEXIST')
    expect(readFileSync(path, 'utf8')).to.equal('first')
  })

  it('makeDirectory keeps the mode of a directory that exists', () => {
    mkdirSync(join(directory, 'open'), {mode: 0o755})
    makeDirectory(join(directory, 'open'))
    expect(mode(join(directory, 'open'))).to.equal(0o755)
  })

  it('makeDirectory fails where a file system takes no entries: Node tries for ever there', function () {
    if (process.platform !== 'linux') return this.skip()
    for (const path of ['/proc/parix', '/proc/parix/a/b'])
      expect(() => makeDirectory(path), path)
        .to.throw()
        .with.property('code', 'ENOENT')
  })

  it('makeDirectory makes all that is missing, also by relative paths, through links and with dots', () => {
    for (const path of [
      join(directory, 'a', 'b', 'c'),
      join(directory, 'd', '..', 'e'),
      relative(process.cwd(), join(directory, 'f', 'g')),
    ]) {
      makeDirectory(path)
      expect(mode(path)).to.equal(0o700)
    }
    symlinkSync(join(directory, 'nowhere'), join(directory, 'link'))
    expect(() => makeDirectory(join(directory, 'link', 'x')))
      .to.throw()
      .with.property('code')
      .that.matches(/^E/)
  })

  it('temporary names differ', () => {
    expect(new Set(Array.from({length: 100}, () => temporaryPath(path)))).to.have.property('size', 100)
  })

  describe('a reservation', () => {
    it('takes the space, and changes nothing before commit', () => {
      writeFileSync(path, 'old')
      const reservation = reserveReplacement(path, 5000)
      const [temporary] = readdirSync(directory).filter((name) => name.endsWith('.tmp'))
      expect(statSync(join(directory, temporary!))).to.include({size: 5000})
      expect(mode(join(directory, temporary!))).to.equal(0o600)
      expect(readFileSync(path, 'utf8')).to.equal('old')
      reservation.commit('new')
      expect(readFileSync(path, 'utf8')).to.equal('new')
      expect(readdirSync(directory)).to.deep.equal(['a.json'])
      reservation.discard()
      expect(readFileSync(path, 'utf8')).to.equal('new')
    })

    it('grows when the contents are longer than expected', () => {
      const reservation = reserveReplacement(path, 1)
      reservation.commit('x'.repeat(10_000))
      expect(readFileSync(path, 'utf8')).to.have.length(10_000)
    })

    it('leaves nothing when discarded', () => {
      const reservation = reserveReplacement(path, 10)
      reservation.discard()
      reservation.discard()
      expect(readdirSync(directory)).to.deep.equal([])
    })
  })

  it('a volatile file is replaced whole, without the wait for the disk', async () => {
    const script = await bundleScript(new URL('scripts/count-syncs.ts', import.meta.url))
    const {stdout, stderr} = await run(process.execPath, [script.path, path])
    script.remove()
    expect(stderr).to.equal('')
    const [durable, volatile] = JSON.parse(stdout) as [number, number]
    expect(durable).to.be.greaterThan(0)
    expect(volatile).to.equal(0)
    expect(readFileSync(path, 'utf8')).to.equal('volatile')
    expect(statSync(path).mode & 0o777).to.equal(0o600)
    expect(readdirSync(directory)).to.deep.equal(['a.json'])
  })

  describe('where the disk refuses', () => {
    const fail = async (work: string, errno: string) => {
      const script = await bundleScript(new URL('scripts/failing-disk.ts', import.meta.url))
      const {stdout, stderr} = await run(process.execPath, [script.path, work, path, errno])
      script.remove()
      expect(stderr).to.equal('')
      return JSON.parse(stdout) as {code: string; message: string; errno: string}
    }

    for (const [errno, reason] of [
      ['ENOSPC', 'the disk is full'],
      ['EDQUOT', 'the disk quota is used up'],
      ['EROFS', 'the file system is read-only'],
    ] as const) {
      for (const work of ['replace', 'reserve', 'commit']) {
        it(`${work}: ${errno} is reported in words, the file is as it was, and nothing is left`, async () => {
          writeFileSync(path, 'old')
          expect(await fail(work, errno)).to.include({
            code: 'not_written',
            errno,
            message: `${path} could not be written: ${reason} (${errno}).`,
          })
          expect(readFileSync(path, 'utf8')).to.equal('old')
          expect(readdirSync(directory)).to.deep.equal(['a.json'])
        })
      }
    }

    it('createFile leaves no half-written file', async () => {
      await fail('create', 'ENOSPC')
      expect(existsSync(path)).to.equal(false)
    })

    it('a lock that could not be written leaves nothing behind, and is free afterwards', async () => {
      const {errno} = await fail('lock', 'ENOSPC')
      expect(errno).to.equal('ENOSPC')
      expect(readdirSync(directory)).to.deep.equal([])
    })

    it('a parent that is a file is reported in words', () => {
      writeFileSync(path, '')
      expect(() => replaceFile(join(path, 'b'), 'x')).to.throw(/could not be written: .*\((ENOTDIR|EEXIST)\)/)
    })
  })
})
