import {existsSync, readFileSync} from 'node:fs'
import {TransportError} from '@parix/kit/http'
import {render} from '@parix/kit/output'
import {AccountFlags} from '@parix/ledger'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {applyChart} from '../../src/chart/apply-chart.js'
import {differencesOf, lockScales} from '../../src/chart/check-chart.js'
import {type LoadedChart, loadChart} from '../../src/chart/load-chart.js'
import {type MemoryBooks, memoryBooks} from '../support/memory-books.js'
import {refusalOf, textOf} from '../support/refusal.js'
import {submissionOf} from '../support/submission.js'
import {accountsOf, TYPED_CHART, TYPED_CHART_TEXT} from '../support/typed-chart.js'

let books: MemoryBooks
let home: TestHome

const load = async (text = TYPED_CHART_TEXT): Promise<LoadedChart> => {
  home.write('project/parix.chart.yaml', text)
  return (await loadChart({cwd: `${home.path}/project`, environment: home.environment}))!
}

/** For each test of a block: an empty database, and a home. */
function withBooks(): void {
  beforeEach(async () => {
    books = await memoryBooks()
    home = makeHome()
  })
  afterEach(async () => {
    await books.close()
    home.remove()
  })
}

describe('applying a chart', () => {
  withBooks()

  /** As the command does, and shows the result. */
  async function apply(loaded: LoadedChart, {dryRun = false, shown = true} = {}) {
    const submission = submissionOf({baseUrl: 'http://127.0.0.1:7117'}, home, {api: books.api, retryFor: '1ms'})
    const done = await applyChart({loaded, api: books.api, database: books.database, dryRun, submission})
    if (shown) submission.show()
    else submission.announced.at(-1)!.unshown('The pipe is closed.')
    return done
  }
  const created = () => books.seen.filter(({operation}) => operation === 'create_accounts').map(({body}) => body)
  const names = (rows: {name: string}[] | undefined) => rows?.map(({name}) => name)

  it('creates every account that it lists, as it says, in one request; patterns list none', async () => {
    const {result, view, notices} = await apply(await load())
    expect(names(result.created)).to.deep.equal(TYPED_CHART.listed().map(({name}) => name))
    expect(created()).to.have.length(1)
    const rows = await books.ledger.lookupAccounts(TYPED_CHART.listed().map(({id}) => id))
    const {flags: _, ...bank} = rows[0]!
    expect(bank).to.include({id: 1n, ledger: 700, code: 10})
    expect(rows.map(({id, ledger, code, flags}) => ({id, ledger, code, flags}))).to.deep.equal(accountsOf(TYPED_CHART))
    expect(render(view)).to.match(/^NAME +ID +LEDGER +CODE +FLAGS\n@bank\/usd +1 +USD +bank +history\n/)
    expect(notices.at(-1)).to.match(/^Scales are recorded in .*parix\.chart\.lock\.json\. Commit it/)
    expect(result.response).to.deep.include({operation: 'create_accounts'})
  })

  it('creates nothing a second time', async () => {
    await apply(await load())
    const again = await apply(await load())
    expect(again.view).to.equal('books has every account of the chart. Nothing was sent.')
    expect([again.result.created, again.result.response, again.notices]).to.deep.equal([[], undefined, []])
    expect(created()).to.have.length(1)
  })

  it('creates only what is missing, in the order of the chart', async () => {
    await books.accounts(...accountsOf(TYPED_CHART).slice(1, 3))
    const {result} = await apply(await load())
    expect(names(result.created)).to.deep.equal([
      'bank/usd',
      'shop/sales',
      'shop/rent',
      'owner',
      'owner/jpy',
      'owner/wei',
    ])
    expect(created()[0].map(({id}: {id: string}) => id)).to.deep.equal(['1', '4', '5', '6', '7', '8'])
  })

  it('shows in a dry run what it would create, and writes nothing anywhere', async () => {
    const loaded = await load()
    const {result, notices} = await apply(loaded, {dryRun: true})
    expect([result.planned?.length, result.created, notices]).to.deep.equal([8, undefined, ['Nothing was sent.']])
    expect(created()).to.deep.equal([])
    expect(existsSync(loaded.lockPath)).to.equal(false)
    await apply(loaded)
    expect((await apply(loaded, {dryRun: true})).result.planned).to.deep.equal([])
  })

  it('never changes an account that is there: what differs is named, and nothing is sent', async () => {
    await books.accounts(
      {id: 1n, ledger: 700, code: 10},
      {id: 4n, ledger: 392, code: 99},
      {id: 6n, ledger: 700, code: 50, flags: AccountFlags.debits_must_not_exceed_credits},
    )
    const error = await refusalOf(async () => apply(await load()))
    expect(error).to.include({kind: 'REFUSED', exitCode: 6, code: 'chart_differs'})
    expect(textOf(error).split('\n')).to.deep.equal([
      'Accounts of books differ from the chart. Nothing was sent.',
      '@bank/usd (1): the chart says flags history, the database none',
      '@shop/sales (4): the chart says ledger USD, the database JPY',
      '@shop/sales (4): the chart says code sales, the database 99',
      '@owner (6): the chart says flags none, the database debits_must_not_exceed_credits',
    ])
    expect(created()).to.deep.equal([])
  })

  it('takes an account that is closed, or was imported, for what it is', async () => {
    await apply(await load())
    books.edit = (operation, rows) =>
      operation === 'lookup_accounts' ? rows.map((row) => ({...row, flags: Number(row.flags) | 32 | 16 | 1})) : rows
    expect((await apply(await load())).result.created).to.deep.equal([])
  })

  it('that somebody else applies at the same moment creates each account once, and both succeed', async () => {
    const loaded = await load()
    books.before = async ({operation}) => {
      if (operation !== 'create_accounts') return
      books.before = () => {}
      await books.accounts(...accountsOf(TYPED_CHART).slice(0, 5))
    }
    const {result} = await apply(loaded)
    expect(result.created).to.have.length(8)
    expect(await books.ledger.lookupAccounts([1n, 8n])).to.have.length(2)
  })

  it('of which an account was created otherwise between the look and the request is refused by the ledger', async () => {
    const loaded = await load()
    books.before = async ({operation}) => {
      if (operation !== 'create_accounts') return
      books.before = () => {}
      await books.accounts({id: 4n, ledger: 700, code: 77})
    }
    const error = await refusalOf(() => apply(loaded))
    expect(error).to.include({kind: 'REFUSED', code: 'exists_with_different_code'})
    expect((await refusalOf(() => apply(loaded))).code).to.equal('chart_differs')
  })

  it('that had no response is settled by the next one, with its own request, also when the chart has grown', async () => {
    const loaded = await load()
    let answered = 0
    books.before = async ({operation}) => {
      if (operation !== 'create_accounts') return
      if (answered++ === 0) await books.accounts(...accountsOf(TYPED_CHART))
      throw new TransportError('connection_lost', 'The connection was lost.', 'maybe')
    }
    expect(await refusalOf(() => apply(loaded))).to.include({kind: 'OUTCOME_UNKNOWN', exitCode: 75})
    books.before = () => {}
    books.seen.length = 0
    const grown = await load(`${TYPED_CHART_TEXT}  till: {id: 9, ledger: USD, code: bank}\n`)
    const {result, notices} = await apply(grown)
    expect(names(result.created)!.at(-1)).to.equal('till')
    expect(result.created).to.have.length(9)
    expect(created().map((body) => body.length)).to.deep.equal([8, 1])
    expect(notices.join('\n')).to.match(
      /8 accounts of an earlier apply, whose outcome was unknown or not shown: settled/,
    )
    expect((await apply(grown)).notices, 'and then it is done').to.deep.equal([])
  })

  it('whose outcome could not be shown is shown by the next one', async () => {
    const loaded = await load()
    await apply(loaded, {shown: false})
    const {result, view} = await apply(loaded)
    expect(result.created).to.have.length(8)
    expect(render(view)).to.contain('@owner/wei')
    expect((await apply(loaded)).result.created).to.deep.equal([])
  })

  it('of a chart that was reduced since leaves the earlier call alone', async () => {
    books.before = ({operation}) => {
      if (operation === 'create_accounts')
        throw new TransportError('connection_lost', 'The connection was lost.', 'maybe')
    }
    await refusalOf(async () => apply(await load()))
    books.before = () => {}
    const reduced = await load(TYPED_CHART_TEXT.replace(/^ {2}owner\/wei.*\n/m, ''))
    const {result, notices} = await apply(reduced)
    expect(result.created).to.have.length(7)
    expect(notices.join()).not.to.contain('settled')
  })

  it('is not for a database that the chart does not name', async () => {
    const loaded = await load(TYPED_CHART_TEXT.replace('version: 1', 'version: 1\nfor: [team]'))
    expect((await refusalOf(() => apply(loaded))).message).to.match(/The chart is for team, not for books/)
    expect(books.seen).to.deep.equal([])
  })
})

