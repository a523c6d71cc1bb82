import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setImmediate} from 'node:timers/promises'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {type Asked, openPartFile} from '../../src/export/part-file.js'
import {createTally, headerOf, rowBytes, rowForm} from '../../src/export/rows.js'
import {ParsedPage} from '../../src/reads/page.js'
import type {Row} from '../../src/reads/rows.js'
import {transfer} from '../support/answers.js'
import {atEachFileCall, CHANGES, failDisk} from '../support/failing-disk.js'
import {refusalOf, refused} from '../support/refusal.js'

const ASKED: Asked = {service: 'https://parix.io', database: 'db', rows: 'transfers', since: null}
const ROWS = Array.from(
  {length: 6},
  (_, index) => transfer({id: String(index + 1), timestamp: String(10 + index)}) as Row,
)

describe('the file of an export while it is written', () => {
  let home: TestHome
  let path: string
  beforeEach(() => {
    home = makeHome()
    path = join(home.path, 'rows')
  })
  afterEach(() => home.remove())

  const open = (format: 'csv' | 'ndjson', resume = false, asked = ASKED) => {
    const form = rowForm('transfer', format, undefined)
    const tally = createTally('transfer')
    return {form, tally, file: openPartFile(path, form, asked, resume, tally)}
  }
  /** As the command does: the header where nothing is written yet, then the rows after the last. */
  const write = ({form, tally, file}: ReturnType<typeof open>, rows: Row[]) => {
    if (file.bytes === 0) file.write(headerOf(form))
    const {last} = tally
    const left = rows.filter(({timestamp}) => last === undefined || BigInt(timestamp as string) > last)
    if (left.length === 0) return
    tally.add(new ParsedPage(left))
    file.write(rowBytes(form, new ParsedPage(left)))
  }
  const whole = async (format: 'csv' | 'ndjson') => {
    const opened = open(format)
    write(opened, ROWS)
    const digest = await opened.file.finish()
    return {digest, text: readFileSync(path, 'utf8')}
  }

  it('becomes the file when it is whole, with the digest of its bytes, and leaves nothing beside it', async () => {
    const {digest, text} = await whole('csv')
    expect(digest).to.equal(createHash('sha256').update(text).digest('hex'))
    expect(readdirSync(home.path).filter((name) => name.startsWith('rows'))).to.deep.equal(['rows'])
  })

  it('cut at any byte and resumed, it is the same file with the same digest', async () => {
    for (const format of ['csv', 'ndjson'] as const) {
      const expected = await whole(format)
      await fc.assert(
        fc.asyncProperty(fc.integer({min: 0, max: 6}), fc.nat(), async (written, cut) => {
          const first = open(format)
          write(first, ROWS.slice(0, written))
          first.file.close()
          const size = readFileSync(`${path}.part`).length
          truncateSync(`${path}.part`, size === 0 ? 0 : cut % (size + 1))
          const again = open(format, true)
          write(again, ROWS)
          expect(await again.file.finish()).to.equal(expected.digest)
          expect(readFileSync(path, 'utf8')).to.equal(expected.text)
        }),
        {numRuns: 25},
      )
    }
  })

  it('half a row that does not come again is not left at its end', async () => {
    const first = open('ndjson')
    write(first, ROWS)
    first.file.close()
    const rows = readFileSync(`${path}.part`, 'utf8')
    writeFileSync(`${path}.part`, `${rows}{"id":"7","am`)
    const again = open('ndjson', true)
    write(again, ROWS)
    await again.file.finish()
    expect(readFileSync(path, 'utf8')).to.equal(rows)
  })

  it('one that is unfinished is neither begun again nor resumed with other words', () => {
    const first = open('csv')
    write(first, ROWS.slice(0, 2))
    first.file.close()
    expect(refused(() => open('csv'))).to.include({kind: 'BAD_INPUT', code: 'export_unfinished'})
    const error = refused(() => open('csv', true, {...ASKED, since: '5'}))
    expect(error).to.include({kind: 'BAD_INPUT', code: 'export_differs'})
    expect(error.message).to.equal('The export was begun with other words: since was not given, and is 5.')
  })

  it('of two at once one is told that it is being written', () => {
    const first = open('csv')
    expect(refused(() => open('csv', true))).to.include({kind: 'CONFLICT', code: 'export_running'})
    first.file.close()
    expect(open('csv', true).file.resumed).to.equal(true)
  })

  it('where there is nothing to resume it begins; where it is complete it says so', () => {
    expect(open('csv', true).file.resumed).to.equal(false)
    const complete = join(home.path, 'complete')
    writeFileSync(complete, '')
    const form = rowForm('transfer', 'csv', undefined)
    expect(refused(() => openPartFile(complete, form, ASKED, true, createTally('transfer')))).to.include({
      code: 'export_complete',
    })
  })

  it('a part that holds something else is not continued, and stays as it is', () => {
    const first = open('ndjson')
    write(first, ROWS.slice(0, 1))
    first.file.close()
    writeFileSync(`${path}.part`, 'hello\n')
    expect(refused(() => open('ndjson', true))).to.include({kind: 'FAILED', code: 'export_damaged'})
    expect(readFileSync(`${path}.part`, 'utf8')).to.equal('hello\n')
  })

  it('rows that do not rise, that are not integers, or that are of another form are damage, not a fault of the service', () => {
    for (const [format, text] of [
      [
        'ndjson',
        '{"id":"1","timestamp":"5","ledger":1,"amount":"1"}\n{"id":"2","timestamp":"5","ledger":1,"amount":"1"}\n',
      ],
      ['ndjson', '{"timestamp":1.5,"ledger":1,"amount":"1"}\n'],
      ['ndjson', '{"timestamp":"5","ledger":"USD","amount":"1"}\n'],
      ['ndjson', '{"timestamp":"5","ledger":1,"amount":"-"}\n'],
      ['ndjson', 'null\n'],
      ['ndjson', '[]\n'],
      ['csv', 'id,timestamp\r\n1,x\r\n'],
      ['csv', 'id,timestamp\r\n1\r\n'],
      ['csv', 'timestamp,ledger,amount\r\n5,1.5,1\r\n'],
    ] as const) {
      const first = open(format)
      first.file.close()
      writeFileSync(`${path}.part`, text)
      expect(
        refused(() => open(format, true)),
        text,
      ).to.include({kind: 'FAILED', code: 'export_damaged'})
      expect(readFileSync(`${path}.part`, 'utf8')).to.equal(text)
      rmSync(`${path}.part`)
    }
  })

  it('what says which export it is must be there, and be readable', () => {
    const first = open('csv')
    first.file.close()
    const notes = `${path}.part.json`
    for (const text of ['', '{', 'null']) {
      writeFileSync(notes, text)
      expect(refused(() => open('csv', true)).kind, text).to.be.oneOf(['BAD_INPUT', 'FAILED'])
    }
    rmSync(notes)
    expect(refused(() => open('csv', true)).message).to.contain("which says what is exported, can't be read")
  })

  it('a directory of its name is refused, and nothing is made beside it', () => {
    mkdirSync(path)
    expect(refused(() => open('csv'))).to.include({kind: 'BAD_INPUT', message: `${path} is a directory.`})
    expect(readdirSync(home.path).filter((name) => name.startsWith('rows.'))).to.deep.equal([])
  })

  for (const format of ['csv', 'ndjson'] as const)
    for (const code of ['ENOSPC', 'EIO'] as const)
      it(`a disk that fails at any call (${code}) leaves no half file, and ${format} that can be resumed to the same bytes`, async () => {
        const expected = await whole(format)
        let at = 0
        const failed = await atEachFileCall(
          () => {
            path = join(home.path, `run${at++}`, 'rows')
            mkdirSync(join(path, '..'))
            return join(path, '..')
          },
          {calls: CHANGES, code, half: true},
          async () => {
            const opened = open(format)
            try {
              for (let from = 0; from < ROWS.length; from += 2) write(opened, ROWS.slice(0, from + 2))
              expect(await opened.file.finish()).to.equal(expected.digest)
            } finally {
              opened.file.close()
            }
          },
          async ({error, call, allowed}) => {
            const where = `${call} after ${allowed}`
            if (existsSync(path)) {
              expect(readFileSync(path, 'utf8'), where).to.equal(expected.text)
              return
            }
            expect(error, where).to.include({kind: 'FAILED'})
            expect((error as Error).message, where).to.contain("can't be written")
            const again = open(format, true)
            write(again, ROWS)
            expect(await again.file.finish(), where).to.equal(expected.digest)
            expect(readFileSync(path, 'utf8'), where).to.equal(expected.text)
          },
        )
        expect(failed).to.be.greaterThan(5)
      })

  it('is on the disk before it has its name', async () => {
    for (const code of ['EIO', 'ENOSPC'] as const) {
      // The file is opened below the failing disk, and its first sync is the one of its end.
      const disk = failDisk(`${path}.part`, 1, {calls: ['fsyncSync'], code, once: true})
      try {
        const opened = open('csv')
        write(opened, ROWS)
        expect(await refusalOf(() => opened.file.finish())).to.include({kind: 'FAILED', code: 'output_failed'})
        opened.file.close()
      } finally {
        disk.restore()
      }
      expect(existsSync(path)).to.equal(false)
      rmSync(`${path}.part`)
    }
  })

  it('is brought to the disk while more is written, and what the disk says then is not forgotten', async () => {
    const rows = Buffer.alloc(1 << 24, '{"id":"1"}\n')
    for (const ends of ['at the next row', 'at the end'] as const) {
      const disk = failDisk(`${path}.part`, 0, {calls: ['fdatasync'], code: 'EIO', once: true})
      try {
        const {file} = open('ndjson')
        for (let part = 0; part < 3; part++) file.write(rows)
        if (ends === 'at the next row') {
          // The failing disk says so in the next turn.
          await setImmediate()
          await setImmediate()
          expect(refused(() => file.write(rows))).to.include({kind: 'FAILED', code: 'output_failed'})
        }
        expect(await refusalOf(() => file.finish()), ends).to.include({kind: 'FAILED', code: 'output_failed'})
        expect(disk.refused()).to.equal(1)
        file.close()
      } finally {
        disk.restore()
      }
      expect([existsSync(path), existsSync(`${path}.part`)], ends).to.deep.equal([false, true])
      rmSync(`${path}.part`)
    }
  })

  it('given up while the disk takes what was written, it can be resumed at once', async () => {
    const first = open('ndjson')
    write(first, ROWS)
    first.file.close()
    const {file} = open('ndjson', true)
    file.write(Buffer.alloc(1 << 25, '\n'))
    file.close()
    truncateSync(`${path}.part`, readFileSync(`${path}.part`, 'utf8').trimEnd().length + 1)
    const again = open('ndjson', true)
    write(again, ROWS)
    await again.file.finish()
    expect(readFileSync(path, 'utf8')).to.equal(ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''))
  })

  it('given up it stays for --resume', () => {
    const {file} = open('csv')
    file.close()
    file.close()
    expect(existsSync(`${path}.part`)).to.equal(true)
    expect(existsSync(path)).to.equal(false)
  })
})
