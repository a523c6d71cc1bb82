import {once} from 'node:events'
import {existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync} from 'node:fs'
import {type AddressInfo, connect, createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {deferred} from '@parix/kit/deferred'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {Job, type JobKey} from '../../src/import/job.js'
import {type ImportResult, type ImportRun, runImport} from '../../src/import/run-import.js'
import {wireRows} from '../../src/import/wire-rows.js'
import {wireIds} from '../../src/records/wire.js'
import {DEFAULT_LIMITS} from '../../src/submit/send-request.js'
import {atEachFileCall, failDisk, holdSync} from '../support/failing-disk.js'
import {importReader} from '../support/import-reader.js'
import {type LossyLedger, startLossyLedger} from '../support/lossy-ledger.js'
import type {Fate} from '../support/lossy-proxy.js'
import {refusalOf, textOf} from '../support/refusal.js'
import {apiOf} from '../support/world.js'

describe('sending a file to the ledger', () => {
  let ledger: LossyLedger
  let local: LossyLedger['local']
  let proxy: LossyLedger['proxy']
  let home: TestHome
  let files = 0
  let nextId = 1

  before(async () => {
    ledger = await startLossyLedger()
    local = ledger.local
    proxy = ledger.proxy
  })
  after(() => ledger.stop())
  beforeEach(() => {
    home = makeHome()
    proxy.choose = () => 'pass'
  })
  afterEach(() => home.remove())

  /** A CSV of transfers of 1 each that no test had before. `from`: the account that pays, 3 has nothing. */
  function newFile(
    froms: readonly number[],
    flags: readonly string[] = [],
  ): {path: string; ids: number[]; text: string} {
    const ids = froms.map(() => nextId++)
    const rows = froms.map((from, index) => `${ids[index]},${from},2,1,700,1,${flags[index] ?? ''}`)
    const text = `${['id,from,to,amount,ledger,code,flags', ...rows].join('\n')}\n`
    const path = home.write(`file${++files}.csv`, text)
    return {path, ids, text}
  }
  const ones = (count: number) => Array.from({length: count}, () => 1)

  function openJob(path: string): Job {
    const key: JobKey = {
      ...{kind: 'transfer', origin: 'o', database: {id: local.database, name: 'books'}, file: path, format: 'csv'},
      ...{specs: {}, idFrom: [], namespace: '', keepTimestamps: false},
    }
    return Job.open(join(home.path, 'import'), key, {baseUrl: 'o'}, new Date(0))
  }

  /** One run, as a command does it: opens the job, sends, closes. */
  async function run(path: string, changes: Partial<ImportRun> = {}): Promise<ImportResult> {
    const reader = await importReader(path, undefined, {format: 'csv'})
    const job = openJob(path)
    try {
      return await runImport({
        context: {
          api: apiOf({baseUrl: proxy.baseUrl, apiKey: local.apiKey}),
          say: () => {},
          sleep: async () => {},
          now: () => 0,
          random: () => 1,
          limits: {...DEFAULT_LIMITS, attemptsMax: 1},
        },
        kind: 'transfer',
        database: {id: local.database, name: 'books'} as ImportRun['database'],
        job,
        name: 'file.csv',
        path,
        refusedPath: `${path}.refused.ndjson`,
        first: reader.rows.first,
        rows: (from) =>
          wireRows(reader, from, (line) => {
            throw new Error(`line ${line} can not be sent`)
          }),
        batchEventsMax: 4,
        underWayMax: 1,
        aheadBytesMin: 0,
        onRefused: 'stop',
        progress: () => {},
        ...changes,
      })
    } finally {
      job.close()
    }
  }

  const creating = (ways: Fate[]) => {
    proxy.choose = (path) => (path.endsWith('create_transfers') ? (ways.shift() ?? 'pass') : 'pass')
  }
  /** Ids that the ledger has, asked past the CLI. */
  const stored = async (ids: readonly number[]) =>
    (await local.operate('lookup_transfers', wireIds(ids.map(BigInt)))).map(({id}) => Number(id))
  const refusedRows = (path: string) => {
    const file = `${path}.refused.ndjson`
    return existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : []
  }

  it('creates each row, in requests of the size that was asked for, and says how many', async () => {
    const {path, ids} = newFile(ones(10))
    const totals: number[] = []
    const result = await run(path, {progress: ({rows}) => totals.push(rows)})
    expect(result).to.deep.equal({rows: 10, created: 10, existed: 0, refused: 0, unchanged: false, complete: true})
    expect(totals).to.deep.equal([4, 8, 10])
    expect(await stored(ids)).to.deep.equal(ids)
  })

  it('the next request travels while one is carried out, and is whole only when that one has its response', async () => {
    const {path} = newFile(ones(40))
    Object.assign(proxy.seen, {wholeMax: 0, beganBeside: 0})
    expect(await run(path)).to.include({rows: 40, created: 40, complete: true})
    expect(proxy.seen.wholeMax).to.equal(1)
    expect(proxy.seen.beganBeside).to.be.greaterThan(0)
  })

  describe('while the log still writes the next request', () => {
    /** `begun`: that the second request is on its way. */
    const beginning = () => {
      const begun = deferred()
      let calls = 0
      proxy.choose = (path) => {
        if (path.endsWith('create_transfers') && ++calls === 2) begun.resolve()
        return 'pass'
      }
      return begun.promise
    }

    it('that travels, and is whole when it is on disk', async () => {
      const {path, ids} = newFile(ones(12))
      const answered = deferred()
      let before: number[] = []
      const letGo = holdSync(1, Promise.all([beginning(), answered.promise]).then(seen))
      async function seen(): Promise<void> {
        // Its turn has come: what could be carried out would be by now.
        for (let looks = 0; looks < 4; looks++) before = await stored(ids)
      }
      try {
        expect(await run(path, {progress: () => answered.resolve()})).to.include({rows: 12, created: 12})
      } finally {
        letGo()
      }
      expect(before).to.deep.equal(ids.slice(0, 4))
    })

    it('and can not, it is taken back: none of it is carried out, and the next run sends it', async () => {
      const {path, ids} = newFile(ones(12))
      const letGo = holdSync(1, beginning(), Object.assign(new Error('ENOSPC: no space left'), {code: 'ENOSPC'}))
      const error = await refusalOf(() => run(path)).finally(letGo)
      expect(error).to.include({kind: 'FAILED', code: 'job_unwritable'})
      expect(await stored(ids)).to.deep.equal(ids.slice(0, 4))
      expect(await run(path)).to.include({rows: 12, created: 12, existed: 0, complete: true})
    })

    it('and the first one is refused, it is taken back, and the log is open until it is written', async () => {
      const {path, ids} = newFile([3, ...ones(11)])
      const answered = deferred()
      let written = false
      const letGo = holdSync(1, Promise.all([beginning(), answered.promise]).then(later))
      async function later(): Promise<void> {
        for (let looks = 0; looks < 4; looks++) await stored(ids)
        written = true
      }
      try {
        const result = await run(path, {progress: () => answered.resolve()})
        expect(result).to.include({rows: 4, created: 3, refused: 1, complete: false})
        expect(written).to.equal(true)
      } finally {
        letGo()
      }
      expect(await stored(ids)).to.deep.equal(ids.slice(1, 4))
      const job = openJob(path)
      expect(job.progress.pending.size).to.equal(0)
      job.close()
    })
  })

  for (const status of [401, 413, 429, 503] as const) {
    it(`a request that is answered with ${status} before it is whole is sent again when its turn comes`, async () => {
      const {path, ids} = newFile(ones(12))
      creating(['pass', `early-${status}`])
      const answered = deferred()
      const api = apiOf({baseUrl: proxy.baseUrl, apiKey: local.apiKey})
      const request: typeof api.request = (call) =>
        api.request(call).finally(() => {
          if (proxy.fates[`early-${status}`] > 0) answered.resolve()
        })
      const letGo = holdSync(1, answered.promise)
      const context = {say: () => {}, sleep: async () => {}, now: () => 0, random: () => 1, limits: DEFAULT_LIMITS}
      try {
        expect(await run(path, {context: {...context, api: {...api, request}}})).to.include({rows: 12, created: 12})
      } finally {
        letGo()
      }
      expect(await stored(ids)).to.deep.equal(ids)
    })
  }

  it('no request travels before its turn any more once one that did has failed', async () => {
    const {path} = newFile(ones(80))
    Object.assign(proxy.seen, {wholeMax: 0, beganBeside: 0})
    creating(['pass', 'lose-request'])
    const api = apiOf({baseUrl: proxy.baseUrl, apiKey: local.apiKey})
    const context = {api, say: () => {}, sleep: async () => {}, now: () => 0, random: () => 1, limits: DEFAULT_LIMITS}
    expect(await run(path, {context})).to.include({rows: 80, created: 80, complete: true})
    // The second, and the third, which was on its way when the second failed.
    expect(proxy.seen.beganBeside).to.be.at.most(2)
  })

  describe('at a service that reads one connection at a time', () => {
    let narrow: Server
    let context: ImportRun['context']
    const said: string[] = []
    beforeEach(async () => {
      said.length = 0
      let last: Promise<unknown> = Promise.resolve()
      narrow = createServer((client) => {
        client.on('error', () => {})
        const before = last
        last = once(client, 'close')
        before.then(() => {
          const service = connect(Number(new URL(proxy.baseUrl).port), '127.0.0.1')
          service.on('error', () => {}).once('close', () => client.destroy())
          client.pipe(service).pipe(client)
        })
      })
      await once(narrow.listen(0, '127.0.0.1'), 'listening')
      const baseUrl = `http://127.0.0.1:${(narrow.address() as AddressInfo).port}`
      const say = (text: string) => void said.push(text)
      const limits = {...DEFAULT_LIMITS, responseTimeoutMs: 1000}
      const api = apiOf({baseUrl, apiKey: local.apiKey})
      context = {api, say, sleep: async () => {}, now: () => 0, random: () => 1, limits}
    })
    afterEach(() => narrow.close())

    it('the second request is waited for once, and every request gets there', async () => {
      const {path, ids} = newFile(ones(12))
      expect(await run(path, {context})).to.include({rows: 12, complete: true})
      expect(await stored(ids)).to.deep.equal(ids)
      expect(said).to.have.lengthOf(1)
      expect(said[0]).to.contain('did not respond within 1 s')
    })

    it('a first request that has failed is sent again before the second, which had taken its place', async () => {
      const {path, ids} = newFile(ones(12))
      creating(['lose-request'])
      // The usual time: on a busy machine a request would else have failed for another reason.
      expect(await run(path, {context: {...context, limits: DEFAULT_LIMITS}})).to.include({rows: 12, complete: true})
      expect(await stored(ids)).to.deep.equal(ids)
      expect(said).to.have.lengthOf(1)
    })
  })

  it('a small request waits for its turn, and needs no second connection', async () => {
    const {path} = newFile(ones(40))
    Object.assign(proxy.seen, {wholeMax: 0, beganBeside: 0})
    expect(await run(path, {aheadBytesMin: 1 << 16})).to.include({rows: 40, created: 40, complete: true})
    expect(proxy.seen).to.deep.equal({wholeMax: 1, beganBeside: 0})
  })

  it('a file that was sent to its end is not sent again; what was added to it since is', async () => {
    const {path, ids, text} = newFile(ones(5))
    await run(path)
    const before = proxy.fates.pass
    expect(await run(path)).to.include({rows: 5, unchanged: true, complete: true})
    expect(proxy.fates.pass).to.equal(before)
    const id = nextId++
    writeFileSync(path, `${text}${id},1,2,1,700,1,\n`)
    expect(await run(path)).to.include({rows: 6, created: 6, unchanged: false, complete: true})
    expect(await stored([...ids, id])).to.deep.equal([...ids, id])
  })

  it('interrupted anywhere, by any loss, and continued: the same rows, each once, and the same counts', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(1, 1, 1, 3), {minLength: 1, maxLength: 14}),
        fc.array(fc.constantFrom<Fate>('pass', 'lose-request', 'lose-answer', 'cut-answer', 'bad-gateway'), {
          maxLength: 6,
        }),
        fc.integer({min: 1, max: 5}),
        fc.integer({min: 1, max: 3}),
        fc.constantFrom(0, 1 << 16),
        async (froms, ways, batchEventsMax, underWayMax, aheadBytesMin) => {
          const {path, ids} = newFile(froms)
          creating([...ways])
          let result: ImportResult | undefined
          for (let attempt = 0; result === undefined; attempt++) {
            expect(attempt).to.be.at.most(ways.length)
            try {
              result = await run(path, {batchEventsMax, underWayMax, aheadBytesMin, onRefused: 'collect'})
            } catch (error) {
              expect((error as {kind: string}).kind).to.be.oneOf(['OUTCOME_UNKNOWN', 'UNAVAILABLE'])
            }
          }
          const paid = ids.filter((_, index) => froms[index] === 1)
          expect(await stored(ids)).to.have.members(paid)
          expect(result).to.include({rows: froms.length, refused: froms.length - paid.length, complete: true})
          expect(result.created + result.existed).to.equal(paid.length)
          const refused = refusedRows(path).map((line) => JSON.parse(line) as {line: number; row: {id: string}})
          const expected = ids.flatMap((id, index) => (froms[index] === 3 ? [[index + 2, String(id)]] : []))
          expect(refused.map(({line, row}) => [line, row.id])).to.have.deep.members(expected)
        },
      ),
      {numRuns: 16},
    ))

  it('a disk that fails at any write loses nothing: the next run ends it, and no row is created twice', async () => {
    const balance = async () => BigInt((await local.operate('lookup_accounts', ['2']))[0]!.credits_posted!)
    let file = newFile([])
    const failed = await atEachFileCall(
      () => {
        file = newFile([1, 1, 1, 3, 1])
        return home.path
      },
      {half: true},
      () => run(file.path, {onRefused: 'collect'}),
      async ({error, call, allowed}) => {
        const where = `${call} after ${allowed}`
        if (error !== undefined) expect(textOf(error as never), where).to.match(/ENOSPC|disk/)
        const result = await run(file.path, {onRefused: 'collect'})
        expect(result, where).to.include({rows: 5, refused: 1, complete: true})
        expect(refusedRows(file.path), where).to.have.lengthOf(1)
      },
    )
    expect(failed).to.be.greaterThan(6)
    const before = await balance()
    expect(await run(file.path, {onRefused: 'collect'})).to.include({unchanged: true})
    expect(await balance()).to.equal(before)
  })

  it('a line of the log that the disk took half of is not the beginning of the next one', async () => {
    let file = ''
    await atEachFileCall(
      () => {
        file = newFile(ones(6)).path
        return join(home.path, 'import')
      },
      {once: true, half: true},
      () => run(file, {batchEventsMax: 2, underWayMax: 3}),
      async ({call, allowed}) => {
        const job = openJob(file)
        expect(job.progress.totals.rows, `${call} after ${allowed}`).to.be.at.most(6)
        job.close()
        expect(await run(file, {batchEventsMax: 2, underWayMax: 3})).to.include({rows: 6, complete: true})
      },
    )
  })

  describe('refused rows', () => {
    it('stop it after their request, or are collected', async () => {
      const stopping = newFile([1, 1, 3, 1, 1, 1, 1, 1])
      expect(await run(stopping.path)).to.include({rows: 4, created: 3, refused: 1, complete: false})
      expect(await stored(stopping.ids)).to.have.lengthOf(3)
      // The request after it had been noted, and was not carried out.
      const job = openJob(stopping.path)
      expect(job.progress.pending.size).to.equal(0)
      job.close()
      const collecting = newFile([1, 1, 3, 1, 1, 1, 1, 3])
      expect(await run(collecting.path, {onRefused: 'collect'})).to.include({rows: 8, created: 6, refused: 2})
      expect(refusedRows(collecting.path)).to.have.lengthOf(2)
    })

    it('are written as they were sent, with the line, the result and what it means', async () => {
      const {path, ids} = newFile([1, 3])
      await run(path)
      expect(refusedRows(path)).to.have.lengthOf(1)
      expect(JSON.parse(refusedRows(path)[0]!)).to.deep.include({
        line: 3,
        result: 'exceeds_credits',
        row: {
          ...{id: String(ids[1]), debit_account_id: '3', credit_account_id: '2', amount: '1', ledger: 700, code: 1},
        },
      })
    })

    it('of earlier requests stay, and what a crash left behind them is cleared away', async () => {
      const {path} = newFile([3, 1, 1, 1, 3, 1])
      await run(path)
      writeFileSync(`${path}.refused.ndjson`, `${refusedRows(path)[0]}\n{"half":`, {flag: 'w'})
      expect(await run(path)).to.include({rows: 6, refused: 2})
      expect(refusedRows(path).map((line) => (JSON.parse(line) as {line: number}).line)).to.deep.equal([2, 6])
    })

    it('that somebody took away meanwhile leave no gap: the file has the rows since then', async () => {
      const {path} = newFile([3, 3, 1, 1, 3, 1])
      await run(path)
      rmSync(`${path}.refused.ndjson`)
      expect(await run(path)).to.include({rows: 6, refused: 3})
      const text = readFileSync(`${path}.refused.ndjson`, 'utf8')
      expect(text).to.not.contain('\0')
      expect(refusedRows(path).map((line) => (JSON.parse(line) as {line: number}).line)).to.deep.equal([6])
    })

    it('that can not be written are an error before anything is sent', async () => {
      const {path, ids} = newFile(ones(2))
      const error = await refusalOf(() => run(path, {refusedPath: home.path}))
      expect(error).to.include({kind: 'FAILED', code: 'refused_unwritable'})
      expect(error.message).to.contain('Nothing was sent.')
      expect(await stored(ids)).to.deep.equal([])
    })

    it('are on the disk before their request counts as answered', async () => {
      const {path} = newFile([1, 3])
      const disk = failDisk(`${path}.refused`, 0, {calls: ['fsyncSync'], code: 'EIO'})
      const error = await refusalOf(() => run(path)).finally(disk.restore)
      expect(error).to.include({kind: 'FAILED', code: 'refused_unwritable'})
      const job = openJob(path)
      expect(job.progress.totals.rows).to.equal(0)
      job.close()
      expect(await run(path)).to.include({rows: 2, refused: 1})
      expect(refusedRows(path)).to.have.lengthOf(1)
    })

    it('that stop it leave no file open', async function () {
      if (!existsSync('/proc/self/fd')) this.skip()
      const {path} = newFile([3, ...ones(20)])
      await run(path)
      const open = readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path)
        } catch {
          return false
        }
      })
      expect(open).to.deep.equal([])
    })

    it('take their whole chain with them, and each row of it has its own reason', async () => {
      const {path, ids} = newFile([1, 1, 3, 1], ['', 'linked', '', ''])
      expect(await run(path)).to.include({created: 2, refused: 2})
      const rows = refusedRows(path).map((line) => JSON.parse(line) as {line: number; result: string})
      expect(rows.map(({line, result}) => [line, result])).to.deep.equal([
        [3, 'linked_event_failed'],
        [4, 'exceeds_credits'],
      ])
      expect(await stored(ids)).to.deep.equal([ids[0], ids[3]])
    })
  })

  describe('what was sent without a response', () => {
    it('is sent again as it was, and nothing else in its place', async () => {
      const {path, ids} = newFile(ones(6))
      creating(['pass', 'lose-answer'])
      const error = await refusalOf(() => run(path))
      expect(error).to.include({kind: 'OUTCOME_UNKNOWN', exitCode: 75})
      expect(error.message).to.contain(`the 2 events from id ${ids[4]} to ${ids[5]} were created in books`)
      const other = await refusalOf(() => run(path, {batchEventsMax: 1}))
      expect(other).to.include({kind: 'BAD_INPUT', code: 'mapping_changed'})
      expect(other.message).to.contain('Lines 6 to 7 of file.csv were sent')
      expect(await run(path)).to.include({rows: 6, created: 4, existed: 2})
    })

    it('is not sent with other contents where the mapping has changed: the same bytes of the file are no proof', async () => {
      const {path} = newFile(ones(4))
      creating(['lose-answer'])
      await refusalOf(() => run(path))
      const other = await importReader(path, undefined, {format: 'csv', specs: {code: '=2'}})
      const error = await refusalOf(() => run(path, {rows: (from) => wireRows(other, from, () => {})}))
      expect(error).to.include({kind: 'BAD_INPUT', code: 'mapping_changed'})
      expect(await run(path)).to.include({rows: 4, existed: 4})
    })

    it('never left is said to be certain', async () => {
      const {path, ids} = newFile(ones(2))
      const nobody = {baseUrl: 'http://127.0.0.1:9', apiKey: 'k'}
      const error = await refusalOf(async () => {
        const limits = {...DEFAULT_LIMITS, attemptsMax: 1}
        await run(path, {
          context: {api: apiOf(nobody), say: () => {}, sleep: async () => {}, now: () => 0, random: () => 1, limits},
        })
      })
      expect(error.kind).to.equal('UNAVAILABLE')
      expect(error.message).to.contain('were not sent to books')
      expect(await stored(ids)).to.deep.equal([])
    })

    it('and has changed in the file since is not sent again: those were other rows', async () => {
      const {path, text} = newFile(ones(6))
      creating(['pass', 'lose-request'])
      await refusalOf(() => run(path))
      writeFileSync(path, text.replace(/,1,700,1,\n$/, ',2,700,1,\n'))
      const error = await refusalOf(() => run(path))
      expect(error).to.include({kind: 'BAD_INPUT', code: 'file_changed'})
      expect(error.message).to.contain('lines 6 to 7 were sent with other contents')
    })
  })

  describe('several requests under way', () => {
    it('are never more than was asked for, and all of them end before an error does', async () => {
      const {path, ids} = newFile(ones(12))
      let [underWay, most] = [0, 0]
      const request = apiOf({baseUrl: proxy.baseUrl, apiKey: local.apiKey})
      const api = {
        ...request,
        request: async (call: Parameters<typeof request.request>[0]) => {
          let isWhole = false
          const atLastByte = () => {
            isWhole = true
            most = Math.max(most, ++underWay)
          }
          if (call.lastByteAfter === undefined) atLastByte()
          else call.lastByteAfter.then(atLastByte, () => {})
          return request.request(call).finally(() => {
            if (isWhole) underWay--
          })
        },
      }
      creating(['pass', 'lose-answer', 'pass', 'pass'])
      const limits = {...DEFAULT_LIMITS, attemptsMax: 1}
      const context = {api, say: () => {}, sleep: async () => {}, now: () => 0, random: () => 1, limits}
      await refusalOf(() => run(path, {context, batchEventsMax: 2, underWayMax: 3}))
      expect(underWay).to.equal(0)
      expect(most).to.be.at.most(3)
      expect(await run(path, {batchEventsMax: 2, underWayMax: 3})).to.include({rows: 12, complete: true})
      expect(await stored(ids)).to.have.members(ids)
    })

    it('one that has its response before an earlier one is not sent again', async () => {
      const {path} = newFile(ones(6))
      creating(['lose-request', 'pass', 'pass'])
      await refusalOf(() => run(path, {batchEventsMax: 2, underWayMax: 3}))
      const job = openJob(path)
      const ahead = job.progress.ahead.size
      job.close()
      const before = proxy.fates.pass
      expect(await run(path, {batchEventsMax: 2, underWayMax: 3})).to.include({rows: 6, created: 6})
      expect(proxy.fates.pass - before).to.equal(3 - ahead)
    })
  })
})
