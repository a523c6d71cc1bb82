import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {digestOfSeal, type Seal} from '@parix/books/seal'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type AuditCall, runAudit} from '../../src/books/audit-command.js'
import {type MemoryBooks, memoryBooks} from '../support/memory-books.js'
import {refusalOf, textOf} from '../support/refusal.js'
import {testTerminal} from '../support/terminal.js'

const {terminal} = testTerminal()

describe('tb audit, as it is reported and sealed', () => {
  let books: MemoryBooks
  let home: TestHome
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n})
    home = makeHome()
    for (let n = 1; n <= 4; n++) await books.pay(1n, 2n, BigInt(n))
  })
  afterEach(async () => {
    await books.close()
    home.remove()
  })

  const run = (call: Partial<AuditCall> = {}) =>
    runAudit({
      ...{api: books.api, database: books.database, terminal, depth: 'deep'},
      ...{seal: undefined, against: undefined, previous: undefined, at: undefined},
      ...call,
    })
  const path = (name: string) => `${home.path}/${name}`
  const sealed = async (name = 'seal.json', more: Partial<AuditCall> = {}) => {
    const {result} = await run({seal: path(name), ...more})
    return result.seal!
  }
  const readSeal = (name = 'seal.json') => JSON.parse(readFileSync(path(name), 'utf8')) as Seal
  /** Changes rows as a service would that has lost or changed some. */
  const tamper = (id: bigint, change: object) => {
    books.edit = (operation, rows) =>
      operation === 'query_transfers'
        ? rows.map((row) => (String(row.id) === String(id) ? {...row, ...change} : row))
        : rows
  }

  it('says what was proved, of how much, and up to when', async () => {
    const texts = await Promise.all(
      (['quick', 'deep', 'replay'] as const).map(async (depth) => (await run({depth})).text),
    )
    expect(texts).to.deep.equal([
      'Every ledger is balanced and every limit is kept: 2 accounts of books, as of 2023-11-02T00:00:05.000000000Z.',
      'Every account is what its transfers make it: 2 accounts, 4 transfers of books, as of 2023-11-02T00:00:05.000000000Z.',
      'Executed again, history gives the same books: 2 accounts, 4 transfers of books, as of 2023-11-02T00:00:05.000000000Z.',
    ])
    const {result} = await run()
    expect(result).to.deep.equal({
      database: {id: books.database.id, name: 'books'},
      depth: 'deep',
      accounts: 2,
      transfers: 4,
      until: '2023-11-02T00:00:05.000000000Z',
      findings: [],
    })
  })

  it('names what is wrong: one thing, several, and of more than a hundred how many', async () => {
    tamper(1000n, {amount: '2'})
    const two = await refusalOf(() => run())
    expect(two).to.include({kind: 'REFUSED', exitCode: 6, code: 'audit_failed'})
    expect(textOf(two).split('\n')).to.deep.equal([
      '2 things are wrong with the books of books.',
      'account 1: debits_posted is 10, its transfers make 11',
      'account 2: credits_posted is 10, its transfers make 11',
    ])
    books.edit = (operation, rows) =>
      operation === 'query_accounts' ? rows.map((row) => ({...row, credits_posted: '10', debits_posted: '10'})) : rows
    expect((await refusalOf(() => run())).details.errors).to.have.length(2)
    await books.accounts(...Array.from({length: 49}, (_, index) => ({id: BigInt(100 + index)})))
    expect((await refusalOf(() => run())).details.errors, 'a hundred of a hundred').to.have.length(100)
    await books.accounts(...Array.from({length: 51}, (_, index) => ({id: BigInt(200 + index)})))
    const many = (await refusalOf(() => run())).details.errors!
    expect([many.length, many.at(-1)]).to.deep.equal([101, 'and 102 more'])
  })

  it('and one thing that is wrong is one thing', async () => {
    tamper(1003n, {amount: '4', ledger: 701})
    const error = await refusalOf(() => run({depth: 'deep'}))
    expect(error.message).to.match(/^2 things are wrong/)
    books.edit = (operation, rows) =>
      operation === 'query_accounts' ? rows.map((row) => (row.id === '1' ? {...row, debits_pending: '1'} : row)) : rows
    expect((await refusalOf(() => run({depth: 'quick'}))).message).to.equal(
      'One thing is wrong with the books of books.',
    )
  })

  it('a seal has the service, the database, what it covers and the sums of each ledger', async () => {
    const seal = await sealed()
    expect(seal).to.deep.include({
      format: 'parix-seal/1',
      service: 'http://localhost:7117',
      databaseId: books.database.id,
      clusterId: null,
      accounts: 2,
      transfers: 4,
      ledgers: {700: '10'},
      previous: null,
    })
    expect(seal.until).to.equal(String(books.clock.now))
    expect(readSeal()).to.deep.equal(seal)
    expect(readFileSync(path('seal.json.rows')).length, '8 bytes per row').to.equal(6 * 8)
  })

  it('a quick audit with a seal, or of a moment, is a deep one', async () => {
    for (const call of [{seal: path('seal.json')}, {at: books.clock.now}])
      expect((await run({depth: 'quick', ...call})).result).to.include({depth: 'deep', transfers: 4})
    expect((await run({depth: 'replay', seal: path('seal.json')})).result.depth).to.equal('replay')
  })

  it('of a moment is about what was there up to it', async () => {
    const {timestamp} = (await books.ledger.lookupTransfers([1001n]))[0]!
    const {result, text} = await run({at: timestamp})
    expect(result).to.include({transfers: 2, until: '2023-11-02T00:00:03.000000000Z'})
    expect(text).to.contain('2 accounts, 2 transfers of books, as of 2023-11-02T00:00:03')
  })

  it('seals form a chain: each has the digest of the one before', async () => {
    const first = await sealed('october.json')
    await books.pay(2n, 1n, 1n)
    const second = await sealed('november.json', {previous: path('october.json')})
    expect(second.previous).to.equal(digestOfSeal(first))
    expect(second.transfers).to.equal(5)
  })

  it('holds against a seal what came later and what is the same, and says so', async () => {
    await sealed()
    await books.pay(2n, 1n, 1n)
    await books.accounts({id: 3n})
    const {text, result} = await run({against: path('seal.json')})
    expect(text).to.equal(
      `books has every row of the seal ${path('seal.json')} as it was: 2 accounts, 4 transfers, up to 2023-11-02T00:00:05.000000000Z.`,
    )
    expect(result).not.to.have.property('seal')
  })

  it('names the first account or transfer that is not what was sealed', async () => {
    await sealed()
    const differs = async () => (await refusalOf(() => run({against: path('seal.json')}))).message
    for (const change of [
      {amount: '9'},
      {code: 2},
      {user_data_128: '1'},
      {user_data_32: 1},
      {timestamp: '1698883203000000001'},
    ]) {
      tamper(1001n, change)
      expect(await differs(), JSON.stringify(change)).to.equal(
        `books is not what was sealed in ${path('seal.json')}: the first difference is transfer 2 in the order of creation.`,
      )
    }
    tamper(1000n, {amount: '9'})
    expect(await differs()).to.contain('is transfer 1 in the order of creation')
    books.edit = (operation, rows) =>
      operation === 'query_accounts' ? rows.map((row) => (row.id === '2' ? {...row, code: 11} : row)) : rows
    expect(await differs()).to.contain('is account 2 in the order of creation')
  })

  it('finds a row that is missing, at the end as well, and a row too many', async () => {
    await sealed()
    const differs = async () => refusalOf(() => run({against: path('seal.json')}))
    books.edit = (operation, rows) => (operation === 'query_transfers' ? rows.filter(({id}) => id !== '1003') : rows)
    expect(await differs()).to.include({code: 'seal_differs', exitCode: 6})
    expect((await differs()).message).to.contain('transfer 4 in')
    books.edit = (operation, rows) => (operation === 'query_accounts' ? rows.filter(({id}) => id !== '1') : rows)
    expect((await differs()).message).to.contain('account 1 in')
    books.edit = (operation, rows) =>
      operation === 'query_transfers' && rows.length > 1
        ? [
            ...rows.slice(0, 1),
            {...rows[0]!, id: '5', timestamp: String(BigInt(rows[0]!.timestamp!) + 1n)},
            ...rows.slice(1),
          ]
        : rows
    expect((await differs()).message).to.contain('transfer 2 in')
  })

  it('does not take for a change what TigerBeetle changes: balances, and whether an account is closed', async () => {
    await sealed()
    books.edit = (operation, rows) =>
      operation === 'query_accounts' ? rows.map((row) => ({...row, flags: Number(row.flags) | 32})) : rows
    await books.pay(2n, 1n, 1n)
    await run({against: path('seal.json')})
  })

  it('without the digests of rows it names the hundred thousand rows in which it is', async () => {
    await sealed()
    tamper(1001n, {amount: '9'})
    writeFileSync(path('alone.json'), readFileSync(path('seal.json')))
    expect((await refusalOf(() => run({against: path('alone.json')}))).message).to.contain(
      'the first difference is in rows 1 to 100000.',
    )
  })

  it('an audit that finds something wrong writes no seal', async () => {
    tamper(1001n, {amount: '9'})
    expect(await refusalOf(() => run({seal: path('seal.json')}))).to.include({code: 'audit_failed'})
    expect(existsSync(path('seal.json'))).to.equal(false)
  })

  it('what is not a seal is refused before anything is read from the database', async () => {
    const seal = await sealed()
    books.seen.length = 0
    const others = {
      'broken.json': '{"format": "parix-seal/1"',
      'null.json': 'null',
      'list.json': '[]',
      'later.json': JSON.stringify({...seal, format: 'parix-seal/2'}),
      'until.json': JSON.stringify({...seal, until: 7}),
      'chunks.json': JSON.stringify({...seal, chunks: 'x'}),
      'digest.json': JSON.stringify({...seal, sha256: undefined}),
      'moment.json': JSON.stringify({...seal, until: 'yesterday'}),
      'negative.json': JSON.stringify({...seal, until: '-5'}),
    }
    for (const [name, text] of Object.entries(others)) {
      writeFileSync(path(name), text)
      for (const flag of ['against', 'previous'] as const)
        expect(await refusalOf(() => run({[flag]: path(name)})), name).to.include({kind: 'BAD_INPUT', code: 'bad_seal'})
    }
    expect(await refusalOf(() => run({against: path('nowhere.json')}))).to.include({exitCode: 2})
    expect(books.seen).to.deep.equal([])
  })
})
