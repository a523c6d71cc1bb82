import {PassThrough} from 'node:stream'
import {createTerminal} from '@parix/kit/output'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import type {Row} from '../../src/reads/rows.js'
import type {Receipt} from '../../src/receipts/receipt.js'
import {
  assertSameService,
  readReceipt,
  throwDifferences,
  type VerifyResult,
  verifyReceipt,
} from '../../src/receipts/verify-receipt.js'
import {FIELDS} from '../../src/records/kinds.js'
import {account, BOOKS, on, rows, sent, transfer} from '../support/answers.js'
import {givenService} from '../support/given.js'
import {refusalOf, refused} from '../support/refusal.js'
import {apiOf} from '../support/world.js'

const streams = {stdout: new PassThrough(), stderr: new PassThrough(), stdin: new PassThrough()}
const TERMINAL = createTerminal({environment: {}, ...(streams as never as object)})
const DATABASE = {id: BOOKS, name: 'books'}

const receipt = (changes: Partial<Receipt> = {}): Receipt => ({
  format: 'parix-receipt/1',
  service: 'https://parix.io',
  database: DATABASE,
  operation: 'create_transfers',
  at: '2026-11-24T18:40:12.000Z',
  rows: [transfer({id: '7'}) as Row],
  refused: [],
  ...changes,
})

describe('a receipt that is read', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const read = (value: unknown) =>
    readReceipt(home.write('r.json', typeof value === 'string' ? value : JSON.stringify(value)), TERMINAL)

  it('is what was written', async () => {
    expect(await read(receipt())).to.deep.equal(receipt())
    expect(await read(`\ufeff${JSON.stringify(receipt())}`)).to.deep.equal(receipt())
  })

  for (const [title, value, why] of [
    ['text', 'paid', 'it is not JSON'],
    ['nothing', '', 'it is not JSON'],
    ['half of it', JSON.stringify(receipt()).slice(0, 200), 'it is not JSON'],
    ['null', 'null', 'its format is null'],
    ['a list', '[]', 'its format is null'],
    ['of a later format', {...receipt(), format: 'parix-receipt/2'}, 'its format is "parix-receipt/2"'],
    ['without a service', {...receipt(), service: undefined}, 'which database'],
    ['of a service that is not an address', {...receipt(), service: 'parix'}, 'which database'],
    ['of a service of another kind', {...receipt(), service: 'file:///etc/passwd'}, 'which database'],
    ['without a database', {...receipt(), database: undefined}, 'which database'],
    ['without the name of its database', {...receipt(), database: {id: BOOKS}}, 'which database'],
    ['without a time', {...receipt(), at: 5}, 'which database'],
    ['of another operation', {...receipt(), operation: 'lookup_transfers'}, 'its operation is unknown'],
    ['without rows', {...receipt(), rows: []}, 'it has no rows'],
    ['whose rows are not a list', {...receipt(), rows: {}}, 'not a list of objects with ids'],
    ['with a row that is null', {...receipt(), rows: [null]}, 'not a list of objects with ids'],
    ['with an id that is not valid', {...receipt(), rows: [transfer({id: '-1'})]}, 'not a list of objects with ids'],
    ['with an id that is too long', {...receipt(), rows: [{id: '1'.repeat(40)}]}, 'not a list of objects with ids'],
    ['without a list of refusals', {...receipt(), refused: undefined}, 'not a list of objects with ids'],
    ['with a refusal without a reason', {...receipt(), refused: [{id: '8'}]}, 'why something was refused'],
  ] as const)
    it(`${title} is not a receipt`, async () => {
      const error = await refusalOf(() => read(value))
      expect(error).to.include({kind: 'BAD_INPUT', code: 'no_receipt'})
      expect(error.message).to.contain(why)
    })

  it('that is not there is unreadable', async () => {
    const error = await refusalOf(() => readReceipt(`${home.path}/missing`, TERMINAL))
    expect(error).to.include({kind: 'BAD_INPUT', code: 'receipt_unreadable'})
  })

  it('of another service is not compared with this one', () => {
    const here = apiOf({baseUrl: 'http://localhost:5000'})
    assertSameService(receipt({service: 'http://localhost:5000/'}), here)
    for (const service of ['https://localhost:5000', 'http://localhost:5001', 'https://parix.io']) {
      const error = refused(() => assertSameService(receipt({service}), here))
      expect(error, service).to.include({kind: 'BAD_INPUT', code: 'other_service'})
      expect(error.details.hint).to.equal(`Name the service: --base-url ${service}`)
    }
  })
})

