import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {tryLock} from '@parix/files/lock'
import {makeHome, type RecordingService, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, on, problem, rows, sent, transfer} from '../support/answers.js'
import {tb} from '../support/tb.js'

const BASE = 1_700_000_000_000_000_000n
const ROWS = 100

const stored = Array.from({length: ROWS}, (_, index) =>
  transfer({
    id: String(2n ** 127n + BigInt(index)),
    amount: String(2n ** 100n + BigInt(index)),
    ledger: index % 2 === 0 ? 7 : 8,
    timestamp: String(BASE + BigInt(index)),
  }),
)
const NDJSON = stored.map((row) => `${JSON.stringify(row)}\n`).join('')
const SUM_7 = String(
  stored.filter(({ledger}) => ledger === 7).reduce((sum, {amount}) => sum + BigInt(amount as string), 0n),
)

/** Takes pages of 16 rows at most, and fails for good when it is asked for rows from `failsAt` on. */
function serve(service: RecordingService, failsAt = Number.POSITIVE_INFINITY, all = stored): void {
  for (const operation of ['query_transfers', 'get_account_transfers']) {
    on(service, operation, ({body}) => {
      const {timestamp_min: min = '0', timestamp_max: max, limit} = JSON.parse(body)
      if (limit > 16) return problem(413, 'too-much-data')
      const match = all.filter(
        ({timestamp}) =>
          BigInt(timestamp as string) >= BigInt(min) && (!max || BigInt(timestamp as string) <= BigInt(max)),
      )
      if (ROWS - match.length >= failsAt) return problem(403, 'forbidden')
      return rows(operation, match.slice(0, limit))
    })
  }
}

