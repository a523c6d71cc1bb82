import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import type {ChangeEvent} from '@parix/books/change-events'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {readWatch, runWatch, type WatchCall, type WatchFlags} from '../../src/watch/watch-command.js'
import {type MemoryBooks, memoryBooks} from '../support/memory-books.js'
import {refusalOf} from '../support/refusal.js'
import {type TestTerminal, testTerminal} from '../support/terminal.js'
import {TYPED_CHART} from '../support/typed-chart.js'

describe('tb watch, from its flags to its cursor', () => {
  let books: MemoryBooks
  let home: TestHome
  let screen: TestTerminal
  let printed: string[]
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n}, {id: 3n})
    home = makeHome()
    screen = testTerminal()
    printed = []
  })
  afterEach(async () => {
    await books.close()
    home.remove()
  })

  function call(flags: Partial<WatchFlags> = {}, more: Partial<WatchCall> = {}): WatchCall {
    return {
      ...{api: books.api, database: books.database, chart: TYPED_CHART, terminal: screen.terminal, json: false},
      environment: {PARIX_RETRY_DELAY: '1ms'},
      text: (events: readonly ChangeEvent[]) => {
        printed.push(...events.map(({transfer: {id}}) => id))
        return ''
      },
      flags: {accounts: false, 'batch-size': 100, 'until-idle': true, ...flags},
      ...more,
    }
  }
  const read = (flags: Partial<WatchFlags>, more: Partial<WatchCall> = {}) => readWatch(call(flags, more))
  const run = async (flags: Partial<WatchFlags> = {}, more: Partial<WatchCall> = {}) => {
    const all = call(flags, more)
    return runWatch(all, await readWatch(all))
  }
  const cursor = () => `${home.path}/cursor.json`
  const position = () => JSON.parse(readFileSync(cursor(), 'utf8')) as Record<string, string | null>

  describe('refuses before it reads anything', () => {
    it('an account, ledger or code that is not valid', async () => {
      for (const flags of [
        {account: '@nobody'},
        {account: '0'},
        {account: 'x'},
        {ledger: 'EUR'},
        {code: 'nothing'},
        {ledger: '4294967296'},
      ])
        expect(await refusalOf(() => read(flags)), JSON.stringify(flags)).to.include({kind: 'BAD_INPUT'})
      expect((await read({account: '@bank/usd', ledger: 'USD', code: 'payment'})).filter).to.deep.equal({
        account: 1n,
        ledger: 700,
        code: 2,
      })
      expect((await read({})).filter).to.deep.equal({account: undefined, ledger: undefined, code: undefined})
    })

    it('a beginning in the future; now is the newest transfer', async () => {
      expect((await refusalOf(() => read({from: '2100-01-01'}))).message).to.equal(
        '--from 2100-01-01 is in the future.',
      )
      expect([(await read({from: 'now'})).from, (await read({})).from, (await read({from: '0'})).from]).to.deep.equal([
        undefined,
        undefined,
        0n,
      ])
      expect((await read({from: '2023-11-02'})).from).to.equal(1_698_883_200_000_000_000n)
      for (const from of ['soon', '1698883200', '2023-11-02T00:00'])
        expect(await refusalOf(() => read({from})), from).to.include({kind: 'BAD_INPUT'})
    })

    it('an address without a secret to sign with', async () => {
      const to = {'forward-to': 'https://example.org/'}
      for (const environment of [{}, {PARIX_WEBHOOK_SECRET: ''}, {PARIX_WEBHOOK_SECRET: ' \n'}])
        expect(await refusalOf(() => read(to, {environment})), JSON.stringify(environment)).to.include({
          code: 'no_secret',
        })
      expect((await read(to, {environment: {PARIX_WEBHOOK_SECRET: 's'}})).sink).to.be.a('function')
      const file = home.write('secret', 's3cret\n')
      expect((await read({...to, 'secret-file': file})).sink).to.be.a('function')
      expect(await refusalOf(() => read({...to, 'secret-file': home.write('empty', '\n')}))).to.include({
        code: 'no_secret',
      })
      expect(await refusalOf(() => read({...to, 'secret-file': `${home.path}/nowhere`}))).to.include({exitCode: 2})
      expect(await refusalOf(() => read({'forward-to': 'http://example.org/'}))).to.include({kind: 'BAD_INPUT'})
    })

    it('a time to try again that is not valid', async () => {
      expect((await read({'retry-for': '90s'})).retryForMs).to.equal(90_000)
      expect(await refusalOf(() => read({'retry-for': 'long'}))).to.include({kind: 'BAD_INPUT'})
    })
  })

  it('begins after the newest transfer, and prints what comes after', async () => {
    await books.pay(1n, 2n, 1n)
    expect(await run()).to.deep.include({events: 0, databaseName: 'books'})
    expect(printed).to.deep.equal([])
  })

  it('from a moment on begins with the transfer of that moment', async () => {
    const made = [await books.pay(1n, 2n, 1n), await books.pay(1n, 2n, 1n), await books.pay(1n, 2n, 1n)]
    const from = async (text: string) => {
      printed = []
      await run({from: text})
      return printed.length
    }
    expect(await from('0')).to.equal(3)
    expect(await from(String(made[1]!.timestamp))).to.equal(2)
    expect(await from(String(made[1]!.timestamp + 1n))).to.equal(1)
    expect(await from(String(made[2]!.timestamp + 1n)), 'after all of them').to.equal(0)
  })

  it('of an account that does not exist is not waited for, and leaves no cursor', async () => {
    expect(await refusalOf(() => run({account: '77', cursor: cursor()}))).to.include({kind: 'NOT_FOUND'})
    expect(existsSync(cursor())).to.equal(false)
  })

  describe('with a cursor', () => {
    it('writes down where it begins before the first event, and continues after the last', async () => {
      const {timestamp} = await books.pay(1n, 2n, 1n)
      await run({cursor: cursor()})
      expect(position()).to.deep.include({
        ...{format: 'parix-cursor/1', service: 'http://localhost:7117', database: books.database.id},
        ...{account: null, ledger: null, code: null, last: String(timestamp), holdsFrom: null},
      })
      await books.pay(1n, 2n, 1n)
      await books.pay(1n, 2n, 1n)
      expect(await run({cursor: cursor()})).to.include({events: 2})
      expect(printed).to.deep.equal(['1001', '1002'])
      expect((await run({cursor: cursor()})).events).to.equal(0)
    })

    it('never begins after the newest transfer: a later moment would look like a database that was reset', async () => {
      const {timestamp} = await books.pay(1n, 2n, 1n)
      await run({cursor: cursor(), from: String(timestamp + 500n)})
      expect(position()).to.include({last: String(timestamp), expired: String(timestamp)})
      await run({cursor: cursor()})
    })

    it('does not begin again with --from: what was delivered stays delivered', async () => {
      await books.pay(1n, 2n, 1n)
      await run({cursor: cursor(), from: '0'})
      await run({cursor: cursor(), from: '0'})
      expect(printed).to.deep.equal(['1000'])
    })

    it('stays where it is while nothing is taken, and says why', async () => {
      await run({cursor: cursor()})
      const before = position()
      await books.pay(1n, 2n, 1n)
      const error = await refusalOf(() => run({cursor: cursor(), exec: 'exit 7', 'retry-for': '0s'}))
      expect(error).to.include({kind: 'UNAVAILABLE', code: 'not_delivered'})
      expect(position()).to.deep.equal(before)
      expect(error.message).to.contain('1 event could not be delivered: the command ended with exit code 7')
      expect(await run({cursor: cursor(), exec: `cat > ${home.path}/taken`})).to.include({events: 1})
      expect(JSON.parse(readFileSync(`${home.path}/taken`, 'utf8'))).to.deep.include({type: 'single_phase'})
    })

    it('moves batch by batch: what was taken does not come again', async () => {
      await run({cursor: cursor()})
      for (let n = 0; n < 5; n++) await books.pay(1n, 2n, 1n)
      const script = `cat >> ${home.path}/taken; [ $(wc -l < ${home.path}/taken) -lt 4 ]`
      await refusalOf(() => run({cursor: cursor(), exec: script, 'batch-size': 2, 'retry-for': '0s'}))
      const ids = () =>
        readFileSync(`${home.path}/taken`, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).transfer.id)
      expect(ids()).to.deep.equal(['1000', '1001', '1002', '1003'])
      await run({cursor: cursor(), exec: `cat >> ${home.path}/taken`, 'batch-size': 2})
      expect(ids().slice(4), 'the batch that was not taken is given again').to.deep.equal(['1002', '1003', '1004'])
    })

    it('that is ahead of the database is refused: it was reset, and events would be left out', async () => {
      const {timestamp} = await books.pay(1n, 2n, 1n)
      await run({cursor: cursor()})
      writeFileSync(cursor(), JSON.stringify({...position(), last: String(timestamp + 1n)}))
      const error = await refusalOf(() => run({cursor: cursor()}))
      expect(error).to.include({kind: 'REFUSED', exitCode: 6, code: 'cursor_beyond_database'})
      expect(error.details.hint).to.contain(cursor())
      writeFileSync(cursor(), JSON.stringify({...position(), last: String(timestamp)}))
      await run({cursor: cursor()})
    })

    it('is released whatever happens', async () => {
      await run({cursor: cursor()})
      await books.pay(1n, 2n, 1n)
      await refusalOf(() => run({cursor: cursor(), exec: 'exit 1', 'retry-for': '0s'}))
      books.before = () => 503
      await refusalOf(() => run({cursor: cursor()}))
      books.before = () => {}
      expect(await run({cursor: cursor()})).to.include({events: 1})
    })
  })

  it('ends with a limit, and counts what was delivered', async () => {
    const made = []
    for (let n = 0; n < 5; n++) made.push(await books.pay(1n, 2n, 1n))
    expect(await run({from: '0', limit: 3, 'until-idle': false})).to.deep.equal({
      databaseId: books.database.id,
      databaseName: 'books',
      events: 3,
      last: String(made[2]!.timestamp),
    })
  })
})
