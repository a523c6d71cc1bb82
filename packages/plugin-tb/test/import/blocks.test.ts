import {appendFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {LINE_BYTES_MAX, markLength, readBlocks} from '../../src/import/blocks.js'
import {refusalOf} from '../support/refusal.js'

describe('whole lines of a file, a block in memory at a time', () => {
  let home: TestHome
  let path: string
  before(() => {
    home = makeHome()
    path = join(home.path, 'f')
  })
  after(() => home.remove())

  async function blocks(content: string | Buffer, from = 0) {
    writeFileSync(path, content)
    const found: {byte: number; text: string; tooLong?: number}[] = []
    for await (const {buffer, byte, tooLong} of readBlocks({name: 'f', path}, from))
      found.push({byte, text: buffer.toString('latin1'), ...(tooLong && {tooLong: tooLong.end})})
    return found
  }

  it('together they are the file, from wherever one begins, and each ends where a line does', () => {
    const lines = fc.array(fc.string({unit: fc.constantFrom('a', ',', '"', '\r'), maxLength: 12}), {maxLength: 30})
    return fc.assert(
      fc.asyncProperty(lines, fc.boolean(), fc.nat(), async (found, ends, skip) => {
        const text = found.join('\n') + (ends ? '\n' : '')
        const from = found.slice(0, skip % (found.length + 1)).reduce((sum, line) => sum + line.length + 1, 0)
        const start = Math.min(from, text.length)
        const read = await blocks(text, start)
        expect(read.map((block) => block.text).join('')).to.equal(text.slice(start))
        for (const [index, block] of read.entries()) {
          expect(text.slice(block.byte, block.byte + block.text.length)).to.equal(block.text)
          if (index < read.length - 1) expect(block.text.endsWith('\n')).to.equal(true)
        }
      }),
      {numRuns: 60},
    )
  })

  it('a file larger than a block is read in several, none of which cuts a line', async () => {
    const line = `${'x'.repeat(99)}\n`
    const text = line.repeat(25_000)
    const read = await blocks(text)
    expect(read.length).to.be.greaterThan(2)
    expect(read.every((block) => block.text.length % 100 === 0)).to.equal(true)
    expect(read.reduce((sum, block) => sum + block.text.length, 0)).to.equal(text.length)
  })

  it('a line that is longer than any row is passed over, and where it ends is reported', async () => {
    const long = 'y'.repeat(2 * LINE_BYTES_MAX + 5)
    const read = await blocks(`a\n${long}\nb\n`)
    expect(read.map(({text, tooLong}) => (tooLong === undefined ? text : tooLong))).to.deep.equal([
      'a\n',
      2 + long.length + 1,
      'b\n',
    ])
    const last = await blocks(`a\n${long}`)
    expect(last.at(-1)).to.deep.include({text: '', tooLong: 2 + long.length})
  })

  it('a small file takes little memory, and is read to the end that it has when it is opened', async () => {
    writeFileSync(path, 'a\n')
    const before = process.memoryUsage().arrayBuffers
    let text = ''
    for await (const {buffer} of readBlocks({name: 'f', path}, 0)) {
      expect(process.memoryUsage().arrayBuffers - before).to.be.below(LINE_BYTES_MAX)
      text += buffer.toString('latin1')
      appendFileSync(path, 'b\n')
    }
    expect(text).to.equal('a\n')
  })

  it('an empty file has none', async () => {
    expect(await blocks('')).to.deep.equal([])
  })

  it('another encoding is named before a row is read', async () => {
    const error = await refusalOf(() => blocks(Buffer.from('\ufeffid,amount\n', 'utf16le')))
    expect(error).to.include({kind: 'BAD_INPUT', code: 'not_utf8'})
    expect(error.message).to.contain('UTF-16')
  })

  it('a byte order mark is three bytes at the start, and nothing else is one', () => {
    expect(markLength(Buffer.from('\ufeffid'))).to.equal(3)
    for (const text of ['id', '', 'ï»']) expect(markLength(Buffer.from(text, 'latin1'))).to.equal(0)
  })
})