describe('a receipt, compared with the ledger', () => {
  const given = givenService()

  const stores = (operation: string, ...objects: Record<string, unknown>[]) =>
    on(given.service, operation, ({body}) => {
      const ids = JSON.parse(body) as string[]
      return rows(
        operation,
        objects.filter(({id}) => ids.includes(String(id))),
      )
    })
  const verify = (changes: Partial<Receipt> = {}) =>
    verifyReceipt(apiOf(given.service), DATABASE as never, 'r.json', receipt(changes))

  it('is as it was: nothing differs, and how much was compared is said', async () => {
    stores('lookup_transfers', transfer({id: '7'}), transfer({id: '8'}))
    expect(await verify({refused: [{id: '9', result: 'exceeds_credits'}]})).to.deep.equal({
      ...{receipt: 'r.json', at: receipt().at, operation: 'create_transfers', database: DATABASE},
      ...{rows: 1, refused: 1, differences: []},
    })
    expect(sent(given.service, 'lookup_transfers')).to.deep.equal(['["7","9"]'])
  })

  it('each field that differs is named, exactly, whichever it is', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(FIELDS.transfer).filter((field) => field !== 'id')),
        fc.bigInt({min: 0n, max: 2n ** 128n - 1n}),
        fc.bigInt({min: 0n, max: 2n ** 128n - 1n}),
        async (field, one, other) => {
          const width = 2n ** BigInt(FIELDS.transfer[field]!.bits)
          const text = (value: bigint) => (width > 2n ** 32n ? String(value % width) : Number(value % width))
          stores('lookup_transfers', transfer({id: '7', [field]: text(other)}))
          const {differences} = await verify({rows: [transfer({id: '7', [field]: text(one)}) as Row]})
          expect(differences).to.deep.equal(
            one % width === other % width
              ? []
              : [{id: '7', field, receipt: String(one % width), ledger: String(other % width)}],
          )
        },
      ),
      {numRuns: 60},
    ))

  it('a row that is not there is named, and so is a refused one that is', async () => {
    stores('lookup_transfers', transfer({id: '8'}), transfer({id: '9'}))
    const {differences} = await verify({
      refused: [
        {id: '8', result: 'exceeds_credits'},
        {id: '9', result: 'exists_with_different_amount'},
        {id: '10', result: 'exceeds_credits'},
      ],
    })
    expect(differences).to.deep.equal([
      {id: '7', field: 'id', receipt: '7'},
      {id: '8', field: 'id', receipt: 'refused: exceeds_credits', ledger: 'in the ledger'},
    ])
  })

  it('of an account balances, and whether it is closed, are not differences; its limits are', async () => {
    const opened = account({id: '7', flags: 2})
    stores('lookup_accounts', {...opened, flags: 34, debits_posted: '5', credits_posted: '9', credits_pending: '1'})
    const changes = {operation: 'create_accounts' as const, rows: [opened as Row]}
    expect((await verify(changes)).differences).to.deep.equal([])
    stores('lookup_accounts', {...opened, flags: 32})
    expect((await verify(changes)).differences).to.deep.equal([{id: '7', field: 'flags', receipt: '2', ledger: '0'}])
  })

  it('one id that it has twice is asked for once', async () => {
    stores('lookup_transfers', transfer({id: '7'}))
    await verify({
      rows: [transfer({id: '7'}) as Row, transfer({id: '7'}) as Row],
      refused: [{id: '7', result: 'exists'}],
    })
    expect(sent(given.service, 'lookup_transfers')).to.deep.equal(['["7"]'])
  })
})

describe('differences, as an error', () => {
  const result = (count: number): VerifyResult => ({
    ...{
      receipt: 'r.json',
      at: '',
      operation: 'create_transfers',
      database: {id: BOOKS, name: 'books'},
      rows: 1,
      refused: 0,
    },
    differences: Array.from({length: count}, (_, index) => ({
      id: String(index),
      field: 'amount',
      receipt: '5',
      ledger: '6',
    })),
  })

  it('where there are none, nothing is thrown', () => {
    throwDifferences(result(0))
  })

  it('are reported one by one up to twenty, with all ids, and exit code 6', () => {
    const error = refused(() => throwDifferences(result(22)))
    expect(error).to.include({kind: 'REFUSED', code: 'receipt_differs', exitCode: 6})
    expect(error.message).to.equal('books is not as r.json says: 22 differences.')
    expect(error.details.errors).to.have.lengthOf(21)
    expect(error.details.errors![0]).to.equal('id 0: amount is 6 in the ledger, 5 in the receipt')
    expect(error.details.errors!.at(-1)).to.equal('and 2 more (--json lists all)')
    expect(error.details.ids).to.have.lengthOf(22)
    expect(refused(() => throwDifferences(result(1))).message).to.match(/: 1 difference\.$/)
  })

  it('say of a missing row that it is missing, and of a refused one that it is there', () => {
    const differences = [
      {id: '7', field: 'id', receipt: '7'},
      {id: '8', field: 'id', receipt: 'refused: exceeds_credits', ledger: 'in the ledger'},
    ]
    expect(refused(() => throwDifferences({...result(0), differences})).details.errors).to.deep.equal([
      'id 7: not in the ledger',
      'id 8: refused: exceeds_credits by the receipt, and in the ledger',
    ])
  })
})
