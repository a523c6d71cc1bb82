import {createHash} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {CreateKind} from '@parix/ledger/schema'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {splitBatches} from '../../src/events/batches.js'
import {openPlainFile} from '../../src/events/plain-file.js'
import {readEvents} from '../../src/events/read-events.js'
import {wireList} from '../../src/records/wire.js'

const line = (id: number | string, more = '') =>
  `{"id":"${id}","debit_account_id":"1","credit_account_id":"2","amount":"5"${more},"ledger":700,"code":1}\n`

describe('a file that is sent from bytes to bytes', () => {
  let home: TestHome
  let path: string
  before(() => {
    home = makeHome()
    path = join(home.path, 'rows.ndjson')
  })
  after(() => home.remove())

  async function open(text: string, eventsMax = 2, kind: CreateKind = 'transfer') {
    writeFileSync(path, text)
    return openPlainFile(kind, path, eventsMax)
  }

  /** The same file as `readEvents` and the outbox take it. */
  function exactly(text: string, eventsMax: number, kind: CreateKind) {
    const {records} = readEvents(kind, {text, name: 'f'}, {}, () => 0n)
    const bodies = splitBatches(kind, records, eventsMax).map((batch) => wireList(kind, batch))
    const contentKey = createHash('sha256').update(wireList(kind, records)).digest('hex')
    return {events: records.length, bodies, contentKey}
  }

  async function bodiesOf(file: NonNullable<Awaited<ReturnType<typeof openPlainFile>>>): Promise<string[]> {
    const bodies: string[] = []
    for await (const {body} of file.batches()) bodies.push(Buffer.from(body).toString('latin1'))
    return bodies
  }

  it('sends the same requests, under the same key, as the reader that keeps all events in memory', () => {
    const rows = fc.array(
      fc.record({
        amount: fc.bigInt({min: 0n, max: 10n ** 37n}),
        linked: fc.boolean(),
        more: fc.constantFrom('', ',"user_data_64":"18"', ',"user_data_32":7', ',"timeout":0', ',"pending_id":"0"'),
        spaced: fc.boolean(),
        numbers: fc.boolean(),
      }),
      {minLength: 4, maxLength: 30},
    )
    const form = fc.constantFrom(undefined, '', '\n', ' \r\n\t')
    return fc.assert(
      fc.asyncProperty(rows, fc.integer({min: 1, max: 6}), form, async (found, eventsMax, array) => {
        const lines = found.map(({amount, linked, more, spaced, numbers}, index) => {
          const flags = linked && index < found.length - 1 ? ',"flags":1' : ''
          const text = line(index + 1, more + flags).replace('"amount":"5"', `"amount":"${amount}"`)
          const quoted = numbers ? text.replace(/"id":"(\d+)"/, '"id":$1') : text
          const wide = spaced ? quoted.replaceAll(',', ' , ').replaceAll(':', ': ') : quoted
          return spaced && array !== undefined ? wide.replaceAll(',', `,${array}`) : wide
        })
        const text = array === undefined ? lines.join('') : `${array}[${lines.join(`,${array}`)}${array}]${array}`
        const file = await open(text, eventsMax)
        let exact: ReturnType<typeof exactly>
        try {
          exact = exactly(text, eventsMax, 'transfer')
        } catch {
          // A chain that no request takes: said by the exact reader.
          expect(file).to.equal(undefined)
          return
        }
        if (exact.events <= eventsMax) expect(file).to.equal(undefined)
        else {
          expect(file).to.include({events: exact.events, contentKey: exact.contentKey})
          expect(await bodiesOf(file!)).to.deep.equal(exact.bodies)
        }
      }),
      {numRuns: 100},
    )
  })

  it('is opened where every row is plain and there is more than one request of them', async () => {
    expect(await open(line(1) + line(2) + line(3))).to.include({events: 3})
    expect(await open(line(1) + line(2)), 'one request').to.equal(undefined)
    expect(await open(line(1) + line(2) + line(3).trimEnd()), 'no newline at the end').to.include({events: 3})
    const list = `[${line(1)},${line(2)},${line(3)}]`
    for (const text of [list, `\ufeff${list}`, list.replaceAll('\n', ''), JSON.stringify(JSON.parse(list), null, 2)]) {
      const file = await open(text)
      expect(file, text).to.include({events: 3})
      expect(file!.where(2)).to.equal(' item 3')
    }
    const account = (id: number) => `{"id":${id},"ledger":700,"code":10}\n`
    expect(await open(account(1) + account(2) + account(3), 2, 'account')).to.include({events: 3})
  })

  for (const [title, text] of [
    ['an id that comes twice', line(1) + line(2) + line(1)],
    ['the same id written in another way', line(1) + line(2) + line('01')],
    ['a row without an id', line(1) + line(2) + line(3).replace('"id":"3",', '')],
    ['an amount that is no integer', line(1) + line(2) + line(3).replace('"5"', '"5.5"')],
    ['an unknown field', line(1) + line(2) + line(3, ',"note":"7"')],
    ['an id of 0', line(1) + line(2) + line(0)],
    ['a post: it is said what it moved', line(1) + line(2) + line(3, ',"pending_id":"1","flags":4')],
    ['a balancing transfer: it is said what it moved', line(1) + line(2) + line(3, ',"flags":16')],
    ['a timestamp, which would be passed over', line(1) + line(2) + line(3, ',"timestamp":"1700000000000000000"')],
    ['a chain that is open at the end', line(1) + line(2) + line(3, ',"flags":1')],
    ['a chain that no request takes', line(1, ',"flags":1') + line(2, ',"flags":1') + line(3)],
    ['a blank line: events are named by their lines', `${line(1)}\n${line(2)}${line(3)}`],
    ['what is not JSON', `${line(1)}${line(2)}{\n`],
    ['a list in every line', `[${line(1)},${line(2)},${line(3)}]`.replaceAll('\n', '').concat('\n').repeat(2)],
    ['a list with a comma too many', `[${line(1)},${line(2)},${line(3)},]`],
    ['a list without a comma', `[${line(1)},${line(2)}${line(3)}]`],
    ['a list that is not closed', `[${line(1)},${line(2)},${line(3)}`],
    ['a list in a list', `[${line(1)},[${line(2)}],${line(3)}]`],
    ['a list with something else in it', `[${line(1)},${line(2)},${line(3)},7]`],
    ['a list and more behind it', `[${line(1)},${line(2)},${line(3)}] x`],
    ['a list of rows that are not plain', `[${line(1)},${line(2)},${line(3, ',"flags":["pending"]')}]`],
    ['an empty list', ' [ ] '],
    ['nothing', ''],
  ]) {
    it(`is left to the exact reader for ${title}`, async () => {
      expect(await open(text!)).to.equal(undefined)
    })
  }

  it('is left to the exact reader where there is no such file: it says so', async () => {
    expect(await openPlainFile('transfer', join(home.path, 'missing'), 2)).to.equal(undefined)
  })
})
