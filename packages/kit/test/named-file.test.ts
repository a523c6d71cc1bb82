import {execFileSync, spawn} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {isParixError, type ParixError} from '@parix/kit/errors'
import {readNamed, readNamedText} from '@parix/kit/named-file'
import {expect} from 'chai'

async function failure(work: Promise<unknown>): Promise<ParixError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isParixError(error)) throw new Error(`expected a ParixError, got ${String(error)}`)
  return error
}

describe('a file that a person names', () => {
  let directory: string
  let said: string[]
  const terminal = {warn: (text: string) => void said.push(text)}

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-named-'))
    said = []
  })
  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  it('is read whole, as text without its byte order mark', async () => {
    const path = join(directory, 'a')
    writeFileSync(path, '\ufeffä'.repeat(3))
    expect(await readNamedText(path, {terminal})).to.equal('ä\ufeffä\ufeffä')
    expect((await readNamed('/dev/null', {terminal})).length).to.equal(0)
  })

  it('may be a pipe: who waits for its writer says so, and goes on when it comes', async () => {
    const path = join(directory, 'pipe')
    execFileSync('mkfifo', [path])
    let waiting = () => {}
    const announced = new Promise<void>((resolve) => {
      waiting = resolve
    })
    const read = readNamedText(path, {
      terminal: {
        warn: (text) => {
          said.push(text)
          waiting()
        },
      },
    })
    await announced
    expect(said).to.have.length(1)
    expect(said[0]).to.include(path).and.include('Ctrl-C')
    const writer = spawn('sh', ['-c', 'exec > "$1"; echo one; echo two', 'sh', path], {stdio: 'ignore'})
    expect(await read).to.equal('one\ntwo\n')
    writer.kill()
  })

  it('that can not be read ends in words, with the code of its flag and what became of the command', async () => {
    writeFileSync(join(directory, 'file'), 'x'.repeat(11))
    writeFileSync(join(directory, 'latin1'), Buffer.from([0xe4]))
    const cases: [string, RegExp][] = [
      [join(directory, 'missing'), /can't be read: there is no such file\. Nothing was sent\.$/],
      [directory, /can't be read: it is a directory\./],
      [join(directory, 'file', 'below'), /can't be read: a parent of it is not a directory/],
      [join(directory, 'file'), /is larger than 10 bytes\./],
      [join(directory, 'latin1'), /is not UTF-8 text\./],
      ['/dev/zero', /is larger than 10 bytes\./],
    ]
    for (const [path, message] of cases) {
      const file = {terminal, bytesMax: 10, code: 'bad_seal', outcome: 'Nothing was sent.'}
      const error = await failure(readNamedText(path, file))
      expect(error).to.include({kind: 'BAD_INPUT', code: 'bad_seal'})
      expect(error.message).to.match(message)
    }
  })
})
