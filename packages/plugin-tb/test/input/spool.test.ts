import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {PassThrough, Readable} from 'node:stream'
import {createTerminal} from '@parix/kit/output'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {pipeOf, type SpoolOptions, spool, withFile} from '../../src/input/spool.js'
import {atEachFileCall, CHANGES} from '../support/failing-disk.js'
import {refusalOf} from '../support/refusal.js'

describe('what comes by a pipe', () => {
  let home: TestHome
  let directory: string
  let said: string
  beforeEach(() => {
    home = makeHome()
    directory = join(home.path, 'state')
    said = ''
  })
  afterEach(() => home.remove())

  function terminal(isKeyboard = false) {
    const stderr = new PassThrough()
    stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    const stdin = Object.assign(new PassThrough(), {isTTY: isKeyboard})
    const streams = {stdout: new PassThrough(), stderr, stdin}
    return createTerminal({environment: {}, ...(streams as never as object)})
  }
  const read = (chunks: readonly (string | Uint8Array)[], changes: Partial<SpoolOptions> = {}) => {
    const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk as string)))
    return spool(terminal(), {directory, bytesMax: 10, what: 'rows', pipe: {name: 'stdin', stream}, ...changes})
  }
  const left = () => (existsSync(directory) ? readdirSync(directory) : [])

  it('is kept in memory up to a size, and in a file beyond it', async () => {
    const small = await read(['12345', '67890'])
    expect(small.bytes?.toString()).to.equal('1234567890')
    expect(small.path).to.equal('')
    expect(left()).to.deep.equal([])
    small.remove()
    const large = await read(['12345', '678901'])
    expect(large.bytes).to.equal(undefined)
    expect(readFileSync(large.path, 'utf8')).to.equal('12345678901')
    large.remove()
    expect(left()).to.deep.equal([])
  })

  it('is in a file from the first byte where it is read more than once, nothing at all as well', async () => {
    for (const chunks of [[], [''], ['x']]) {
      const {bytes, path, remove} = await read(chunks, {bytesMax: -1})
      expect(bytes).to.equal(undefined)
      expect(readFileSync(path, 'utf8')).to.equal(chunks.join(''))
      remove()
    }
    expect((await read([])).bytes?.length).to.equal(0)
  })

  it('is the same bytes wherever its chunks end, in memory or in a file', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({maxLength: 9}), {maxLength: 8}),
        fc.integer({min: -1, max: 30}),
        async (chunks, bytesMax) => {
          const spooled = await read(chunks, {bytesMax})
          const found = spooled.bytes ?? readFileSync(spooled.path)
          expect(found.equals(Buffer.concat(chunks))).to.equal(true)
          expect(spooled.bytes === undefined).to.equal(bytesMax < 0 || Buffer.concat(chunks).length > bytesMax)
          spooled.remove()
          expect(left()).to.deep.equal([])
        },
      ),
      {numRuns: 60},
    ))

  it('is for nobody else to read, and two at once have a file each', async () => {
    const [one, other] = await Promise.all([read(['1'], {bytesMax: 0}), read(['2'], {bytesMax: 0})])
    expect(one.path).to.not.equal(other.path)
    expect(statSync(one.path).mode & 0o777).to.equal(0o600)
    expect(statSync(join(one.path, '..')).mode & 0o777).to.equal(0o700)
    one.remove()
    expect(readFileSync(other.path, 'utf8')).to.equal('2')
    other.remove()
    other.remove()
    expect(left()).to.deep.equal([])
  })

  it('that breaks off is an error, and nothing of it is left', async () => {
    async function* broken() {
      yield Buffer.from('x'.repeat(100))
      throw new Error('the pipe broke')
    }
    const pipe = {name: 'stdin', stream: Readable.from(broken())}
    const failure = await spool(terminal(), {directory, bytesMax: 10, what: 'rows', pipe}).catch(
      (error: Error) => error,
    )
    expect((failure as Error).message).to.equal('the pipe broke')
    expect(left()).to.deep.equal([])
  })

  it('that can not be kept is an error in words, at whichever call the disk fails, and nothing of it is left', async () => {
    for (const code of ['ENOSPC', 'EACCES', 'EIO'] as const) {
      const failed = await atEachFileCall(
        () => directory,
        {calls: CHANGES, code, half: true},
        async () => (await read(['x'.repeat(20), 'y'.repeat(20)])).remove(),
        ({error, call}) => {
          expect(error, `${code} ${call}`).to.include({kind: 'FAILED', code: 'spool_unwritable'})
          expect((error as Error).message).to.match(/^stdin can't be kept in .*Nothing was sent\.$/)
          expect(left(), `${code} ${call}`).to.deep.equal([])
        },
      )
      expect(failed).to.be.greaterThan(3)
    }
  })

  it('a file where the directory should be is said to be none', async () => {
    home.write('state', '')
    expect(await refusalOf(() => read(['x'.repeat(20)]))).to.include({code: 'spool_unwritable'})
  })

  it('from the keyboard says how it ends', async () => {
    const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')!
    Object.defineProperty(process, 'stdin', {value: Readable.from([Buffer.from('1')]), configurable: true})
    try {
      await spool(terminal(true), {directory, bytesMax: 10, what: 'JSON'})
      expect(said).to.contain('Reading JSON from the keyboard; Ctrl-D on a new line ends it.')
      said = ''
      await read(['1'])
      expect(said).to.equal('')
    } finally {
      Object.defineProperty(process, 'stdin', stdin)
    }
  })

  describe('where a command names a file', () => {
    it('- is stdin, a file is a file, and neither is a directory', async () => {
      expect((await pipeOf('-', terminal()))?.name).to.equal('stdin')
      expect(await pipeOf(home.write('f', 'x'), terminal())).to.equal(undefined)
      expect(await refusalOf(() => pipeOf(join(home.path, 'missing'), terminal()))).to.include({
        kind: 'BAD_INPUT',
        code: 'no_file',
      })
      mkdirSync(join(home.path, 'd'))
      const error = await refusalOf(() => pipeOf(join(home.path, 'd'), terminal()))
      expect(error.kind).to.equal('BAD_INPUT')
      expect(error.message).to.contain('Nothing was sent.')
    })

    it('a named pipe is read to its end, and its copy is removed whatever becomes of the work', async function () {
      const fifo = join(home.path, 'fifo')
      if (spawnSync('mkfifo', [fifo]).status !== 0) this.skip()
      const {open} = await import('node:fs/promises')
      const write = async () => {
        const file = await open(fifo, 'w')
        await file.write('id\n1\n')
        await file.close()
      }
      let copy = ''
      const work = async (name: string, path: string) => {
        copy = path
        expect(name).to.equal(fifo)
        expect(path).to.not.equal(fifo)
        return readFileSync(path, 'utf8')
      }
      const [text] = await Promise.all([withFile(fifo, terminal(), work), write()])
      expect(text).to.equal('id\n1\n')
      expect(existsSync(copy)).to.equal(false)
      const failing = withFile(fifo, terminal(), async (_, path) => {
        copy = path
        throw new Error('the work failed')
      }).catch((error: Error) => error.message)
      const [message] = await Promise.all([failing, write()])
      expect(message).to.equal('the work failed')
      expect(existsSync(copy)).to.equal(false)
    })

    it('a file is worked on where it is', async () => {
      const path = home.write('f', 'x')
      const found = await withFile(path, terminal(), async (name, at) => [name, at])
      expect(found).to.deep.equal([path, path])
    })
  })
})
