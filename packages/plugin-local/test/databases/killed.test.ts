import {makeHome, type Running, startParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'

interface Started {
  baseUrl: string
  apiKey: string
}

/** Real processes: `parix local start`, ended by SIGKILL in the middle of things. */
describe('a service that was killed', function () {
  this.timeout(120_000)
  let home: TestHome
  let running: Running | undefined

  before(() => {
    home = makeHome()
  })
  after(async () => {
    running?.child.kill('SIGKILL')
    await running?.result
    home.remove()
  })

  async function start(...flags: string[]): Promise<Started> {
    running = startParix(['local', 'start', '--port', '0', '--json', ...flags], {home})
    await running.saw(/\n}\n/)
    return JSON.parse(running.stdout()) as Started
  }

  async function kill(): Promise<void> {
    running!.child.kill('SIGKILL')
    await running!.result
  }

  const post = ({baseUrl, apiKey}: Started, path: string, body: string) =>
    fetch(`${baseUrl}/api/v1${path}`, {
      method: 'POST',
      headers: {'x-api-key': apiKey, 'content-type': 'application/json'},
      body,
    })

  it('has what it answered, and what it did without getting to answer; a retry finds it there', async () => {
    const first = await start('--provision-delay=0', '--fail-next=drop-answer@create_transfers')
    const made = await post(first, '/databases', '{"name":"books"}')
    const {id} = ((await made.json()) as {database: {id: string}}).database
    const at = `/databases/${id}/tb`
    const accounts = '[{"id":1,"ledger":1,"code":1},{"id":2,"ledger":1,"code":1}]'
    let created = await post(first, `${at}/create_accounts`, accounts)
    while (created.status === 503) created = await post(first, `${at}/create_accounts`, accounts)
    expect(created.status).to.equal(200)
    const transfer =
      '[{"id":9007199254740993,"debit_account_id":1,"credit_account_id":2,"amount":5,"ledger":1,"code":1}]'
    const lost = await post(first, `${at}/create_transfers`, transfer).catch((error: Error) => error.message)
    expect(lost).to.equal('fetch failed')
    await kill()

    const second = await start()
    const retried = (await (await post(second, `${at}/create_transfers`, transfer)).json()) as {
      responsePayload: {result: string}[]
    }
    expect(retried.responsePayload.map(({result}) => result)).to.deep.equal(['exists'])
    const found = await (await post(second, `${at}/query_transfers`, '{}')).text()
    expect(found.match(/"id":"\d+"/g)).to.deep.equal(['"id":"9007199254740993"'])
    await kill()
  })
})
