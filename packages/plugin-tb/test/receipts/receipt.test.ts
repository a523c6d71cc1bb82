import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {openReceipt, type Receipt, type ReceiptFile} from '../../src/receipts/receipt.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import type {Submission} from '../../src/submit/submit-entry.js'
import {account, BOOKS, on, problem, rows, sent, transfer} from '../support/answers.js'
import {atEachFileCall, CHANGES} from '../support/failing-disk.js'
import {givenService} from '../support/given.js'
import {refusalOf, refused} from '../support/refusal.js'
import {apiOf} from '../support/world.js'

const LARGE = 2n ** 128n - 2n
const records = (...ids: bigint[]): LedgerRecord[] => ids.map((id) => ({id}))

/** A submission of these events, of which the refused have `!` after their ids. */
function submission(ids: readonly string[], file: object = {}): Submission {
  const events = ids.map((text, index): EventOutcome => {
    const id = text.replace('!', '')
    return text.endsWith('!')
      ? {index, id, state: 'refused', result: 'exceeds_credits'}
      : {index, id, state: 'created', result: 'created'}
  })
  const batches = [{body: 'request-1.json', events: ids.length, firstId: events[0]!.id, lastId: events.at(-1)!.id}]
  const head = {
    id: 'entry',
    baseUrl: 'https://parix.io',
    operation: 'create_transfers',
    database: {id: BOOKS, name: 'books'},
  }
  return {entry: {file: {...head, batches, ...file}}, events} as unknown as Submission
}

