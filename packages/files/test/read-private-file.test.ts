import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {isFileError} from '@parix/files/errors'
import {readPrivateFile, readPrivateText, resolveLink} from '@parix/files/read-private-file'
import {bundleScript, run} from '@parix/testkit'
import {expect} from 'chai'

const OPTIONS = {bytesMax: 1000}
const SECRET = {bytesMax: 1000, secret: true}

describe('reading a private file', () => {
  let directory: string
  let path: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-read-'))
    path = join(directory, 'a')
  })
  afterEach(() => rmSync(directory, {recursive: true}))
  const codeOf = (work: () => unknown): string => {
    try {
      work()
    } catch (error) {
      if (isFileError(error)) return error.code
      throw error
    }
    return 'none'
  }

  it('returns the bytes, and undefined when there is none', () => {
    expect(readPrivateFile(path, OPTIONS)).to.equal(undefined)
    writeFileSync(path, 'text')
    expect(readPrivateFile(path, OPTIONS)?.bytes.toString()).to.equal('text')
    expect(readPrivateText(path, OPTIONS)).to.equal('text')
    writeFileSync(path, '')
    expect(readPrivateText(path, OPTIONS)).to.equal('')
  })

  it('follows a symbolic link and names the file behind it; a link to nothing is not a file', () => {
    writeFileSync(join(directory, 'real'), 'text')
    symlinkSync('real', path)
    expect(readPrivateFile(path, OPTIONS)).to.include({target: join(directory, 'real')})
    rmSync(join(directory, 'real'))
    expect(readPrivateFile(path, OPTIONS)).to.equal(undefined)
    expect(resolveLink(path)).to.equal(undefined)
  })

  it('a loop of symbolic links is an error, not nothing', () => {
    symlinkSync('b', path)
    symlinkSync('a', join(directory, 'b'))
    expect(codeOf(() => readPrivateFile(path, OPTIONS))).to.equal('unreadable')
  })

  it('a FIFO, a directory and a device are named by their type at once', () => {
    execFileSync('mkfifo', [path])
    expect(() => readPrivateFile(path, OPTIONS)).to.throw('is a named pipe, not a file')
    mkdirSync(join(directory, 'd'))
    expect(() => readPrivateFile(join(directory, 'd'), OPTIONS)).to.throw('is a directory, not a file')
    expect(() => readPrivateFile('/dev/null', {...OPTIONS, trust: {root: true}})).to.throw('is a device, not a file')
  })

  it('a file that others can write to is not read', () => {
    writeFileSync(path, 'text')
    for (const mode of [0o620, 0o602, 0o666]) {
      chmodSync(path, mode)
      expect(codeOf(() => readPrivateFile(path, OPTIONS))).to.equal('writable_by_others')
    }
    chmodSync(path, 0o620)
    expect(codeOf(() => readPrivateFile(path, {...OPTIONS, trust: {group: true}}))).to.equal('none')
  })

  it('a secret that others could read becomes 0600, and the caller learns of it', () => {
    writeFileSync(path, 'text')
    chmodSync(path, 0o644)
    expect(readPrivateFile(path, SECRET)?.wasReadableByOthers).to.equal(true)
    expect(statSync(path).mode & 0o777).to.equal(0o600)
    expect(readPrivateFile(path, SECRET)?.wasReadableByOthers).to.equal(false)
  })

  it('what is not secret keeps its mode', () => {
    writeFileSync(path, 'text')
    chmodSync(path, 0o644)
    expect(readPrivateFile(path, OPTIONS)?.wasReadableByOthers).to.equal(false)
    expect(statSync(path).mode & 0o777).to.equal(0o644)
  })

  it('a secret in a directory that others can write to is not read', () => {
    writeFileSync(path, 'text')
    chmodSync(directory, 0o777)
    expect(codeOf(() => readPrivateFile(path, SECRET))).to.equal('writable_by_others')
    expect(codeOf(() => readPrivateFile(path, OPTIONS))).to.equal('none')
    chmodSync(directory, 0o700)
  })

  it('a file that is too large is not read', () => {
    writeFileSync(path, 'x'.repeat(1000))
    expect(codeOf(() => readPrivateFile(path, OPTIONS))).to.equal('none')
    writeFileSync(path, 'x'.repeat(1001))
    expect(codeOf(() => readPrivateFile(path, OPTIONS))).to.equal('too_large')
  })

  it('text that is not UTF-8 is an error', () => {
    writeFileSync(path, Buffer.from([0x61, 0xff]))
    expect(codeOf(() => readPrivateText(path, OPTIONS))).to.equal('not_utf8')
  })

  describe('without permission', () => {
    const asRoot = process.geteuid?.() === 0 ? it : it.skip
    const readAsNobody = async (file: string) => {
      const script = await bundleScript(new URL('scripts/read-as-nobody.ts', import.meta.url))
      const {stdout, stderr} = await run(process.execPath, [script.path, file])
      script.remove()
      expect(stderr).to.equal('')
      return JSON.parse(stdout) as {code: string; message: string; fix?: string[]; hint?: string}
    }

    asRoot('F13: a directory of root’s is an error with a chown of that directory, never "no such file"', async () => {
      chmodSync(directory, 0o755)
      const config = join(directory, 'config')
      mkdirSync(config, {mode: 0o700})
      writeFileSync(join(config, 'session.json'), 'text')
      const {code, message, fix} = await readAsNobody(join(config, 'session.json'))
      expect(code).to.equal('unreadable')
      expect(message).to.contain('permission denied (EACCES)')
      expect(fix).to.deep.equal(['sudo', 'chown', '-R', fix?.[3], config])
    })

    asRoot('a file of root’s is an error with a chown of that file', async () => {
      chmodSync(directory, 0o755)
      writeFileSync(path, 'text', {mode: 0o600})
      const {code, fix} = await readAsNobody(path)
      expect(code).to.equal('unreadable')
      expect(fix?.at(-1)).to.equal(path)
    })
  })
})
