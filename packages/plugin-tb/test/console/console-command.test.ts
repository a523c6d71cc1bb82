import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {Chart} from '@parix/books/chart'
import {compileChart} from '@parix/books/chart/compile'
import {expect} from 'chai'
import type {LoadedChart} from '../../src/chart/load-chart.js'
import {type ConsoleCall, hasConsole, localConsole, openPage, servedConsole} from '../../src/console/console-command.js'
import {account, BOOKS, on, problem, rows, transfer} from '../support/answers.js'
import {CHART_TEXT} from '../support/chart.js'
import {givenService} from '../support/given.js'
import {refusalOf} from '../support/refusal.js'
import {apiOf} from '../support/world.js'

const OTHER = '99999999-2222-4333-8444-555555555555'
const LARGE = String(2n ** 128n - 1n)

function loaded(text = CHART_TEXT): LoadedChart {
  const chart = new Chart(compileChart(text, {file: 'parix.chart.yaml', readNames: () => ''}))
  return {chart, text, names: new Map([['names.csv', 'a,1']])} as unknown as LoadedChart
}

describe('where the console of a service is', () => {
  const given = givenService()
  beforeEach(() => {
    databases({id: BOOKS, name: 'books'}, {id: OTHER, name: 'Bücher 2'})
  })

  const databases = (...all: Record<string, unknown>[]) =>
    given.service.answer('GET', '/api/v1/databases', {json: {databases: all}})
  const call = (changes: Partial<ConsoleCall> = {}): ConsoleCall => ({
    ...{api: apiOf(given.service), database: 'books', chart: undefined, port: 0},
    ...changes,
  })

  describe('whether the service has it itself', () => {
    const health = (answer: object) => given.service.answer('GET', '/health', answer)

    it('it has where it says that it is a local one', async () => {
      health({json: {status: 'ok', instance: 'abc'}})
      expect(await hasConsole(apiOf(given.service))).to.equal(true)
    })

    it('it has not where it says anything else', async () => {
      for (const answer of [
        {json: {status: 'ok'}},
        {status: 404, body: 'not found'},
        {status: 403, json: {instance: 'a'}},
        {body: ''},
      ]) {
        health(answer)
        expect(await hasConsole(apiOf(given.service)), JSON.stringify(answer)).to.equal(false)
      }
    })

    it('a hosted one is not even asked', async () => {
      const api = apiOf({baseUrl: 'https://parix.io'})
      expect(await hasConsole({...api, request: () => expect.fail('was asked') as never})).to.equal(false)
    })
  })

  describe('at a local service', () => {
    it('it is the page of the database, by its name or its id; without one the list of all', async () => {
      expect(await localConsole(call())).to.equal(`${given.service.baseUrl}/console/books`)
      expect(await localConsole(call({database: BOOKS}))).to.equal(`${given.service.baseUrl}/console/books`)
      expect(await localConsole(call({database: undefined}))).to.equal(`${given.service.baseUrl}/console/`)
    })

    it('a name that needs escapes is left to the id', async () => {
      for (const name of ['Bücher 2', 'a/b', '..', '-x', '.x', 'a?b', 'x'.repeat(65)]) {
        databases({id: OTHER, name})
        expect(await localConsole(call({database: name})), name).to.equal(`${given.service.baseUrl}/console/${OTHER}`)
      }
      databases({id: OTHER, name: 'x'.repeat(64)})
      expect(await localConsole(call({database: OTHER}))).to.equal(`${given.service.baseUrl}/console/${'x'.repeat(64)}`)
    })

    it('a name goes before an id that is the same text', async () => {
      databases({id: OTHER, name: 'first'}, {id: 'x', name: OTHER})
      expect(await localConsole(call({database: OTHER}))).to.match(/\/console\/9999/)
      databases({id: 'same', name: 'one'}, {id: 'two', name: 'same'})
      expect(await localConsole(call({database: 'same'}))).to.equal(`${given.service.baseUrl}/console/same`)
    })

    it('one that is not there is not found, with the command that lists them', async () => {
      databases({id: BOOKS, name: 'books-2'})
      const error = await refusalOf(() => localConsole(call()))
      expect(error).to.include({kind: 'NOT_FOUND', message: 'There is no database "books".', exitCode: 3})
    })

    it('the chart is sent to it, with the files of names, before its page is opened', async () => {
      given.service.answer('PUT', `/local/charts/${BOOKS}`, {json: {}})
      await localConsole(call({chart: loaded()}))
      const [request] = given.service.to('PUT', `/local/charts/${BOOKS}`)
      expect(JSON.parse(request!.body)).to.deep.equal({text: CHART_TEXT, names: {'names.csv': 'a,1'}})
    })

    it('a chart that is for other databases is sent nowhere', async () => {
      const error = await refusalOf(() => localConsole(call({chart: loaded(`for: [other]\n${CHART_TEXT}`)})))
      expect(error.kind).to.equal('BAD_INPUT')
      expect(given.service.requests.filter(({method}) => method === 'PUT')).to.deep.equal([])
    })

    it('a chart that the service refuses is an error, not a page without names', async () => {
      given.service.answer('PUT', `/local/charts/${BOOKS}`, problem(400, 'chart-invalid'))
      expect((await refusalOf(() => localConsole(call({chart: loaded()})))).message).to.contain('chart-invalid')
    })
  })

  describe('of a hosted service, served by this process', () => {
    /** The pages as their visitor sees them, until `work` is done. */
    async function served(
      changes: Partial<ConsoleCall>,
      work: (get: (path: string) => Promise<string>) => Promise<void>,
    ) {
      const console = await servedConsole(call(changes), () => {})
      try {
        const entered = await fetch(console.url, {redirect: 'manual'})
        const cookie = entered.headers.get('set-cookie')!.split(';')[0]!
        await work(async (path) => {
          const answer = await fetch(new URL(path, console.url), {headers: {cookie}})
          expect(answer.status, path).to.equal(200)
          return (await answer.text()).replace(/<[^>]*>/g, ' ')
        })
      } finally {
        await console.close()
      }
    }
    function stores(): void {
      const one = account({id: '7', ledger: 700, code: 10, debits_posted: LARGE})
      const move = transfer({id: '9', debit_account_id: '7', credit_account_id: '8', ledger: 700, amount: LARGE})
      for (const operation of ['lookup_accounts', 'query_accounts'])
        on(given.service, operation, rows(operation, [one]))
      for (const operation of ['lookup_transfers', 'query_transfers', 'get_account_transfers'])
        on(given.service, operation, rows(operation, [move]))
      on(given.service, 'get_account_balances', rows('get_account_balances', []))
    }

    it('leads to the page of the database, read only, with every digit', async () => {
      stores()
      await served({}, async (get) => {
        expect(await get('/console/books')).to.contain('read-only')
        expect((await get('/console/books/accounts/7')).replace(/[^0-9a-z]/g, '')).to.contain(LARGE)
      })
      const writes = given.service.requests.filter(({path}) => path.includes('create_'))
      expect(writes).to.deep.equal([])
    })

    it('without a database it leads to the list of all, with the state and the place of each', async () => {
      databases(
        {
          id: BOOKS,
          name: 'books',
          status: 'PROVISIONING',
          provider: 'gcp',
          region: 'us-central1',
          createdAt: '2026-11-24T18:40:12Z',
        },
        {id: OTHER, name: 'other'},
      )
      await served({database: undefined}, async (get) => {
        const text = await get('/console/')
        expect(text).to.contain('books').and.contain('other').and.contain('gcp us-central1')
        expect(text).to.match(/PROVISIONING/i)
      })
    })

    it('names are those of the chart, where it is for the database; else there are none', async () => {
      const text = `for: [books]\n${CHART_TEXT.replace('bank: {id: 1,', 'bank: {id: 7,')}`
      stores()
      await served({chart: loaded(text)}, async (get) => {
        expect(await get('/console/books/accounts/7')).to.contain('@bank')
        databases({id: OTHER, name: 'other'})
        on(given.service, 'lookup_accounts', rows('lookup_accounts', [account({id: '7'})]))
        for (const operation of [
          'lookup_accounts',
          'get_account_transfers',
          'get_account_balances',
          'lookup_transfers',
        ])
          given.service.answer(
            'POST',
            `/api/v1/databases/${OTHER}/tb/${operation}`,
            rows(operation, operation === 'lookup_accounts' ? [account({id: '7', ledger: 700})] : [], {
              databaseId: OTHER,
              databaseName: 'other',
            }),
          )
        expect(await get('/console/other/accounts/7')).to.not.contain('@bank')
      })
    })

    it('a database that is not there, and a chart for another, are errors before anything is served', async () => {
      expect(await refusalOf(() => servedConsole(call({database: 'nothing'}), () => {}))).to.include({
        kind: 'NOT_FOUND',
      })
      const chart = loaded(`for: [other]\n${CHART_TEXT}`)
      expect((await refusalOf(() => servedConsole(call({chart}), () => {}))).kind).to.equal('BAD_INPUT')
    })

    it('who may not read is told so and gets no page: without a database as well', async () => {
      for (const database of ['books', undefined]) {
        given.service.answer('GET', '/api/v1/databases', problem(401, 'unauthorized'))
        expect((await refusalOf(() => servedConsole(call({database}), () => {}))).kind).to.equal('CREDENTIAL_REFUSED')
      }
    })

    it('a port that is taken is said to be', async () => {
      const taken = createServer()
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
      const {port} = taken.address() as AddressInfo
      try {
        const error = await refusalOf(() => servedConsole(call({port}), () => {}))
        expect(error).to.include({kind: 'FAILED', code: 'port_in_use', message: `Port ${port} is in use.`})
      } finally {
        taken.close()
      }
    })

    it('an address works once, and only at its own host', async () => {
      stores()
      const console = await servedConsole(call(), () => {})
      try {
        const statuses = [await fetch(console.url), await fetch(console.url)].map(({status}) => status)
        expect(statuses).to.deep.equal([200, 403])
        expect((await fetch(new URL('/console/books', console.url))).status).to.be.within(400, 403)
        expect((await fetch(console.url.replace('127.0.0.1', 'localhost'), {redirect: 'manual'})).status).to.equal(421)
      } finally {
        await console.close()
      }
    })
  })

  it('a page that no browser opens says why', async () => {
    const before = process.env
    try {
      for (const [environment, why] of [
        [{BROWSER: 'none'}, 'BROWSER=none'],
        [{CI: '1'}, 'this is a CI job'],
        [{SSH_TTY: '/dev/pts/1'}, 'you are connected by SSH'],
      ] as const) {
        process.env = {PATH: before.PATH, ...environment} as NodeJS.ProcessEnv
        expect(await openPage('http://127.0.0.1:1/'), why).to.equal(why)
      }
      process.env = {PATH: before.PATH, BROWSER: '/no/such/program'} as NodeJS.ProcessEnv
      expect(await openPage('http://127.0.0.1:1/')).to.be.a('string')
    } finally {
      process.env = before
    }
  })
})
