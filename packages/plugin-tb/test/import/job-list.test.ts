import {existsSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {Job, type JobKey} from '../../src/import/job.js'
import {findJob, forgetJob, listJobs, summarizeJob} from '../../src/import/job-list.js'
import type {Sent} from '../../src/import/job-log.js'
import {failDisk} from '../support/failing-disk.js'
import {refused} from '../support/refusal.js'

const KEY: JobKey = {
  ...{kind: 'transfer', origin: 'https://parix.io', database: {id: 'db', name: 'books'}, file: '/f.csv', format: 'csv'},
  ...{specs: {}, idFrom: [], namespace: '', keepTimestamps: false},
}
const SENT: Sent = {n: 0, lines: [2, 5], bytes: [3, 30], rows: 3, source: 's', body: 'b'}

describe('the imports of this machine', () => {
  let home: TestHome
  let directory: string
  beforeEach(() => {
    home = makeHome()
    directory = join(home.path, 'import')
  })
  afterEach(() => home.remove())

  const open = (file: string, day = 1) =>
    Job.open(directory, {...KEY, file}, {baseUrl: 'https://parix.io'}, new Date(Date.UTC(2026, 0, day)))
  /** An import that has begun; its id. */
  function begun(file: string, day = 1): string {
    const job = open(file, day)
    job.validated({rows: 3, bytes: 30})
    job.close()
    return job.file.id
  }
  const list = (warnings: string[] = []) => listJobs(directory, (text) => warnings.push(text))

  it('none, and no directory, are an empty list', () => {
    expect(list()).to.deep.equal([])
    mkdirSync(directory)
    expect(list()).to.deep.equal([])
  })

  it('are listed newest first, each with how far it came', async () => {
    const ids = [begun('/a', 3), begun('/b', 1), begun('/c', 2)]
    const job = open('/b')
    await job.sending(SENT)
    job.close()
    expect(list().map(({file}) => file.id)).to.deep.equal([ids[0], ids[2], ids[1]])
    expect(list()[2]!.progress.pending.size).to.equal(1)
  })

  it('one that can not be read is named and left out, and hides no other', () => {
    const good = begun('/a')
    const bad = begun('/b')
    writeFileSync(join(directory, bad, 'job.json'), '{')
    const newer = begun('/c')
    writeFileSync(join(directory, newer, 'job.json'), '{"version":2}')
    const torn = begun('/d')
    writeFileSync(join(directory, torn, 'progress.log'), '{"send":{"n":0,\n{"done":{}}\n')
    const warnings: string[] = []
    expect(list(warnings).map(({file}) => file.id)).to.deep.equal([good])
    expect(warnings).to.have.lengthOf(3)
    expect(warnings.join('\n'))
      .to.contain(`${join(directory, bad)} is left out`)
      .and.contain('a newer parix')
  })

  it('what is not an import is passed over in silence: input that is kept, a check, half a directory', () => {
    const good = begun('/a')
    writeFileSync(join(directory, 'input-0123'), 'id\n1\n')
    mkdirSync(join(directory, '.input-abc'))
    mkdirSync(join(directory, '0123456789abcdef'))
    writeFileSync(join(directory, '0123456789abcdef', 'checked.json'), '{}')
    const warnings: string[] = []
    expect(list(warnings).map(({file}) => file.id)).to.deep.equal([good])
    expect(warnings.filter((text) => !text.includes('input-0123'))).to.deep.equal([])
  })

  it('a directory that can not be read is never taken for an empty one', () => {
    begun('/a')
    for (const code of ['EACCES', 'EIO'] as const) {
      const disk = failDisk(directory, 0, {calls: ['readdirSync'], code})
      try {
        expect(
          refused(() => list()),
          code,
        ).to.include({kind: 'FAILED', code: 'imports_unreadable'})
      } finally {
        disk.restore()
      }
    }
  })

  it('a file where the directory should be is said to be none', () => {
    writeFileSync(directory, '')
    expect(refused(() => list())).to.include({kind: 'FAILED', code: 'imports_unreadable'})
  })

  describe('one of them', () => {
    it('is found by its id, or by the beginning of it where that is the only one', () => {
      const ids = ['/a', '/b', '/c'].map((file) => begun(file))
      for (const id of ids) {
        expect(findJob(directory, id).file.id).to.equal(id)
        expect(findJob(directory, id.slice(0, 8)).file.id).to.equal(id)
      }
    })

    it('is not found by three characters, by nothing, or by what two of them begin with', () => {
      const id = begun('/a')
      for (const part of ['', id.slice(0, 3), `${id}0`, id.slice(1), 'x', '../..', `${id}/job.json`]) {
        const error = refused(() => findJob(directory, part))
        expect(error, part).to.include({kind: 'NOT_FOUND', exitCode: 3})
      }
      const twin = `${id.slice(0, 6)}0000000000`
      mkdirSync(join(directory, twin))
      const file = {...KEY, version: 1, id: twin, baseUrl: 'x', createdAt: '2026'}
      writeFileSync(join(directory, twin, 'job.json'), JSON.stringify(file))
      expect(refused(() => findJob(directory, id.slice(0, 6))).kind).to.equal('NOT_FOUND')
      expect(findJob(directory, twin).file.id).to.equal(twin)
    })

    it('a hostile id is cut in the error', () => {
      expect(refused(() => findJob(directory, 'x'.repeat(10_000))).message.length).to.be.lessThan(100)
    })
  })

  describe('as --json shows it', () => {
    it('is interrupted, unanswered or complete, with what became of its rows', async () => {
      const job = open('/a')
      expect(summarizeJob(job)).to.include({state: 'interrupted', finishedAt: null, rows: 0})
      await job.sending(SENT)
      expect(summarizeJob(job).state).to.equal('unanswered')
      job.answered(SENT, {created: 1, existed: 1, refused: 1, refusedBytes: 9})
      expect(summarizeJob(job)).to.include({state: 'interrupted', rows: 3, created: 1, existed: 1, refused: 1})
      job.finish(30, new Date('2026-01-02T00:00:00Z'))
      expect(summarizeJob(job)).to.deep.equal({
        ...{id: job.file.id, kind: 'transfer', file: '/a', baseUrl: 'https://parix.io'},
        ...{database: {id: 'db', name: 'books'}, createdAt: '2026-01-01T00:00:00.000Z'},
        ...{finishedAt: '2026-01-02T00:00:00.000Z', rows: 3, created: 1, existed: 1, refused: 1, state: 'complete'},
      })
      job.close()
    })

    it('what came by stdin has no file', () => {
      const job = open(`stdin:${'a'.repeat(64)}`)
      expect(summarizeJob(job).file).to.equal(null)
      job.close()
    })
  })

  describe('forgetting one', () => {
    it('removes all that is known of it, and nothing else', () => {
      const [a, b] = [begun('/a'), begun('/b')]
      forgetJob(directory, a)
      expect(existsSync(join(directory, a))).to.equal(false)
      expect(list().map(({file}) => file.id)).to.deep.equal([b])
      expect(open('/a').progress.validated, 'it begins anew').to.equal(undefined)
    })

    it('that a process is at is a conflict, and leaves it as it is', async () => {
      const job = open('/a')
      await job.sending(SENT)
      const error = refused(() => forgetJob(directory, job.file.id))
      expect(error).to.include({kind: 'CONFLICT', code: 'import_under_way'})
      job.close()
      expect(list()[0]!.progress.pending.size).to.equal(1)
      forgetJob(directory, job.file.id)
      expect(list()).to.deep.equal([])
    })

    it('does not follow a link that leads elsewhere', () => {
      const kept = home.write('elsewhere/file', 'x')
      const id = begun('/a')
      symlinkSync(join(home.path, 'elsewhere'), join(directory, id, 'link'))
      forgetJob(directory, id)
      expect(existsSync(kept)).to.equal(true)
    })
  })
})
