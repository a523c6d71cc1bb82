import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {BROWSER_PROGRAM, makeHome, type RunResult, startAround, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {resultOf} from '../tidy/built.js'

const STREAMS = {
  'a full disk': 'exec "$@" > /dev/full',
  'a reader that is gone': 'exec 3> >(:); wait $!; exec "$@" >&3 3>&-',
} as const

interface Write {
  words: string
  /** Run before, with a result that is shown. */
  prepare?: string | string[]
  /** Ends without a response before: it stays in the outbox. */
  lost?: string
  files?: Record<string, string>
  /** What is there afterwards, and how many of it. `N` is a number of the test's own. */
  list: string
  count: number
}

const TRANSFER = 'tb create-transfers books --from 1 --to 2 --amount 5 --ledger 700 --code N'
const ACCOUNT = 'tb create-accounts books --id N --ledger 700 --code 10'
const CLOSE = 'tb close books N --into 1 --code N'
const OF_CODE = 'tb query-transfers books --code N'
const WRITES: readonly Write[] = [
  {words: 'tb create-accounts books --ledger 700 --code N', list: 'tb query-accounts books --code N', count: 1},
  {words: TRANSFER, list: OF_CODE, count: 1},
  {words: 'tb post books N', prepare: `${TRANSFER} --id N --flag pending`, list: OF_CODE, count: 2},
  {words: 'tb void books N', prepare: `${TRANSFER} --id N --flag pending`, list: OF_CODE, count: 2},
  {words: 'tb entry books --debit 1=5 --credit 2=5 --code N', list: OF_CODE, count: 1},
  {words: 'tb reserve books --from 1 --to 2 --amount 5 --code N', list: OF_CODE, count: 1},
  {words: 'tb reverse books N', prepare: `${TRANSFER} --id N`, list: OF_CODE, count: 2},
  {words: 'tb sweep books --from 1 --to 2 --amount max --code N', list: OF_CODE, count: 1},
  {words: 'tb exchange books --from 1=5 --to 3 --rate 1 --via 2 --via 4 --code N', list: OF_CODE, count: 2},
  {words: CLOSE, prepare: ACCOUNT, list: OF_CODE, count: 2},
  {
    words: 'tb reopen books N',
    prepare: [ACCOUNT, CLOSE],
    list: 'tb get-account-transfers books --account-id N',
    count: 3,
  },
  {words: 'tb outbox resume', lost: TRANSFER, list: OF_CODE, count: 1},
  {
    words: 'tb import transfers t.csv books',
    files: {'t.csv': 'id,debit_account_id,credit_account_id,amount,ledger,code\nN,1,2,5,700,N\n'},
    list: OF_CODE,
    count: 1,
  },
  {
    words: 'chart apply books',
    files: {
      'parix.chart.yaml':
        'version: 1\nledgers: {L: {id: 700, scale: 0}}\ncodes: {account: {c: N}}\naccounts: {a: {id: N, ledger: L, code: c}}\n',
    },
    list: 'tb query-accounts books --code N',
    count: 1,
  },
  {words: 'database create made-N', list: 'api databases?search=made-N', count: 1},
]

describe('what was created and could not be shown', function () {
  this.timeout(60_000)
  let directory: string
  let service: RunningService
  let env: Record<string, string>
  let drop = false
  let number = 1000

  before(async function () {
    if (!existsSync('/dev/full')) this.skip()
    directory = mkdtempSync(join(tmpdir(), 'parix-unshown-'))
    service = await startService({
      port: 0,
      dataDir: directory,
      provisionDelayMs: 0,
      intercept: async (request, next) =>
        drop && request.method === 'POST' ? new Response('', {status: 503}) : next(request),
    })
    env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
    const home = makeHome()
    for (const line of [
      'database create books --wait',
      'tb create-accounts books --id 1 --ledger 700 --code 10',
      'tb create-accounts books --id 2 --ledger 700 --code 10',
      'tb create-accounts books --id 3 --ledger 701 --code 10',
      'tb create-accounts books --id 4 --ledger 701 --code 10',
    ]) {
      await succeeds(line, home)
    }
    home.remove()
  })
  after(async () => {
    await service?.close()
    if (directory !== undefined) rmSync(directory, {recursive: true, force: true})
  })

  for (const write of WRITES) {
    for (const [streams, script] of Object.entries(STREAMS)) {
      // All four for the command that moves money; of the others, one with --json and one without.
      const forms = write.words === TRANSFER ? ['', ' --json'] : streams === 'a full disk' ? [''] : [' --json']
      for (const json of forms) {
        it(`${streams}: parix ${write.words}${json} ends with 75, says so, and given again creates nothing twice`, async () => {
          const n = String(number++)
          const own = (text: string) => text.replaceAll('N', n)
          const home = makeHome()
          try {
            for (const [name, text] of Object.entries(write.files ?? {})) home.write(name, own(text))
            for (const line of [write.prepare ?? []].flat()) await succeeds(own(line), home)
            if (write.lost !== undefined) await loses(own(write.lost), home)
            const words = own(write.words) + json
            const {code, stderr} = await unshown(script, words, home)
            expect(code, stderr).to.equal(75)
            expect(stderr).to.match(/could not be written|was written to stdout|no longer reads/)
            expect(stderr).not.to.match(/^ {4}at /m)
            const again = await resultOf(words.split(' '), home, env)
            if (write.words.startsWith('database create')) expect(again.stdout + again.stderr).to.contain(`made-${n}`)
            else expect(again.code, again.stdout + again.stderr).to.equal(0)
            if (write.words.startsWith('chart apply')) {
              expect(again.stdout, 'the account that the first run created').to.contain(n)
              expect(again.stderr).to.contain('1 account of an earlier apply')
            }
            expect(await count(own(write.list), home), own(write.list)).to.equal(write.count)
            expect(JSON.parse((await succeeds('tb outbox list --json', home)).stdout).entries).to.deep.equal([])
          } finally {
            home.remove()
          }
        })
      }
    }
  }

  for (const [streams, script] of Object.entries(STREAMS)) {
    it(`${streams}: parix auth login ends with 75, and the session is there`, async () => {
      const home = makeHome()
      try {
        const login = `auth login --base-url ${service.baseUrl} --json`
        const {code, stderr} = await unshown(script, login, home, {BROWSER: BROWSER_PROGRAM})
        expect(code, stderr).to.equal(75)
        expect(stderr).to.match(/^Error: Signed in at/m)
        expect((await resultOf(['auth', 'status'], home)).code).to.equal(0)
      } finally {
        home.remove()
      }
    })
  }

  function unshown(script: string, words: string, home: TestHome, own = env): Promise<RunResult> {
    const args = words.split(' ')
    const line = ['bash', '-c', script, 'bash', process.execPath, join(ROOT, 'bin/run.js'), ...args]
    return startAround(line, args, {cwd: home.path, home, env: own}).result
  }

  async function succeeds(line: string, home: TestHome): Promise<RunResult> {
    const result = await resultOf(line.split(' '), home, env)
    expect(result.code, line + result.stderr).to.equal(0)
    return result
  }

  async function loses(line: string, home: TestHome): Promise<void> {
    drop = true
    const {code, stderr} = await resultOf([...line.split(' '), '--retry-for', '1ms'], home, env)
    drop = false
    expect(code, stderr).to.equal(75)
  }

  async function count(line: string, home: TestHome): Promise<number> {
    const value = JSON.parse((await succeeds(`${line} --json`, home)).stdout)
    return (value.responsePayload ?? value.databases).length
  }
})
