import {existsSync, mkdirSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {PassThrough, Readable} from 'node:stream'
import {createTerminal} from '@parix/kit/output'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import type {ImportCall, ImportFlags} from '../../src/import/import-call.js'
import {type ImportInput, prepareInput} from '../../src/import/import-input.js'
import {atEachFileCall, CHANGES} from '../support/failing-disk.js'
import {refusalOf} from '../support/refusal.js'

const streams = {stdout: new PassThrough(), stderr: new PassThrough(), stdin: new PassThrough()}
const TERMINAL = createTerminal({environment: {}, quiet: true, ...(streams as never as object)})

describe('what an import reads', () => {
  let home: TestHome
  let directory: string
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')!
  beforeEach(() => {
    home = makeHome()
    directory = join(home.path, 'state', 'import')
  })
  afterEach(() => {
    Object.defineProperty(process, 'stdin', stdin)
    home.remove()
  })

  const prepare = (file: string, format?: ImportFlags['format'], into = directory): Promise<ImportInput> =>
    prepareInput({file, flags: {format}, terminal: TERMINAL} as unknown as ImportCall, into)
  function pipe(...chunks: (string | Buffer)[]): void {
    const value = Readable.from(chunks.map((chunk) => Buffer.from(chunk as string)))
    Object.defineProperty(process, 'stdin', {value, configurable: true})
  }
  /** Files in the state directory, those that begin with a dot as well. */
  const left = () => (existsSync(directory) ? readdirSync(directory) : [])

  it('a CSV or NDJSON file is read where it is: nothing is written for it', async () => {
    const path = home.write('a.csv', 'id\n1\n')
    const input = await prepare(path)
    expect(input).to.deep.equal({
      name: path,
      path,
      format: 'csv',
      key: path,
      refusedPath: `${path}.refused.ndjson`,
    })
    expect(left()).to.deep.equal([])
  })

  it('the format is what is said, else by the name, else by the first character', async () => {
    const format = async (name: string, text: string, given?: ImportFlags['format']) =>
      (await prepare(home.write(name, text), given)).format
    expect(await format('a.csv', '{}')).to.equal('csv')
    expect(await format('a.csv', '{}', 'ndjson')).to.equal('ndjson')
    expect(await format('a.ndjson', 'a,b')).to.equal('ndjson')
    expect(await format('a.jsonl', 'a,b')).to.equal('ndjson')
    expect(await format('a', '\ufeff{}')).to.equal('ndjson')
    expect(await format('a', 'a,b')).to.equal('csv')
    expect(await format('a.json', 'a,b', 'csv')).to.equal('csv')
    for (const name of ['a', 'a.csv', 'a.ndjson', 'a.json'])
      expect(await format(name, '\ufeff\n[ {"id": 1} ]'), name).to.equal('ndjson')
    expect(await format('a', '[id],[amount]\n1,2')).to.equal('csv')
    expect(await format('a.json', '[{}]')).to.equal('ndjson')
  })

  it('the objects of a JSON document become one line each, as they are written: no digit is lost', async () => {
    const big = '340282366920938463463374607431768211455'
    for (const [text, lines] of [
      [`[{"id":${big}},{"id":2}]`, [`{"id":${big}}`, '{"id":2}']],
      [`\ufeff [\n {"id":\n${big}} , {"a":"]},{"} ]\n`, [`{"id": ${big}}`, '{"a":"]},{"}']],
      [`{"id":${big}}`, [`{"id":"${big}"}`]],
      [`{"id":1}\n{"id":${big}}\n`, ['{"id":1}', `{"id":"${big}"}`]],
      [`{"id":1}{"id":\n2}`, ['{"id":1}', '{"id":2}']],
      ['[[{"id":1}],2]', ['[{"id":1}]', '2']],
    ] as const) {
      const input = await prepare(home.write('a.json', text))
      const written = readFileSync(input.path, 'utf8').replace(/^\ufeff/, '')
      expect(
        written
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean),
        text,
      ).to.deep.equal(lines)
      input.done?.()
      expect(left(), 'when it is done').to.deep.equal([])
    }
  })

  it('an object that is larger than a block is left to the exact reader, and is there', async () => {
    const long = 'x'.repeat(3_000_000)
    const input = await prepare(home.write('a.json', `[{"id":1,"x":"${long}"},{"id":2}]`))
    expect(readFileSync(input.path, 'utf8')).to.equal(`{"id":1,"x":"${long}"}\n{"id":2}\n`)
  })

  it('a document that can not be read is refused, and nothing is left of it', async () => {
    for (const [text, message] of [
      ['[{"id":1},', /a\.json/],
      ['', /is empty/],
      ['id,amount\n1,2\n', /looks like CSV/],
      ['{"id":1}\n{"id":}\n', /line 2/],
    ] as const) {
      const error = await refusalOf(() => prepare(home.write('a.json', text)))
      expect(error.kind, text).to.equal('BAD_INPUT')
      expect(error.message).to.match(message)
      expect(left(), text).to.deep.equal([])
    }
  })

  it('a path that does not exist, or a directory, is refused before anything is written', async () => {
    for (const format of [undefined, 'json'] as const) {
      expect((await refusalOf(() => prepare(join(home.path, 'missing.csv'), format))).message).to.contain(
        'There is no file',
      )
      mkdirSync(join(home.path, `d${format}`))
      expect((await refusalOf(() => prepare(join(home.path, `d${format}`), format))).message).to.match(
        /is not a file|is a directory/,
      )
    }
    expect(left()).to.deep.equal([])
  })

  describe('from a pipe', () => {
    it('is kept until it is done, for nobody else to read, and is known by its contents', async () => {
      pipe('id,', 'x\n1,', '2\n')
      const input = await prepare('-')
      expect(input).to.include({name: 'stdin', format: 'csv'})
      expect(input.key).to.match(/^stdin:[0-9a-f]{64}$/)
      expect(readFileSync(input.path, 'utf8')).to.equal('id,x\n1,2\n')
      expect(statSync(input.path).mode & 0o777).to.equal(0o600)
      expect(left()).to.deep.equal([input.path.slice(directory.length + 1)])
      pipe('id,x\n', '1,2\n')
      expect((await prepare('-')).key).to.equal(input.key)
      pipe('id,x\n1,3\n')
      expect((await prepare('-')).key).to.not.equal(input.key)
    })

    it('cut anywhere, in the middle of a character as well, is the same input', async () => {
      const bytes = Buffer.from('id,x\n1,é日\n')
      const keys = new Set<string>()
      for (let at = 0; at <= bytes.length; at++) {
        pipe(bytes.subarray(0, at), bytes.subarray(at))
        keys.add((await prepare('-')).key)
      }
      expect(keys.size).to.equal(1)
    })

    it('may be JSON where that is said, else CSV or NDJSON by its first character', async () => {
      pipe('[{"id":1},\n{"id":2}]')
      const json = await prepare('-', 'json')
      expect(json.format).to.equal('ndjson')
      expect(readFileSync(json.path, 'utf8').trim().split('\n')).to.have.lengthOf(2)
      pipe('{"id":1}\n')
      expect((await prepare('-')).format).to.equal('ndjson')
      pipe('id\n1\n')
      expect((await prepare('-')).format).to.equal('csv')
    })

    it('refused rows go beside what is kept: a pipe has no directory', async () => {
      pipe('id\n')
      const {path, refusedPath} = await prepare('-')
      expect(refusedPath).to.equal(`${path}.refused.ndjson`)
    })
  })

  it('a disk that fails at any call leaves nothing behind, and nothing was sent', async () => {
    for (const [file, format] of [
      ['-', undefined],
      ['-', 'json'],
      ['a.json', undefined],
    ] as const) {
      const path = file === '-' ? file : home.write(file, '[{"id":1}]')
      const failed = await atEachFileCall(
        () => {
          pipe('[{"id":1},{"id":2}]')
          return directory
        },
        {calls: CHANGES},
        async () => {
          const input = await prepare(path, format)
          input.done?.()
        },
        ({error, call, allowed}) => {
          expect(left(), `${file} ${call} after ${allowed}`).to.deep.equal([])
          if (error !== undefined) expect(error).to.include({kind: 'FAILED', code: 'spool_unwritable'})
        },
      )
      expect(failed, file).to.be.greaterThan(3)
    }
    expect(left()).to.deep.equal([])
  })
})
