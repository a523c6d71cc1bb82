import {formatAmount} from '@parix/books/amounts'
import {reversalId} from '@parix/books/corrections'
import type {ConsoleDatabase, LedgerReader} from '@parix/console'
import {type Ledger, openMemoryLedger} from '@parix/ledger'
import {BLANK_QUERY_FILTER} from '@parix/ledger/schema'
import {expect} from 'chai'
import {account, JPY, type SampleBooks, sampleBooks, sampleChart, transfer, USD} from './support/sample-books.js'
import {consoleOf, LIMITS, visitorOf} from './support/visit.js'

type App = ReturnType<typeof consoleOf>

const PAGE_BYTES_MAX = 120_000

async function get(app: App, path: string): Promise<{status: number; text: string; headers: Headers}> {
  const response = await app.request(`http://127.0.0.1:1/console${path}`)
  return {status: response.status, text: await response.text(), headers: response.headers}
}

/** What a reader of the page sees: tags and marks of direction are left out. */
function seen(html: string): string {
  return html
    .replace(/<(script|style|title)\b.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&quot;|&#39;/g, "'")
    .replace(/\s+/g, ' ')
}

/** Amounts are in groups of three that only the style sheet sets apart. */
const amounts = (html: string) => html.replaceAll(/<i>(\d{3})<\/i>/g, '$1')

describe('the console', () => {
  let books: SampleBooks
  let app: App
  before(async () => {
    books = await sampleBooks(300)
    app = consoleOf([books.database])
  })
  after(() => books.ledger.close())

  const pages = () => [
    '/',
    '/shop',
    '/shop/accounts',
    '/shop/accounts?ledger=USD&code=customer',
    '/shop/accounts?name=acme',
    '/shop/accounts/1003',
    '/shop/accounts/1',
    '/shop/transfers',
    '/shop/transfers?account=@customer/3&code=purchase',
    '/shop/transfers?from=2026-11-01&to=2036-11-20',
    ...Object.values(books.ids).map((id) => `/shop/transfers/${id}`),
    '/shop/holds',
    '/shop/reports',
  ]

  it('responds with every page, none larger than 120 kB, without a reference to another host', async () => {
    for (const path of pages()) {
      const {status, text} = await get(app, path)
      expect(status, path).to.equal(200)
      expect(Buffer.byteLength(text), path).to.be.below(PAGE_BYTES_MAX)
      expect(text.match(/(href|src|action)="(https?:)?\/\//g), path).to.equal(null)
    }
  })

  it('forbids frames, inline scripts, other hosts and caches on every page, also on those that say no', async () => {
    for (const path of [...pages(), '/nowhere', '/shop/accounts/77777', '/shop/transfers?from=x', '/-/nothing']) {
      const {headers} = await get(app, path)
      const policy = headers.get('content-security-policy') ?? ''
      for (const rule of ["default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'"])
        expect(policy, path).to.contain(rule)
      expect(policy, path).to.not.contain('unsafe')
      expect(headers.get('x-frame-options'), path).to.equal('DENY')
      expect(headers.get('cache-control'), path).to.equal('no-store')
      expect(headers.get('cross-origin-resource-policy'), path).to.equal('same-origin')
      expect(headers.get('access-control-allow-origin'), path).to.equal(null)
    }
  })

  it('has no style attribute and no script of its own in any page: the policy would refuse both', async () => {
    for (const path of pages()) {
      const {text} = await get(app, path)
      expect(text, path).to.not.match(
        /<style|\sstyle=|\son[a-z]+=|<script(?! src="\/console\/-\/[0-9a-f]+\.js" defer><\/script>)/,
      )
    }
  })

  it('says that each ledger is balanced, with the sums of its accounts', async () => {
    const {text} = await get(app, '/shop')
    const accounts = await books.ledger.queryAccounts({...EVERYTHING, ledger: USD})
    const debits = accounts.reduce((sum, row) => sum + row.debits_posted, 0n)
    expect(amounts(text)).to.contain(formatAmount(debits, 2))
    expect(text.match(/badge good">balanced/g)).to.have.length(2)
    expect(text).to.not.contain('not balanced')
  })

  it('shows of an account what the ledger holds: balance, what is available, and the rule that makes it so', async () => {
    const {text} = await get(app, '/shop/accounts/1003')
    const [row] = await books.ledger.lookupAccounts([1003n])
    const {debits_posted, credits_posted, debits_pending} = row!
    const page = seen(amounts(text))
    expect(page).to.contain('@customer/3')
    expect(page).to.contain(`Balance ${formatAmount(credits_posted - debits_posted, 2)} USD`)
    expect(page).to.contain(`Available ${formatAmount(credits_posted - debits_posted - debits_pending, 2)} USD`)
    expect(page).to.contain(`credits ${formatAmount(credits_posted, 2)} − debits ${formatAmount(debits_posted, 2)}`)
    expect(page).to.contain('parix tb statement shop 1003')
  })

  it('goes back through the statement of an account to its first transfer, each page joining the one before', async () => {
    let path = '/shop/accounts/1'
    let carried: string | undefined
    let pagesSeen = 0
    for (;;) {
      const {text} = await get(app, path)
      const rows = [...amounts(text).matchAll(/<td class="r"><span class="n">(-?[\d.]+)<\/span><\/td><\/tr>/g)].map(
        ([, n]) => n!,
      )
      expect(rows.length, path).to.be.greaterThan(1)
      if (carried !== undefined) expect(rows[0], path).to.equal(carried)
      carried = rows.at(-1)
      pagesSeen++
      const older = /href="([^"]*before=\d+)">Older/.exec(text)?.[1]
      if (older === undefined) {
        expect(text).to.contain('Opening balance')
        break
      }
      path = older.replace('/console', '').replaceAll('&amp;', '&')
    }
    expect(pagesSeen).to.be.greaterThan(3)
    expect(carried).to.equal('0.00')
  })

  it('walks all transfers by Older and back by Newer, each once', async () => {
    const idsOf = (text: string) =>
      [...text.matchAll(/class="id" href="[^"]*\/transfers\/(\d+)"/g)].map(([, id]) => id!)
    const all: string[] = []
    let path: string | undefined = '/shop/transfers'
    let last = ''
    while (path !== undefined) {
      const {text} = await get(app, path)
      all.push(...idsOf(text))
      last = text
      path = /href="([^"]*before=\d+)">Older/.exec(text)?.[1]?.replace('/console', '')
    }
    const rows = await books.ledger.queryTransfers(EVERYTHING)
    expect(all).to.deep.equal(rows.map(({id}) => String(id)).reverse())
    const newer = /href="([^"]*newer=\d+)">← Newer/.exec(last)![1]!.replace('/console', '')
    const oldestPage = idsOf(last)
    const {text} = await get(app, newer)
    expect(idsOf(text)).to.deep.equal(all.slice(-oldestPage.length - 50, -oldestPage.length))
  })

  it('tells what became of a hold: posted, voided, lapsed, open', async () => {
    const {ids} = books
    const page = async (id: bigint) => seen((await get(app, `/shop/transfers/${id}`)).text)
    expect(await page(ids.posted))
      .to.contain('It was posted with')
      .and.contain('the rest was released')
    expect(await page(ids.post)).to.match(/Posts [\d.]+ USD of the [\d.]+ USD that were held/)
    expect(await page(ids.voided)).to.contain('It was voided: nothing moved.')
    expect(await page(ids.lapsed)).to.contain('Its time ran out')
    expect(await page(ids.open)).to.contain('It lapses by itself unless it is posted or voided before.')
    expect(await page(ids.chained))
      .to.contain('chain of 2 transfers')
      .and.contain('1 of 2, all or none')
  })

  it('shows a reversal at what it takes back', async () => {
    const {ledger, ids} = books
    const [original] = await ledger.lookupTransfers([ids.chained])
    const {debit_account_id, credit_account_id, amount} = original!
    const id = reversalId(ids.chained, 0)
    const [result] = await ledger.createTransfers([
      transfer({id, debit_account_id: credit_account_id, credit_account_id: debit_account_id, amount, code: 5}),
    ])
    expect(result!.status).to.equal(4294967295)
    expect(seen((await get(app, `/shop/transfers/${ids.chained}`)).text)).to.contain('A reversal takes back')
  })

  it('lists the open holds, and no other', async () => {
    const {text} = await get(app, '/shop/holds')
    const shown = [...text.matchAll(/class="open" href="[^"]*\/transfers\/(\d+)"/g)].map(([, id]) => BigInt(id!))
    const rows = await books.ledger.queryTransfers(EVERYTHING)
    const ended = new Set(rows.map(({pending_id}) => pending_id))
    const now = BigInt(Date.now()) * 1_000_000n
    const open = rows.filter(
      ({id, flags, timestamp, timeout}) =>
        (flags & 2) !== 0 && !ended.has(id) && timestamp + BigInt(timeout) * 1_000_000_000n > now,
    )
    expect(shown.sort()).to.deep.equal(open.map(({id}) => id).sort())
    expect(open.length).to.be.greaterThan(1)
  })

  it('finds the trial balance of any date: what moved since is taken back', async () => {
    const rows = await books.ledger.queryTransfers(EVERYTHING)
    const middle = rows[Math.floor(rows.length / 2)]!
    const date = new Date(Number(middle.timestamp / 1_000_000n)).toISOString().slice(0, 10)
    const from = BigInt(Date.parse(date)) * 1_000_000n
    const moved = rows.filter(
      ({timestamp, flags, ledger}) => timestamp < from && (flags & (2 | 8)) === 0 && ledger === USD,
    )
    const sum = moved.reduce((all, {amount}) => all + amount, 0n)
    const {text} = await get(app, `/shop/reports?at=${date}`)
    expect(seen(amounts(text))).to.contain(`Total ${formatAmount(sum, 2)} ${formatAmount(sum, 2)}`)
  })

  it('leads from an id or a name to its page, and says when there is nothing', async () => {
    const goesTo = async (q: string) =>
      (await get(app, `/shop/find?${new URLSearchParams({q})}`)).headers.get('location')
    expect(await goesTo('1003')).to.equal('/console/shop/accounts/1003')
    expect(await goesTo(' @customer/3 ')).to.equal('/console/shop/accounts/1003')
    expect(await goesTo(`0x${books.ids.plain.toString(16)}`)).to.equal(`/console/shop/transfers/${books.ids.plain}`)
    expect(await goesTo('acme')).to.equal('/console/shop/accounts?name=acme')
    for (const q of ['99999999', '', '@bank/usd extra', '‮evil', '9'.repeat(60)]) {
      const {status, text} = await get(app, `/shop/find?${new URLSearchParams({q})}`)
      expect(status, q).to.equal(404)
      expect(text, q).to.contain('Nothing found')
    }
  })

  it('refuses what it can not read with 400, and what is not there with 404', async () => {
    for (const path of [
      '/shop/transfers?from=2026-02-30',
      '/shop/transfers?ledger=nothing',
      '/shop/accounts?code=70000',
      '/shop/accounts?after=x',
      '/shop/reports?at=x',
      '/shop/transfers?account=@nobody',
    ])
      expect((await get(app, path)).status, path).to.equal(400)
    for (const path of ['/nothing', '/shop/accounts/5', '/shop/accounts/x', '/shop/transfers/5', '/shop/else', '/-/x'])
      expect((await get(app, path)).status, path).to.equal(404)
  })
})

const EVERYTHING = {...BLANK_QUERY_FILTER, limit: 8189}

describe('names of others in the console', () => {
  const ESCAPE = '\u001b[31m'
  const NAMES = {
    script: '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>',
    escape: `${ESCAPE}red\u0007`,
    bidi: 'safe\u202egnp.exe',
    long: 'x'.repeat(10_000),
  }

  let ledger: Ledger
  before(async () => {
    ledger = await openMemoryLedger()
    await ledger.createAccounts([account({id: 1n}), account({id: 2n})])
  })
  after(() => ledger.close())

  for (const [what, name] of Object.entries(NAMES)) {
    it(`a database and a person with ${what} in their names`, async () => {
      const database: ConsoleDatabase = {id: 'db_1', name, reader: ledger, chart: undefined}
      const app = consoleOf([database], {admit: async () => visitorOf([database], name)})
      for (const path of ['/', '/db_1', '/db_1/accounts', '/db_1/accounts/1']) {
        const {status, text} = await get(app, path)
        expect(status, path).to.equal(200)
        expect(text, path).to.not.contain('<script>alert').and.not.contain('<img')
        expect(text, path).to.not.match(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/)
        expect(text.length, path).to.be.below(PAGE_BYTES_MAX)
      }
    })
  }
})

describe('a ledger that is set back', () => {
  it('is shown as it is now: rows that are gone are in no figure', async () => {
    let ledger = await openMemoryLedger()
    const accounts = () => [account({id: 1n}), account({id: 2n})]
    const rows = (from: bigint, count: number) =>
      Array.from({length: count}, (_, n) =>
        transfer({id: from + BigInt(n), debit_account_id: 1n, credit_account_id: 2n, amount: 1n, flags: 2}),
      )
    await ledger.createAccounts(accounts())
    await ledger.createTransfers(rows(10n, 30))
    const reader = new Proxy({} as LedgerReader, {
      get: (_, name: keyof LedgerReader) => (argument: never) => ledger[name](argument),
    })
    const app = consoleOf([{id: 'db_1', name: 'back', reader, chart: undefined}])
    expect((await get(app, '/back')).text).to.contain('all 30 transfers')
    await ledger.close()
    ledger = await openMemoryLedger()
    await ledger.createAccounts(accounts())
    await ledger.createTransfers(rows(500n, 4))
    expect((await get(app, '/back')).text).to.contain('all 4 transfers')
    expect((await get(app, '/back/holds')).text).to.not.contain('/transfers/10"')
    await ledger.close()
  })
})

describe('what one page reads', () => {
  it('is bounded, however many transfers there are: at most a few pages of rows, in few requests', async function () {
    this.timeout(60_000)
    const ledger = await openMemoryLedger()
    await ledger.createAccounts([account({id: 1n}), account({id: 2n, code: 20}), account({id: 3n, ledger: JPY})])
    let id = 10n
    for (let batch = 0; batch < 8; batch++)
      await ledger.createTransfers(
        Array.from({length: 8189}, () => transfer({id: ++id, debit_account_id: 1n, credit_account_id: 2n, amount: 5n})),
      )
    const read = {requests: 0, rows: 0}
    const counted =
      <A, T>(of: (argument: A) => Promise<T[]>) =>
      async (argument: A) => {
        const rows = await of(argument)
        read.requests++
        read.rows += rows.length
        return rows
      }
    const reader: LedgerReader = {
      lookupAccounts: counted((ids: bigint[]) => ledger.lookupAccounts(ids)),
      lookupTransfers: counted((ids: bigint[]) => ledger.lookupTransfers(ids)),
      getAccountTransfers: counted((filter) => ledger.getAccountTransfers(filter)),
      getAccountBalances: counted((filter) => ledger.getAccountBalances(filter)),
      queryAccounts: counted((filter) => ledger.queryAccounts(filter)),
      queryTransfers: counted((filter) => ledger.queryTransfers(filter)),
    }
    const limits = {...LIMITS, recentPagesMax: 1}
    const app = consoleOf([{id: 'db_1', name: 'large', reader, chart: sampleChart()}], {limits})
    for (const path of [
      '/large',
      '/large/accounts',
      '/large/accounts/1',
      '/large/accounts/1?before=9223372036854775807',
      '/large/transfers',
      `/large/transfers/${id - 9000n}`,
      '/large/holds',
      '/large/reports',
      '/large/reports?at=2020-01-01',
    ]) {
      read.requests = 0
      read.rows = 0
      const {status, text} = await get(app, path)
      expect(status, path).to.equal(200)
      expect(Buffer.byteLength(text), path).to.be.below(PAGE_BYTES_MAX)
      expect(read.requests, path).to.be.below(20)
      expect(read.rows, path).to.be.below(3 * 8189)
    }
    expect((await get(app, '/large/reports?at=2020-01-01')).text).to.contain(
      'parix tb report trial-balance large --at 2020-01-01',
    )
    // The first page has fewer, and those that follow have as many as the limits let them.
    let {text} = await get(app, '/large')
    while (!text.includes('the latest 8,192 transfers, since')) text = (await get(app, '/large')).text
    await ledger.close()
  })

  it('is little at the first look, and all of a small database once the first page was sent', async () => {
    const ledger = await openMemoryLedger()
    const everybody = Array.from({length: 3_000}, (_, n) => account({id: BigInt(n + 1)}))
    await ledger.createAccounts(everybody)
    const pairs = Array.from({length: 6_000}, (_, n) => {
      const [debit, credit] = [BigInt((n % 2_999) + 1), BigInt((n % 2_999) + 2)]
      return transfer({id: BigInt(n + 1), debit_account_id: debit, credit_account_id: credit, amount: 5n})
    })
    await ledger.createTransfers(pairs)
    const app = consoleOf([{id: 'db_2', name: 'small', reader: ledger, chart: undefined}])
    const first = seen((await get(app, '/small')).text)
    expect(first).to.match(/1,024 accounts read so far, the latest \d,\d{3} transfers/)
    expect(first).to.contain('being read')
    let later = first
    while (!later.includes('3,000 accounts, all 6,000 transfers')) later = seen((await get(app, '/small')).text)
    expect(later).to.contain('balanced').and.not.contain('being read')
    await ledger.close()
  })
})