describe('parix tb export', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const file = (name = 'out.ndjson') => join(home.path, name)
  const text = (name?: string) => readFileSync(file(name), 'utf8')

  it('writes every row once, oldest first, to stdout or a file, and says rows, SHA-256, sums and the last timestamp', () =>
    withService(async (service) => {
      serve(service)
      const plain = await tb(`export transfers ${BOOKS}`, {home, service})
      expect(plain.code, plain.stderr).to.equal(0)
      expect(plain.stdout).to.equal(NDJSON)
      const sha256 = createHash('sha256').update(NDJSON).digest('hex')
      for (const part of [
        'Exported 100 transfers of',
        `sha256 ${sha256}`,
        `ledger 7: amount ${SUM_7}`,
        `last ${BASE + 99n} (2023-11-14T22:13:20.000000099Z)`,
      ]) {
        expect(plain.stderr).to.contain(part)
      }
      const {json, stderr} = await tb(`export transfers ${BOOKS} -o ${file()} --json`, {home, service})
      expect(text()).to.equal(NDJSON)
      expect(json()).to.deep.include({rows: 100, sha256, bytes: NDJSON.length, resumed: false, format: 'ndjson'})
      expect(json().sums[0]).to.deep.equal({ledger: 7, amount: SUM_7})
      expect(json().last_timestamp).to.equal(String(BASE + 99n))
      expect(stderr).to.contain(sha256)
      expect(
        existsSync(`${file()}.part`) || existsSync(`${file()}.part.json`) || existsSync(`${file()}.part.lock`),
      ).to.equal(false)
    }))

  it('CSV has all fields, or those asked for; NDJSON too', () =>
    withService(async (service) => {
      serve(service)
      const csv = (await tb(`export transfers ${BOOKS} --format csv`, {home, service})).stdout.split('\r\n')
      expect(csv).to.have.length(102)
      expect(csv[0]).to.equal(Object.keys(stored[0]!).join(','))
      expect(csv[1]).to.equal(Object.values(stored[0]!).join(','))
      const some = await tb(`export transfers ${BOOKS} --format csv --fields timestamp,amount`, {home, service})
      expect(some.stdout.split('\r\n')[1]).to.equal(`${stored[0]!.timestamp},${stored[0]!.amount}`)
      const picked = await tb(`export transfers ${BOOKS} --fields code,id`, {home, service})
      expect(picked.stdout.split('\n')[0]).to.equal(`{"code":1,"id":"${stored[0]!.id}"}`)
      const wrong = await tb(`export transfers ${BOOKS} --fields amuont`, {home, service})
      expect({code: wrong.code, hint: wrong.stderr.includes('Did you mean amount?')}).to.deep.equal({
        code: 2,
        hint: true,
      })
      on(service, 'query_accounts', rows('query_accounts', [account({id: '5', debits_posted: '9'})]))
      const accounts = await tb(`export accounts ${BOOKS} --ledger 1 --code 2`, {home, service})
      expect(JSON.parse(accounts.stdout)).to.include({id: '5', debits_posted: '9'})
      expect(accounts.stderr).to.contain('Exported 1 account of').and.to.contain('debits_posted 9')
      expect(JSON.parse(sent(service, 'query_accounts')[0]!)).to.include({ledger: 1, code: 2, limit: 8189})
    }))

  it('filters by time and account; an account that does not exist is exit code 3', () =>
    withService(async (service) => {
      serve(service)
      const words = `export transfers ${BOOKS} --account 1 --code 1 --since 2023-11-14T22:13:20.000000010Z --until ${BASE + 12n}`
      const {stdout} = await tb(words, {home, service})
      expect(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).timestamp),
      ).to.deep.equal([10n, 11n, 12n].map((offset) => String(BASE + offset)))
      expect(JSON.parse(sent(service, 'get_account_transfers')[0]!)).to.include({account_id: '1', code: 1, flags: 3})
      on(service, 'get_account_transfers', rows('get_account_transfers', []))
      on(service, 'lookup_accounts', rows('lookup_accounts', []))
      expect((await tb(`export transfers ${BOOKS} --account 42`, {home, service})).code).to.equal(3)
      expect(
        (await tb(`export transfers ${BOOKS} --since 2026-11-28 --until 2026-11-27`, {home, service})).code,
      ).to.equal(2)
    }))

  for (const [format, fields] of [
    ['ndjson', ''],
    ['csv', ''],
    ['csv', ' --fields timestamp,id'],
  ] as const) {
    it(`${format}${fields}: broken off anywhere and resumed, the file is that of an uninterrupted run`, () =>
      withService(async (service) => {
        const words = `export transfers ${BOOKS} --format ${format}${fields}`
        serve(service)
        const whole = await tb(`${words} -o ${file('whole')} --json`, {home, service})
        serve(service, 60)
        const broken = await tb(`${words} -o ${file('cut')}`, {home, service})
        expect(broken.code).to.equal(5)
        expect(broken.stderr)
          .to.contain('What was exported so far is kept')
          .and.to.match(/parix tb export transfers --resume|tb export transfers .*--resume/)
        const part = readFileSync(`${file('cut')}.part`)
        const notes = readFileSync(`${file('cut')}.part.json`)
        expect(part.length).to.be.greaterThan(500)
        serve(service)
        const lengths = [
          0,
          1,
          20,
          part.length,
          part.length - 1,
          part.length - 2,
          part.length - 30,
          Math.floor(part.length / 2),
        ]
        for (const length of lengths) {
          writeFileSync(`${file('cut')}.part`, part.subarray(0, length))
          writeFileSync(`${file('cut')}.part.json`, notes)
          const resumed = await tb(`${words} -o ${file('cut')} --resume --json`, {home, service})
          expect(resumed.code, resumed.stderr).to.equal(0)
          expect(text('cut'), `${length}`).to.equal(text('whole'))
          const {sha256, rows: count, sums, last_timestamp: last} = whole.json()
          expect(resumed.json(), `${length}`).to.deep.include({
            sha256,
            rows: count,
            last_timestamp: last,
            resumed: true,
          })
          if (fields === '') expect(resumed.json().sums).to.deep.equal(sums)
          writeFileSync(file('cut'), '')
          const {unlinkSync} = await import('node:fs')
          unlinkSync(file('cut'))
        }
      }))
  }

  it('an unfinished file is neither overwritten nor continued with other words, by two at once, or when it is damaged', () =>
    withService(async (service) => {
      serve(service, 60)
      const words = `export transfers ${BOOKS} -o ${file()}`
      await tb(words, {home, service})
      const part = readFileSync(`${file()}.part`)
      for (const [more, sentence] of [
        ['', 'did not finish'],
        [' --resume --code 2', 'code was not given, and is 2'],
        [' --resume --since 2023-01-01', 'since was not given'],
        [' --resume --format csv', 'format was ndjson, and is csv'],
        [' --resume --fields amount', 'needs the field timestamp'],
      ] as const) {
        const {code, stderr} = await tb(words + more, {home, service})
        expect({code, said: stderr.includes(sentence)}, stderr).to.deep.equal({code: 2, said: true})
        expect(readFileSync(`${file()}.part`).equals(part)).to.equal(true)
      }
      const held = tryLock(`${file()}.part.lock`, {stale: 'process'})
      const locked = await tb(`${words} --resume`, {home, service})
      expect(locked.code).to.equal(6)
      expect(locked.stderr).to.contain('is being written by')
      if ('lock' in held) held.lock.release()
      writeFileSync(`${file()}.part`, 'something else\n')
      expect((await tb(`${words} --resume`, {home, service})).stderr).to.contain('something other than exported rows')
      expect((await tb(`export transfers ${BOOKS} --resume`, {home, service})).stderr).to.contain(
        '--resume needs -o FILE',
      )
      serve(service)
      await tb(`export transfers ${BOOKS} -o ${file('done')}`, {home, service})
      const done = await tb(`export transfers ${BOOKS} -o ${file('done')} --resume`, {home, service})
      expect({code: done.code, said: done.stderr.includes('is complete')}).to.deep.equal({code: 2, said: true})
    }))

  it('a file that can not be written is an error in words', () =>
    withService(async (service) => {
      serve(service)
      mkdirSync(file('directory'))
      for (const [path, code, sentence] of [
        [file('directory'), 2, 'is a directory'],
        [join(home.path, 'missing/out'), 1, "can't be written"],
      ] as const) {
        const result = await tb(['export', 'transfers', BOOKS, '-o', path], {home, service})
        expect({code: result.code, said: result.stderr.includes(sentence)}, result.stderr).to.deep.equal({
          code,
          said: true,
        })
      }
    }))

  it('rows that come twice or out of order are never taken for an export', () =>
    withService(async (service) => {
      for (const odd of [
        [stored[0]!, stored[0]!],
        [stored[1]!, stored[0]!],
      ]) {
        on(service, 'query_transfers', rows('query_transfers', odd))
        const {code, stderr} = await tb(`export transfers ${BOOKS} -o ${file('odd')}`, {home, service})
        expect(code).to.equal(75)
        expect(stderr).to.contain('must rise in time')
        expect(existsSync(file('odd'))).to.equal(false)
        const {rmSync} = await import('node:fs')
        rmSync(`${file('odd')}.part`)
      }
    }))

  it('nothing to export is a file without rows, and said', () =>
    withService(async (service) => {
      serve(service, undefined, [])
      const {code, stderr, json} = await tb(`export transfers ${BOOKS} -o ${file()} --format csv --json`, {
        home,
        service,
      })
      expect({code, text: text()}).to.deep.equal({code: 0, text: `${Object.keys(stored[0]!).join(',')}\r\n`})
      expect(stderr).to.contain('Exported 0 transfers')
      expect(json()).to.deep.include({rows: 0, sums: [], last_timestamp: null, last_time: null})
    }))
})
