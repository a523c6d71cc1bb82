import {makeHome, parix, type RecordingService, run, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, created, entryFiles, on, refused, rows, sent, transfer} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

/** Every command that creates something: its words, what it sends, and what a lookup then finds. */
const COMMANDS = [
  {words: `create-accounts ${BOOKS} --ledger 1 --code 1`, operation: 'create_accounts'},
  {words: `create-transfers ${BOOKS} --from 1 --to 2 --amount 777 --ledger 1 --code 1`, operation: 'create_transfers'},
  {words: `post ${BOOKS} 2000`, operation: 'create_transfers'},
  {words: `void ${BOOKS} 2000`, operation: 'create_transfers'},
]

describe('money that moved is never reported as failed', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  function script(service: RecordingService): void {
    for (const operation of ['create_accounts', 'create_transfers'])
      on(service, operation, rows(operation, [{index: 0, result: 'created', timestamp: '7'}]))
    on(service, 'lookup_transfers', (request) =>
      rows(
        'lookup_transfers',
        (JSON.parse(request.body) as string[]).map((id) =>
          transfer({id, flags: id === '2000' ? 2 : 4, pending_id: id === '2000' ? '0' : '2000'}),
        ),
      ),
    )
    on(service, 'lookup_accounts', rows('lookup_accounts', []))
  }

  for (const {words, operation} of COMMANDS) {
    const name = words.split(' ')[0]
    for (const stdout of ['ENOSPC', 'EPIPE'] as const) {
      for (const json of ['', ' --json', ' --quiet']) {
        it(`${name}${json}, ${stdout}: says what was created, with its id; the same command does not create it again`, () =>
          withService(async (service) => {
            script(service)
            const lost = await tb(words + json, {home, service, stdout})
            expect(lost.code).to.equal(75)
            const [body] = sent(service, operation)
            const {id} = JSON.parse(body!)[0]
            expect(lost.stderr).to.match(
              new RegExp(`1 (transfer|account) \\(id ${id}\\) is in books\\. The output could not be written`),
            )
            expect(lost.stderr).to.contain('parix tb outbox resume')
            expect(entryFiles(home)).to.have.length(1)
            const again = await tb(`${words}${json}`, {home, service})
            expect(again.code, again.stderr).to.equal(0)
            expect(again.stdout).to.contain(id)
            // Its outcome is known: nothing is sent again.
            expect(sent(service, operation)).to.deep.equal([body])
            expect(entryFiles(home)).to.deep.equal([])
          }))
      }
    }
  }

  it('outbox resume: what was resumed and could not be shown stays, and is shown the next time', () =>
    withService(async (service) => {
      const ids = ['8', '9']
      on(service, 'create_transfers', {drop: true})
      for (const id of ids) await tb(`${COMMANDS[1]!.words} --id ${id}`, {home, service, env: {PARIX_RETRY_FOR: '1ms'}})
      on(service, 'create_transfers', created('created'))
      for (const json of ['', ' --json']) {
        const lost = await tb(`outbox resume${json}`, {home, service, stdout: 'ENOSPC'})
        expect(lost.code).to.equal(75)
        for (const id of ids) expect(lost.stderr).to.contain(`1 transfer (id ${id}) is in `)
        expect(entryFiles(home)).to.have.length(2)
      }
      const calls = sent(service, 'create_transfers').length
      const {code, json} = await tb('outbox resume --json', {home, service})
      expect(code).to.equal(0)
      expect(
        json().resumed.map(({answer}: {answer: {responsePayload: {id: string}[]}}) => answer.responsePayload[0]!.id),
      ).to.deep.equal(ids)
      expect(sent(service, 'create_transfers')).to.have.length(calls)
      expect(entryFiles(home)).to.deep.equal([])
    }))

  it('a refusal keeps its exit code, is said on stderr, and leaves nothing behind', () =>
    withService(async (service) => {
      on(service, 'create_transfers', refused({index: 0, result: 'exceeds_credits', code: 54}))
      on(service, 'lookup_accounts', rows('lookup_accounts', [account({})]))
      for (const stdout of ['ENOSPC', 'EPIPE'] as const) {
        for (const json of ['', ' --json']) {
          const result = await tb(COMMANDS[1]!.words + json, {home, service, stdout})
          expect(result.code, stdout + json).to.equal(6)
          expect(result.stderr).to.contain('The transfer was refused: exceeds_credits.')
          expect(entryFiles(home)).to.deep.equal([])
        }
      }
    }))

  it('a part that was refused: what was created is not created again where the refusal was not shown', () =>
    withService(async (service) => {
      on(service, 'create_transfers', refused({index: 1, result: 'exceeds_credits', code: 54}))
      on(service, 'lookup_transfers', (request) =>
        rows('lookup_transfers', [transfer({id: JSON.parse(request.body)[0], amount: '1'})]),
      )
      on(service, 'lookup_accounts', rows('lookup_accounts', []))
      const stdin = JSON.stringify([1, 2].map((to) => ({from: 1, to: to + 1, amount: 1, ledger: 1, code: 1})))
      const result = await tb(`create-transfers ${BOOKS} --file -`, {
        home,
        service,
        stdin: stdin.replace('"to":3', '"to":2'),
      })
      expect(result.code).to.equal(6)
      expect(result.stderr).to.contain('1 of 2 transfers was refused. The other one is in the ledger.')
    }))

  it('a real full disk and a real closed pipe: 75, the id on stderr, and one transfer', function () {
    this.timeout(60_000)
    return withService(async (service) => {
      script(service)
      const env = {...home.environment, PARIX_API_KEY: 'px_test', PARIX_BASE_URL: service.baseUrl}
      const words = COMMANDS[1]!.words.split(' ')
      for (const shape of ['> /dev/full', '| sh -c "exec 0<&-"']) {
        const before = sent(service, 'create_transfers').length
        const command = [process.execPath, 'bin/run.js', 'tb', ...words].join(' ')
        const {stderr} = await run('sh', ['-c', `{ ${command}; echo "rc=$?" >&2; } ${shape}`], {env, cwd: ROOT})
        const {id} = JSON.parse(sent(service, 'create_transfers').at(-1)!)[0]
        expect(stderr, shape).to.contain(`1 transfer (id ${id}) is in books.`).and.to.contain('rc=75')
        const again = await parix(['tb', ...words], {home, env})
        expect(again.code, again.stderr).to.equal(0)
        expect(again.stdout).to.contain(id)
        expect(sent(service, 'create_transfers')).to.have.length(before + 1)
      }
    })
  })
})

const ROOT = new URL('../../../../../', import.meta.url).pathname