describe('a receipt', () => {
  const given = givenService()
  let path: string
  let files = 0
  beforeEach(() => {
    path = join(given.home.path, 'r.json')
  })

  const stored = (...fields: Record<string, unknown>[]) =>
    on(
      given.service,
      'lookup_transfers',
      rows(
        'lookup_transfers',
        fields.map((one) => transfer(one)),
      ),
    )
  const write = (file: ReceiptFile, call: Submission) =>
    file.write(apiOf(given.service), call, records(...call.events.map(({id}) => BigInt(id))))
  const read = (): Receipt => JSON.parse(readFileSync(path, 'utf8')) as Receipt
  const left = () => readdirSync(join(path, '..')).filter((name) => name.includes('r.json'))

  describe('of a new call', () => {
    it('takes its place before anything is sent, and gives it back where nothing is written', () => {
      const file = openReceipt(path)
      expect(left()).to.have.lengthOf(1)
      expect(existsSync(path)).to.equal(false)
      file.admit(submission(['7']).entry)
      file.discard()
      file.discard()
      expect(left()).to.deep.equal([])
    })

    it('has each row as the ledger has it, every field and every digit, in the order of the call', async () => {
      stored({id: '8', amount: String(LARGE)}, {id: '7', user_data_128: String(LARGE), timestamp: '9'})
      const file = openReceipt(path)
      await write(file, submission(['7', '8'], {ledger: 'ledger 1'}))
      const {at, ...rest} = read()
      expect(Date.parse(at)).to.be.greaterThan(0)
      expect(rest).to.deep.equal({
        format: 'parix-receipt/1',
        service: 'https://parix.io',
        database: {id: BOOKS, name: 'books'},
        ledger: 'ledger 1',
        operation: 'create_transfers',
        rows: [
          transfer({id: '7', user_data_128: String(LARGE), timestamp: '9'}),
          transfer({id: '8', amount: String(LARGE)}),
        ],
        refused: [],
      })
      expect(statSync(path).mode & 0o777).to.equal(0o600)
      file.discard()
      expect(left()).to.deep.equal(['r.json'])
    })

    it('of accounts asks for accounts', async () => {
      on(given.service, 'lookup_accounts', rows('lookup_accounts', [account({id: '7', flags: 8})]))
      await write(openReceipt(path), submission(['7'], {operation: 'create_accounts'}))
      expect(read().rows).to.deep.equal([account({id: '7', flags: 8})])
    })

    it('names what was refused and why, and does not look for it', async () => {
      stored({id: '7'})
      await write(openReceipt(path), submission(['7', '8!']))
      expect(read().rows.map(({id}) => id)).to.deep.equal(['7'])
      expect(read().refused).to.deep.equal([{id: '8', result: 'exceeds_credits'}])
      expect(sent(given.service, 'lookup_transfers')).to.deep.equal(['["7"]'])
    })

    it('of which all was refused asks for nothing', async () => {
      await write(openReceipt(path), submission(['7!', '8!']))
      expect(read()).to.deep.include({rows: [], refused: ['7', '8'].map((id) => ({id, result: 'exceeds_credits'}))})
      expect(given.service.requests).to.deep.equal([])
    })
  })

  describe('that can not be made', () => {
    const missing = {kind: 'UNAVAILABLE', code: 'receipt_not_written', exitCode: 75}

    it('is an error of its own, by whatever the service says: what was created stands, and is kept', async () => {
      for (const [title, answer] of [
        ['no rows', rows('lookup_transfers', [])],
        ['one row of two', rows('lookup_transfers', [transfer({id: '8'})])],
        ['a refusal', problem(403, 'forbidden')],
        ['a stub', rows('lookup_transfers', [], {mode: 'stub', persisted: false})],
        ['another database', rows('lookup_transfers', [transfer({id: '7'})], {databaseId: 'other'})],
        ['a broken connection', {drop: true}],
      ] as const) {
        on(given.service, 'lookup_transfers', answer as never)
        const error = await refusalOf(() => write(openReceipt(path), submission(['7', '8', '9!'])))
        expect(error, title).to.include(missing)
        expect(error.details, title).to.deep.include({ids: ['7', '8'], outbox: 'entry', retryable: true})
        expect(error.message, title).to.contain('The call has an outcome, but its receipt is missing.')
        expect(existsSync(path), title).to.equal(false)
      }
    })

    it('names the row that a lookup does not find', async () => {
      stored({id: '7'})
      const error = await refusalOf(() => write(openReceipt(path), submission(['7', '8'])))
      expect(error.message).to.contain('transfer 8 was created, and a lookup does not find it')
    })

    it('on a disk that fails at any call is refused before anything is sent, or missing afterwards; never half', async () => {
      stored({id: '7'})
      const failed = await atEachFileCall(
        () => {
          path = join(given.home.path, `${files++}`, 'r.json')
          mkdirSync(join(path, '..'))
          return join(path, '..')
        },
        {calls: CHANGES, half: true},
        async () => {
          const file = openReceipt(path)
          try {
            await write(file, submission(['7']))
          } finally {
            file.discard()
          }
        },
        ({error, call, allowed}) => {
          const where = `${call} after ${allowed}`
          if (existsSync(path)) expect(read().rows, where).to.have.lengthOf(1)
          else expect((error as {code: string}).code, where).to.be.oneOf(['receipt_unwritable', 'receipt_not_written'])
          expect(
            left().filter((name) => name !== 'r.json'),
            where,
          ).to.deep.equal([])
        },
      )
      expect(failed).to.be.greaterThan(3)
    })
  })

  describe('where the file is there already', () => {
    const exists = {kind: 'BAD_INPUT', code: 'receipt_exists'}
    const earlier = (changes: object = {}) =>
      writeFileSync(
        path,
        JSON.stringify({
          ...{format: 'parix-receipt/1', database: {id: BOOKS, name: 'books'}},
          ...{rows: [{id: '7'}, {id: '8'}], refused: [{id: '9', result: 'exceeds_credits'}], ...changes},
        }),
      )

    it('no file is replaced: what is not a receipt is refused, and stays as it is', () => {
      for (const text of ['', '{', 'null', '[]', '5', '"a"', '{"format":"parix-receipt/2","rows":[],"refused":[]}']) {
        writeFileSync(path, text)
        expect(
          refused(() => openReceipt(path)),
          text,
        ).to.include(exists)
        expect(readFileSync(path, 'utf8')).to.equal(text)
      }
      for (const changes of [{rows: {}}, {refused: undefined}, {format: undefined}]) {
        earlier(changes)
        expect(
          refused(() => openReceipt(path)),
          JSON.stringify(changes),
        ).to.include(exists)
      }
    })

    it('a directory is not a receipt', () => {
      mkdirSync(path)
      expect(refused(() => openReceipt(path))).to.include(exists)
    })

    it('that of the same call is found, and not written again', async () => {
      earlier()
      const before = readFileSync(path, 'utf8')
      for (const ids of [['7', '8', '9!'], ['7', '8'], ['8', '7'], ['9!']]) {
        const file = openReceipt(path)
        file.admit(submission(ids).entry)
        await file.write(apiOf(given.service), submission(ids), [])
        file.discard()
      }
      expect(readFileSync(path, 'utf8')).to.equal(before)
      expect(given.service.requests).to.deep.equal([])
    })

    it('that of another call, or of another database, is not taken for it', () => {
      earlier()
      const file = openReceipt(path)
      for (const call of [
        submission(['6']),
        submission(['7', '10']),
        submission(['10', '7']),
        submission(['7'], {database: {id: 'other', name: 'books'}}),
      ])
        expect(refused(() => file.admit(call.entry))).to.include(exists)
    })

    it('rows of it that are not objects have no ids', () => {
      earlier({rows: [null, 5, {id: null}, {}], refused: []})
      expect(refused(() => openReceipt(path).admit(submission(['7']).entry))).to.include(exists)
    })
  })
})
