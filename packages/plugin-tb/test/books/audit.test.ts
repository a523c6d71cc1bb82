import {expect} from 'chai'
import {runAudit} from '../../src/books/audit-command.js'
import {type MemoryBooks, memoryBooks} from '../support/memory-books.js'
import {refusalOf, textOf} from '../support/refusal.js'
import {testTerminal} from '../support/terminal.js'

type Row = Record<string, string | number>

const {terminal} = testTerminal()

describe('a ledger that is wrong', () => {
  let books: MemoryBooks
  before(async () => {
    books = await memoryBooks(...[1n, 2n, 3n, 4n].map((id) => ({id, flags: id === 1n ? 8 : 0})))
    for (let index = 0; index < 40; index++)
      await books.pay(BigInt(1 + (index % 4)), BigInt(1 + ((index + 1) % 4)), BigInt(100 + index))
    const hold = await books.pay(1n, 2n, 77n, {flags: 2})
    await books.pay(2n, 3n, 50n, {flags: 2})
    await books.transfers({id: 1042n, pending_id: hold.id, amount: 30n, flags: 4})
  })
  after(() => books.close())
  afterEach(() => {
    books.edit = undefined
  })

  const audit = (depth: 'quick' | 'deep' | 'replay') =>
    runAudit({
      ...{api: books.api, database: books.database, terminal, depth},
      ...{seal: undefined, against: undefined, previous: undefined, at: undefined},
    })
  const inTransfers = (edit: (rows: Row[]) => Row[]) => (operation: string, rows: Row[]) =>
    operation === 'query_transfers' && rows.length > 1 ? edit(rows) : rows

  it('is right as it is', async () => {
    for (const depth of ['quick', 'deep', 'replay'] as const)
      expect((await audit(depth)).result.findings).to.deep.equal([])
  })

  const FAULTS: Record<string, {edit: (operation: string, rows: Row[]) => Row[]; named: RegExp[]}> = {
    'a row is missing': {
      edit: inTransfers((rows) => rows.filter(({id}) => String(id) !== '1009')),
      named: [/account 2: debits_posted is \d+, its transfers make \d+/, /account 3: credits_posted is/],
    },
    'an amount is off by one': {
      edit: inTransfers((rows) =>
        rows.map((row) => (String(row.id) === '1009' ? {...row, amount: String(BigInt(row.amount!) + 1n)} : row)),
      ),
      named: [/account 2: debits_posted is (\d+), its transfers make/, /account 3: credits_posted is/],
    },
    'a hold too many': {
      edit: inTransfers((rows) => [
        ...rows,
        {
          ...rows.at(-1)!,
          id: '5',
          pending_id: '0',
          flags: 2,
          amount: '9',
          timestamp: String(BigInt(rows.at(-1)!.timestamp!) + 1n),
        },
      ]),
      named: [
        /account 1: debits_pending is 0, its transfers make 9/,
        /account 2: credits_pending is 0, its transfers make 9/,
      ],
    },
    'a hold is posted twice': {
      edit: inTransfers((rows) => [
        ...rows,
        {...rows.at(-1)!, id: '6', timestamp: String(BigInt(rows.at(-1)!.timestamp!) + 1n)},
      ]),
      named: [/transfer 6: it resolves 1040, which is not an open pending transfer/],
    },
    'an account has a wrong balance': {
      edit: (operation, rows) =>
        operation === 'query_accounts'
          ? rows.map((row) =>
              String(row.id) === '4' ? {...row, credits_posted: String(BigInt(row.credits_posted!) + 1n)} : row,
            )
          : rows,
      named: [/account 4: credits_posted is/, /ledger 700: debits are \d+, credits \d+/],
    },
    'an account is missing': {
      edit: (operation, rows) => (operation === 'query_accounts' ? rows.filter(({id}) => String(id) !== '4') : rows),
      named: [/transfer 1002: account 4 does not exist/],
    },
    'a row comes before an older one': {
      edit: inTransfers((rows) => [...rows.slice(0, 2), rows[3]!, rows[2]!, ...rows.slice(4)]),
      named: [/transfer 1002: timestamp \d+ comes after/],
    },
  }
  for (const [fault, {edit, named}] of Object.entries(FAULTS)) {
    it(`${fault}: found, and named`, async () => {
      books.edit = edit
      for (const depth of ['deep', 'replay'] as const) {
        const error = await refusalOf(() => audit(depth))
        expect(error, depth).to.include({kind: 'REFUSED', exitCode: 6, code: 'audit_failed'})
        for (const sentence of named) expect(textOf(error), depth).to.match(sentence)
      }
    })
  }
})
