import {appendFileSync, existsSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {assertUnchanged, digestOf, Job, type JobKey, jobId} from '../../src/import/job.js'
import type {Sent} from '../../src/import/job-log.js'
import {atEachFileCall, CHANGES} from '../support/failing-disk.js'
import {refused} from '../support/refusal.js'

const KEY: JobKey = {
  ...{kind: 'transfer', origin: 'https://parix.io', database: {id: 'db', name: 'books'}, file: '/f.csv', format: 'csv'},
  ...{specs: {id: 'a', amount: 'b'}, idFrom: [], namespace: '', keepTimestamps: false},
}
const DONE = {created: 1, existed: 0, refused: 0, refusedBytes: 0}

describe('the state of an import', () => {
  let home: TestHome
  let file: string
  beforeEach(() => {
    home = makeHome()
    file = home.write('f.csv', 'a,b\n1,2\n3,4\n')
  })
  afterEach(() => home.remove())

  const open = (key: Partial<JobKey> = {}) =>
    Job.open(join(home.path, 'import'), {...KEY, ...key}, {baseUrl: 'https://parix.io'}, new Date(0))
  const sent = (n: number, from: number, to: number): Sent => ({
    ...{
      n,
      lines: [n + 2, n + 3],
      bytes: [from, to],
      rows: 1,
      source: digestOf(openSync(file, 'r'), from, to),
      body: 'b',
    },
  })

  it('the same command has the same job, whatever order its mapping was given in; every other word makes another', () => {
    const same = jobId(KEY)
    expect(jobId({...KEY, specs: {amount: 'b', id: 'a'}})).to.equal(same)
    expect(jobId({...KEY, database: {id: 'db', name: 'renamed'}})).to.equal(same)
    const changes: Partial<JobKey>[] = [
      {kind: 'account'},
      {origin: 'https://other'},
      {database: {id: 'db2', name: 'books'}},
      {file: '/g.csv'},
      {format: 'ndjson'},
      {specs: {id: 'a'}},
      {idFrom: ['a']},
      {namespace: 'n'},
      {keepTimestamps: true},
      {decimalComma: true},
    ]
    const ids = changes.map((change) => jobId({...KEY, ...change}))
    expect(new Set([same, ...ids]).size).to.equal(changes.length + 1)
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{16}$/)
  })

  it('what was written down is there when the job is opened again', async () => {
    const job = open()
    job.validated({rows: 2, bytes: 12})
    await job.sending(sent(0, 4, 8))
    job.answered(sent(0, 4, 8), DONE)
    await job.sending(sent(1, 8, 12))
    job.noteLedger('a')
    job.close()
    const again = open()
    expect(again.file).to.deep.equal(job.file)
    expect(again.progress).to.deep.include({
      next: {line: 3, byte: 8},
      requests: 1,
      ledger: 'a',
      validated: {rows: 2, bytes: 12},
    })
    expect([...again.progress.pending.keys()]).to.deep.equal([1])
    again.close()
  })

  it('a line that a crash cut off is cleared away, and the log goes on after it', async () => {
    const job = open()
    await job.sending(sent(0, 4, 8))
    job.close()
    appendFileSync(join(job.path, 'progress.log'), '{"done":{"n":0,')
    const again = open()
    again.answered(sent(0, 4, 8), DONE)
    again.close()
    const third = open()
    expect(third.progress.requests).to.equal(1)
    third.close()
  })

  it('another process at it is a conflict, and when it is closed it is free', () => {
    const job = open()
    const error = refused(() => open())
    expect(error).to.include({kind: 'CONFLICT', code: 'import_under_way', exitCode: 6})
    job.close()
    job.close()
    open().close()
  })

  it('a new one in which nothing was noted is not kept: its file was refused before anything was sent', () => {
    const job = open()
    expect(existsSync(job.path)).to.equal(true)
    job.close()
    expect(existsSync(job.path)).to.equal(false)
    const used = open()
    used.validated({rows: 2, bytes: 12})
    used.close()
    const restarted = open()
    restarted.restart()
    restarted.close()
    expect(existsSync(used.path), 'it was there before').to.equal(true)
  })

  it('restarted it forgets its progress; as a further attempt it remembers which, and the ledger', async () => {
    const job = open()
    await job.sending(sent(0, 4, 8))
    job.answered(sent(0, 4, 8), DONE)
    job.noteLedger('a')
    job.restart(1)
    job.close()
    const again = open()
    expect(again.progress).to.deep.include({requests: 0, attempt: 1, ledger: 'a', next: undefined})
    again.restart()
    expect(again.progress).to.deep.include({attempt: 0, ledger: undefined})
    again.close()
  })

  it('a job of a newer version, or a damaged one, is neither continued nor replaced', () => {
    for (const [text, why] of [
      ['{"version": 2, "id": "x"}', 'was written by a newer parix'],
      ['{"version": 1}', 'is damaged'],
      ['{', 'is damaged'],
      ['null', 'is damaged'],
    ] as const) {
      const directory = join(home.path, 'import', jobId(KEY))
      home.write(`import/${jobId(KEY)}/job.json`, text)
      const error = refused(() => open())
      expect(error).to.include({kind: 'FAILED', code: 'job_unreadable'})
      expect(error.message).to.contain(why).and.contain('Nothing was sent.')
      expect(readFileSync(join(directory, 'job.json'), 'utf8')).to.equal(text)
    }
  })

  it('a file that is as it was passes; lines that were sent and have changed are named', async () => {
    const job = open()
    await job.sending(sent(0, 4, 8))
    job.answered(sent(0, 4, 8), DONE)
    await job.sending(sent(1, 8, 12))
    assertUnchanged('f.csv', file, job.progress)
    appendFileSync(file, '5,6\n')
    assertUnchanged('f.csv', file, job.progress)
    writeFileSync(file, 'a,b\n1,2\n3,9\n')
    const error = refused(() => assertUnchanged('f.csv', file, job.progress))
    expect(error).to.include({kind: 'BAD_INPUT', code: 'file_changed'})
    expect(error.message).to.contain('lines 3 to 3 were sent with other contents')
    truncateSync(file, 6)
    expect(refused(() => assertUnchanged('f.csv', file, job.progress)).message).to.contain('lines 2 to 2')
    job.close()
  })

  it('a disk that fails at any call of its beginning leaves an import that can begin, and no lock', async () => {
    for (const code of ['ENOSPC', 'EACCES', 'EROFS'] as const) {
      const failed = await atEachFileCall(
        () => join(home.path, 'import'),
        {calls: CHANGES, code, half: true},
        () => open().close(),
        ({error, call, allowed}) => {
          const where = `${code} ${call} after ${allowed}`
          if (error !== undefined) {
            expect(error, where).to.include({kind: 'FAILED', code: 'job_unwritable'})
            expect((error as Error).message, where).to.contain('Nothing was sent.')
          }
          const job = open()
          expect(job.progress.requests, where).to.equal(0)
          job.close()
        },
      )
      expect(failed).to.be.greaterThan(4)
    }
  })

  it('what the disk refused is never taken for written: the log has what was said to be there, and no more', async () => {
    const failed = await atEachFileCall(
      () => join(home.path, 'import'),
      {half: true, once: true},
      async (directory) => {
        rmSync(join(home.path, 'progress.json'), {force: true})
        const job = open()
        try {
          job.validated({rows: 2, bytes: 12})
          await job.sending(sent(0, 4, 8))
          job.answered(sent(0, 4, 8), DONE)
          await job.sending(sent(1, 8, 12))
          job.unsent(1)
          job.finish(12, new Date(0))
        } finally {
          writeFileSync(join(home.path, 'progress.json'), JSON.stringify(job.progress.totals))
          job.close()
        }
        rmSync(directory, {recursive: true})
      },
      ({error, call, allowed}) => {
        const where = `${call} after ${allowed}`
        if (error === undefined) return rmSync(join(home.path, 'import'), {recursive: true, force: true})
        const again = open()
        const noted = existsSync(join(home.path, 'progress.json')) ? JSON.parse(home.read('progress.json')).rows : 0
        expect(again.progress.totals.rows, where).to.equal(noted)
        again.restart()
        again.close()
        return undefined
      },
    )
    expect(failed).to.be.greaterThan(6)
  })

  it('where nothing was sent any file is the right one', () => {
    const job = open()
    assertUnchanged('f.csv', join(home.path, 'missing'), job.progress)
    job.close()
  })
})
