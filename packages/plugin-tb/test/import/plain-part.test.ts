import {existsSync, writeFileSync} from 'node:fs'
import {PassThrough} from 'node:stream'
import {fileURLToPath} from 'node:url'
import {createTerminal} from '@parix/kit/output'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {lineStartAfter, type PlainFile, readPlainPart, startPart} from '../../src/import/plain-part.js'
import {validate} from '../../src/import/validate.js'
import {importReader} from '../support/import-reader.js'
import {refusalOf, textOf} from '../support/refusal.js'

const streams = {stdout: new PassThrough(), stderr: new PassThrough(), stdin: new PassThrough()}
const TERMINAL = createTerminal({environment: {}, quiet: true, ...(streams as never as object)})
/** As it was built: a thread has no TypeScript. */
const PROGRAM = fileURLToPath(new URL('../../lib/import/plain-part-main.js', import.meta.url))

const row = (id: number | string, more = '') =>
  `{"id":"${id}","debit_account_id":"1","credit_account_id":"2","amount":"5","ledger":700,"code":1${more}}\n`
const rising = (count: number, first = 1) => Array.from({length: count}, (_, index) => row(first + index))

describe('plain rows at the beginning of a file', () => {
  let home: TestHome
  let file: PlainFile
  before(() => {
    expect(existsSync(PROGRAM), 'npm run build').to.equal(true)
    home = makeHome()
    file = {path: `${home.path}/f`, kind: 'transfer', keepTimestamps: false}
  })
  after(() => home.remove())

  const part = async (text: string, from = 0, to?: number) => {
    writeFileSync(file.path, text)
    return readPlainPart(file, from, to, () => {})
  }

  it('are counted up to the end, or to the byte that was asked for', async () => {
    const text = rising(3, 8).join('')
    expect(await part(text)).to.deep.equal({rows: 3, end: text.length, firstId: '8', lastId: '10'})
    expect(await part(text, row(8).length)).to.deep.equal({rows: 2, end: text.length, firstId: '9', lastId: '10'})
    expect(await part(text, 0, 2 * row(8).length)).to.include({rows: 2, end: 2 * row(8).length, lastId: '9'})
    expect(await part('')).to.deep.equal({rows: 0, end: 0, firstId: '', lastId: ''})
  })

  const UNUSUAL: Record<string, string> = {
    'is not JSON': 'x\n',
    'is empty': '\n',
    'can not be sent': row(9).replace('"5"', '"-5"'),
    'is linked to the next': row(9, ',"flags":1'),
    'has the id of the one before': row(3),
    'has a smaller id': row(2),
    'has an id with leading zeros': row('09'),
    'is longer than any row': `${' '.repeat(1 << 21)}\n`,
  }
  for (const [what, text] of Object.entries(UNUSUAL)) {
    it(`end before one that ${what}`, async () => {
      const before = rising(3).join('')
      expect(await part(before + text + row(10))).to.include({rows: 3, end: before.length, lastId: '3'})
    })
  }

  it('are read by a thread as by this one, and a thread that fails has read nothing', async () => {
    const lines = rising(30_000)
    writeFileSync(file.path, lines.join(''))
    const from = (await lineStartAfter(file.path, 1000))!
    expect(lines.join('').slice(0, from).endsWith('}\n')).to.equal(true)
    const other = await startPart(PROGRAM, file, from)
    expect(await other.part).to.deep.equal(await readPlainPart(file, from, undefined, () => {}))
    expect(other.bytes()).to.equal(lines.join('').length - from)
    expect(await (await startPart(PROGRAM, {...file, path: home.path}, 0)).part).to.equal(undefined)
    expect(await (await startPart(`${PROGRAM}.missing`, file, 0)).part).to.equal(undefined)
  })

  describe('of which the second half is read by another thread', () => {
    /** What is said of the file: how many rows, or what is wrong, each with its line. */
    async function said(lines: readonly string[], program: string | undefined, plain = true): Promise<number | string> {
      const reader = await importReader(file.path, lines.join(''), {format: 'ndjson'})
      // With ids from keys, every row goes to the reader that understands everything.
      const rows = {...reader, idFromKeys: !plain}
      const check = () => validate(TERMINAL, rows, reader.rows.first, 8189, {program, bytesMin: 1})
      try {
        return await check()
      } catch {
        return textOf(await refusalOf(check))
      }
    }

    it('nothing else is said of a file, whatever is in it and wherever', () => {
      const COUNT = 24_000
      const kinds = fc.constantFrom('again', 'smaller', 'bad', 'empty', 'linked', 'windows', 'spaces', 'flags')
      const edits = fc.array(fc.tuple(fc.integer({min: 1, max: COUNT - 1}), kinds), {maxLength: 3})
      return fc.assert(
        fc.asyncProperty(edits, async (places) => {
          const lines = rising(COUNT, 1_000_000)
          for (const [place, kind] of places) {
            const id = 1_000_000 + place
            if (kind === 'again') lines[place] = row(id - 1)
            else if (kind === 'smaller') lines[place] = row(place)
            else if (kind === 'bad') lines[place] = row(id).replace('700', '0')
            else if (kind === 'empty') lines[place] += '\n'
            else if (kind === 'linked') lines[place] = row(id, ',"flags":1')
            else if (kind === 'windows') lines[place] = row(id).replace('\n', '\r\n')
            else if (kind === 'spaces') lines[place] = row(id).replaceAll(':', ' : ')
            else lines[place] = row(id, ',"flags":2,"timeout":60')
          }
          const expected = await said(lines, undefined, false)
          expect(await said(lines, PROGRAM)).to.equal(expected)
          expect(await said(lines, undefined)).to.equal(expected)
        }),
        {numRuns: 12},
      )
    })

    it('an id of the first half that comes again in the second is found; so is one that is smaller, and no duplicate', async () => {
      const lines = rising(24_000, 1_000_000)
      lines[20_000] = row(1_000_005)
      expect(await said(lines, PROGRAM)).to.contain('line 20001: id 1000005 is that of line 6 as well')
      const halves = [...rising(12_000, 1_000_000), ...rising(12_000, 5_000_000)]
      expect(await said(halves, PROGRAM)).to.equal(24_000)
      expect(await said([...halves.slice(12_000), ...halves.slice(0, 12_000)], PROGRAM)).to.equal(24_000)
      // The second thread begins with the first id that comes again: each half rises for itself.
      const whole = rising(24_000, 1_000_000).join('')
      writeFileSync(file.path, whole)
      const first = (await lineStartAfter(file.path, Math.floor(whole.length * 0.55)))! / row(1_000_000).length
      const overlapping = [...rising(first, 1_000_000), ...rising(24_000 - first, 1_000_005)]
      expect(await said(overlapping, PROGRAM)).to.contain(`line ${first + 1}: id 1000005 is that of line 6 as well`)
    })

    it('a thread that can not be started costs nothing but time', async () => {
      expect(await said(rising(20_000), `${PROGRAM}.missing`)).to.equal(20_000)
      // What `new Worker` refuses at once, as it does where the system has no thread left.
      expect(await said(rising(20_000), 'not-a-path')).to.equal(20_000)
    })
  })
})
