import {expect} from 'chai'
import {type Job, type JobStatus, type JobTable, startJobs} from '../../src/server/databases/jobs.js'
import {dataDirFault} from '../../src/server/faults.js'

/** The disk is the edge that can't be had here: a table that fails as SQLite does when it is full. */
describe('a full disk', () => {
  const job: Job = {
    id: 'job_1',
    databaseId: 'db_1',
    kind: 'provision',
    status: 'QUEUED',
    workflowId: 'wf_1',
    error: null,
    dueAt: new Date(0).toISOString(),
    createdAt: '',
    updatedAt: '',
    completedAt: null,
  }

  for (const failing of [['RUNNING'], ['COMPLETED'], ['RUNNING', 'FAILED'], ['COMPLETED', 'FAILED']] as JobStatus[][]) {
    it(`while a job becomes ${failing.join(' and ')} ends nothing: the failure is logged, and nobody is left unhandled`, async () => {
      const unhandled: unknown[] = []
      const note = (error: unknown) => unhandled.push(error)
      process.on('unhandledRejection', note)
      const logged: string[] = []
      const stored: JobStatus[] = []
      const table: Partial<JobTable> = {
        unfinished: () => [job],
        setStatus(_id, status) {
          if (failing.includes(status)) throw Object.assign(new Error('disk full'), {code: 'SQLITE_FULL'})
          stored.push(status)
        },
      }
      const work = {provision: async () => undefined, decommission: async () => undefined}
      const jobs = startJobs({table: table as JobTable, work, log: (_level, text) => logged.push(text)})
      while (logged.length < failing.length) await new Promise((resolve) => setImmediate(resolve))
      await jobs.close()
      await new Promise((resolve) => setImmediate(resolve))
      process.off('unhandledRejection', note)
      expect(unhandled).to.deep.equal([])
      expect(logged.every((text) => text.includes('disk full'))).to.equal(true)
      expect(stored.includes('FAILED')).to.equal(!failing.includes('FAILED'))
    })
  }
})

describe('what keeps a data directory from being used', () => {
  const remedyOf = (code: string) =>
    dataDirFault('The data directory /d', Object.assign(new Error('m'), {code}))?.remedy

  for (const code of [
    'EROFS',
    'EACCES',
    'EPERM',
    'ENOTDIR',
    'SQLITE_READONLY',
    'SQLITE_READONLY_DBMOVED',
    'SQLITE_CANTOPEN',
  ]) {
    it(`${code} is not a reason to remove it: another directory is advised`, () => {
      expect(remedyOf(code)).to.equal('other-directory')
    })
  }
  for (const code of ['ENOSPC', 'EDQUOT', 'SQLITE_FULL']) {
    it(`${code} asks for space`, () => expect(remedyOf(code)).to.equal('free-space'))
  }
  for (const code of ['EIO', 'EMFILE', 'SQLITE_IOERR_READ', 'SQLITE_NOMEM']) {
    it(`${code} is said, and nothing is advised`, () => {
      expect(dataDirFault('It', Object.assign(new Error('why'), {code}))?.message).to.equal("It can't be used: why.")
      expect(remedyOf(code)).to.equal(undefined)
    })
  }
  for (const code of ['SQLITE_NOTADB', 'SQLITE_CORRUPT']) {
    it(`${code} alone advises a reset: the content is damaged`, () => expect(remedyOf(code)).to.equal('reset'))
  }
  it('other errors are not about the directory', () => {
    for (const code of ['ERR_X', 'MODULE_NOT_FOUND', undefined]) {
      expect(dataDirFault('It', Object.assign(new Error('m'), {code}))).to.equal(undefined)
    }
  })
})