describe('a chart against its database, and the lock of its scales', () => {
  withBooks()

  it('counts the accounts that it lists, and names those that are missing with what they would be', async () => {
    await books.accounts(...accountsOf(TYPED_CHART).slice(1))
    const {differences, accounts, missing} = await differencesOf(await load(), books.api, books.database)
    expect(differences).to.deep.equal([{name: 'bank/usd', difference: 'missing', expected: 'USD, bank', id: '1'}])
    expect([accounts, missing.map(({name}) => name)]).to.deep.equal([8, ['bank/usd']])
  })

  it('notes each scale once, with the day, and keeps it when ledgers are added', async () => {
    const loaded = await load()
    expect(lockScales(loaded, new Date('2026-11-27T23:59:59.999Z'))).to.equal(true)
    const read = () => JSON.parse(readFileSync(loaded.lockPath, 'utf8'))
    expect(read()).to.deep.equal({
      version: 1,
      ledgers: {
        USD: {id: 700, scale: 2, since: '2026-11-27'},
        JPY: {id: 392, scale: 0, since: '2026-11-27'},
        WEI: {id: 38, scale: 38, since: '2026-11-27'},
      },
    })
    expect(lockScales(await load(), new Date('2026-12-01T00:00:00Z')), 'nothing is new').to.equal(false)
    const grown = await load(TYPED_CHART_TEXT.replace('ledgers: {', 'ledgers: {EUR: {id: 978, scale: 2}, '))
    expect(lockScales(grown, new Date('2026-12-01T00:00:00Z'))).to.equal(true)
    expect(read().ledgers).to.deep.include({EUR: {id: 978, scale: 2, since: '2026-12-01'}})
    expect(read().ledgers.USD.since).to.equal('2026-11-27')
  })

  it('refuses a chart whose scales are others since, by the same name, a new name or another id', async () => {
    lockScales(await load(), new Date('2026-11-27T00:00:00Z'))
    const changed = async (from: string, to: string) => refusalOf(() => load(TYPED_CHART_TEXT.replace(from, to)))
    const larger = await changed('{id: 700, scale: 2}', '{id: 700, scale: 0}')
    expect(larger).to.include({kind: 'BAD_INPUT', code: 'scale_changed'})
    expect(larger.message).to.contain('100 times too large')
    expect((await changed('{id: 392, scale: 0}', '{id: 392, scale: 3}')).message).to.contain('1000 times too small')
    expect((await changed('{id: 700, scale: 2}', '{id: 701, scale: 2}')).message).to.contain('USD was ledger 700')
    const renamed = TYPED_CHART_TEXT.replaceAll('USD', 'DOLLAR')
    expect((await load(renamed)).chart.ledger('DOLLAR').scale, 'a new name alone is harmless').to.equal(2)
    expect((await refusalOf(() => load(renamed.replace('scale: 2', 'scale: 4')))).code).to.equal('scale_changed')
  })

  it('is not used where the lock can not be read: it is never taken for empty', async () => {
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '{"version": 1}',
      '{"version": 2, "ledgers": {}}',
      '{"version": 1, "ledgers": {"USD": {"id": 700}}}',
    ]) {
      home.write('project/parix.chart.lock.json', text)
      expect(await refusalOf(() => load()), text).to.include({kind: 'BAD_INPUT', code: 'chart_lock_unreadable'})
    }
    expect((await refusalOf(() => load())).message).to.contain('restore it from version control')
  })
})
