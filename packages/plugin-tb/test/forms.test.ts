import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {parse as parseYaml} from 'yaml'
import {account, BOOKS, on, rows, transfer} from './support/answers.js'
import {tb} from './support/tb.js'

const BIG = '340282366920938463463374607431768211454'

describe('the forms of what parix tb reads', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('rows of lookups, queries and --all come as table, json, ndjson, csv and yaml, with 128 bits exact', () =>
    withService(async (service) => {
      const stored = [transfer({id: BIG, amount: BIG}), transfer({id: '2', flags: 2})]
      on(service, 'query_transfers', rows('query_transfers', stored))
      on(service, 'lookup_transfers', rows('lookup_transfers', stored))
      on(service, 'get_account_transfers', rows('get_account_transfers', stored))
      on(service, 'query_accounts', rows('query_accounts', [account({id: BIG})]))
      for (const words of [
        `query-transfers ${BOOKS}`,
        `lookup-transfers ${BOOKS} --ids ${BIG},2`,
        `get-account-transfers ${BOOKS} --account-id 1`,
        `query-transfers ${BOOKS} --all`,
        `get-account-transfers ${BOOKS} --account-id 1 --all`,
      ]) {
        const run = async (more: string) => {
          const {code, stdout, stderr} = await tb(`${words} ${more}`, {home, service})
          expect(code, `${words} ${more}: ${stderr}`).to.equal(0)
          return stdout
        }
        const ndjson = (await run('--format ndjson')).trimEnd().split('\n')
        expect(
          ndjson.map((line) => JSON.parse(line).id),
          words,
        ).to.deep.equal([BIG, '2'])
        const [names, first] = (await run('--format csv')).split('\r\n')
        expect(names, words).to.match(/^id,debit_account_id,credit_account_id,amount,/)
        expect(first, words).to.match(new RegExp(`^${BIG},1,2,${BIG},`))
        expect(await run('--format csv --fields id,amount'), words).to.equal(`id,amount\r\n${BIG},${BIG}\r\n2,5\r\n`)
        const yaml = parseYaml(await run('--format yaml'))
        expect((yaml.responsePayload ?? yaml)[0].amount, words).to.equal(BIG)
        expect(JSON.parse((await run('--format ndjson --fields id')).split('\n')[1]!), words).to.deep.equal({id: '2'})
        const path = words.endsWith('--all') ? '.[].id' : '.responsePayload[].id'
        expect(await run(`--jq ${path}`), words).to.equal(`${BIG}\n2\n`)
      }
      const {stdout} = await tb(`query-transfers ${BOOKS} --fields id,flag_names`, {home, service})
      expect(stdout)
        .to.match(/ID +FLAG_NAMES\n/)
        .and.to.contain('["pending"]')
    }))

  it('a wrong --jq or --fields is refused before a payment is sent, or says that it was made', () =>
    withService(async (service) => {
      const words = `create-transfers ${BOOKS} --from 1 --to 2 --amount 5 --ledger 1 --code 1`
      for (const more of ['--jq .[', '--fields a,,b', '--json --format csv', '--jq . --fields id']) {
        expect((await tb(`${words} ${more}`, {home, service})).code, more).to.equal(2)
      }
      expect(service.requests).to.deep.equal([])
    }))
})
