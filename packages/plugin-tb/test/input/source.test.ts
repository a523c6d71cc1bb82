import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {PassThrough, Readable} from 'node:stream'
import {createTerminal} from '@parix/kit/output'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {otherEncoding, readSource} from '../../src/input/source.js'
import {refusalOf} from '../support/refusal.js'

const streams = {stdout: new PassThrough(), stderr: new PassThrough(), stdin: new PassThrough()}
const TERMINAL = createTerminal({environment: {}, ...(streams as never as object)})

describe('the text that is given to a command', () => {
  let home: TestHome
  before(() => {
    home = makeHome()
  })
  after(() => home.remove())

  const read = (content: string | Buffer) => {
    const file = join(home.path, 'f')
    writeFileSync(file, content)
    return readSource({file}, TERMINAL)
  }

  it('is that of --payload, of a file, or of stdin, and named by where it is from', async () => {
    expect(await readSource({payload: '{}'}, TERMINAL)).to.deep.equal({text: '{}', name: '--payload'})
    expect(await read('{"a": 1}')).to.deep.equal({text: '{"a": 1}', name: join(home.path, 'f')})
    expect(await readSource({}, TERMINAL)).to.equal(undefined)
    const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')!
    Object.defineProperty(process, 'stdin', {
      value: Readable.from([Buffer.from('{'), Buffer.from('}')]),
      configurable: true,
    })
    try {
      expect(await readSource({file: '-'}, TERMINAL)).to.deep.equal({text: '{}', name: 'stdin'})
    } finally {
      Object.defineProperty(process, 'stdin', stdin)
    }
  })

  it('any text of UTF-8 is read as it is, without a byte order mark', () =>
    fc.assert(
      fc.asyncProperty(fc.string({unit: 'grapheme', maxLength: 20}), async (text) => {
        const bytes = Buffer.from(`[${JSON.stringify(text)}]`)
        expect((await read(bytes))!.text).to.equal(bytes.toString())
        expect((await read(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])))!.text).to.equal(bytes.toString())
      }),
      {numRuns: 30},
    ))

  it('the first byte that is not UTF-8 is named by line and byte', async () => {
    const error = await refusalOf(() =>
      read(Buffer.concat([Buffer.from('ab\ncü'), Buffer.from([0xff]), Buffer.from('d\n')])),
    )
    expect(error).to.include({kind: 'BAD_INPUT', code: 'not_utf8', exitCode: 2})
    expect(error.message).to.contain('line 2, byte 4 is not UTF-8')
  })

  for (const [called, bytes, converts] of [
    ['UTF-16', [0xff, 0xfe, 0x5b, 0], 'iconv'],
    ['UTF-16', [0xfe, 0xff, 0, 0x5b], 'iconv'],
    ['UTF-32', [0xff, 0xfe, 0, 0], 'iconv'],
    ['UTF-32', [0, 0, 0xfe, 0xff], 'iconv'],
    ['UTF-16LE', [0x5b, 0, 0x31, 0], 'iconv'],
    ['UTF-16BE', [0, 0x5b, 0, 0x31], 'iconv'],
    ['compressed by gzip', [0x1f, 0x8b, 8, 0], 'gunzip'],
    ['a ZIP archive or a spreadsheet', [0x50, 0x4b, 3, 4], undefined],
  ] as const) {
    it(`${bytes.map((byte) => byte.toString(16)).join(' ')} is ${called}`, async () => {
      const found = otherEncoding(Buffer.from(bytes))!
      expect(found.called).to.equal(called)
      expect(found.convert?.('my file')).to.satisfy((command?: string) =>
        converts === undefined
          ? command === undefined
          : command!.startsWith(converts) && command!.includes("'my file'"),
      )
      const error = await refusalOf(() => read(Buffer.from(bytes)))
      expect(error).to.include({code: 'not_utf8'})
      expect(error.message).to.contain(`is ${called}, not UTF-8 text. Nothing was sent.`)
    })
  }

  it('no JSON text is taken for another encoding', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(otherEncoding(Buffer.from(text))).to.equal(undefined)
      }),
    )
    expect(otherEncoding(Buffer.alloc(0))).to.equal(undefined)
  })

  it('a directory, and a file that is not there, are said as what they are', async () => {
    mkdirSync(join(home.path, 'd'))
    for (const [file, said] of [
      [join(home.path, 'd'), 'it is a directory'],
      [join(home.path, 'missing'), 'there is no such file'],
    ] as const) {
      const error = await refusalOf(() => readSource({file}, TERMINAL))
      expect(error.message).to.equal(`${file} can't be read: ${said}. Nothing was sent.`)
    }
  })
})
