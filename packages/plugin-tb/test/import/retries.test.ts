import {join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {Job} from '../../src/import/job.js'
import {importId} from '../../src/import/mapping.js'
import {beginAttempt, idMaker, readRetries} from '../../src/import/retries.js'
import {refused} from '../support/refusal.js'

describe('ids of rows that are sent once more', () => {
  it('a row keeps its id unless the attempt before used it up; then it has another, the same for the same row', () => {
    const rows = fc.uniqueArray(fc.string(), {minLength: 1, maxLength: 8})
    fc.assert(
      fc.property(rows, fc.func(fc.boolean()), fc.func(fc.boolean()), (cells, first, second) => {
        const make = idMaker('bank', [])
        const burnt1 = new Set(cells.filter((cell) => first(cell)).map((cell) => make([cell])))
        const once = idMaker('bank', [burnt1])
        const burnt2 = new Set(cells.filter((cell) => first(cell) && second(cell)).map((cell) => once([cell])))
        const twice = idMaker('bank', [burnt1, burnt2])
        for (const cell of cells) {
          expect(make([cell])).to.equal(importId('bank', [cell]))
          expect(once([cell]) === make([cell])).to.equal(!first(cell))
          expect(twice([cell]) === once([cell])).to.equal(!(first(cell) && second(cell)))
        }
        // No two rows ever share one.
        for (const maker of [make, once, twice])
          expect(new Set(cells.map((cell) => maker([cell]))).size).to.equal(cells.length)
      }),
    )
  })

  describe('an attempt', () => {
    let home: TestHome
    let job: Job
    beforeEach(() => {
      home = makeHome()
      job = Job.open(
        join(home.path, 'import'),
        {
          ...{kind: 'transfer', origin: 'o', database: {id: 'db', name: 'books'}, file: '/f', format: 'csv', specs: {}},
          ...{idFrom: ['a'], namespace: '', keepTimestamps: false},
        },
        {baseUrl: 'o'},
        new Date(0),
      )
    })
    afterEach(() => {
      job.close()
      home.remove()
    })

    const refusedFile = (...rows: [string, string][]) =>
      home.write('refused.ndjson', rows.map(([id, result]) => `${JSON.stringify({result, row: {id}})}\n`).join(''))
    const begin = (attempt: number, path: string) => beginAttempt(job, 'transfer', path, attempt)
    const kept = () => readRetries(job.path).map((ids) => [...ids])

    it('remembers the ids that are used up, and only those: others can be used again', () => {
      begin(
        1,
        refusedFile(['1', 'exceeds_credits'], ['2', 'accounts_must_be_different'], ['3', 'debit_account_not_found']),
      )
      expect(kept()).to.deep.equal([['1', '3']])
      expect(job.progress.attempt).to.equal(1)
    })

    it('begun before, it goes on; a further one adds to what there is', () => {
      begin(1, refusedFile(['1', 'exceeds_credits']))
      begin(1, refusedFile(['9', 'exceeds_credits']))
      expect(kept(), 'as it was').to.deep.equal([['1']])
      begin(2, refusedFile(['5', 'exceeds_debits']))
      expect(kept()).to.deep.equal([['1'], ['5']])
    })

    it('a number other than the next is refused', () => {
      const path = refusedFile(['1', 'exceeds_credits'])
      for (const attempt of [2, 7])
        expect(refused(() => begin(attempt, path))).to.include({kind: 'USAGE', code: 'bad_attempt'})
      begin(1, path)
      expect(refused(() => begin(3, path)).message).to.contain('must be 2: this import has had 1')
    })

    it('where no id is used up there is nothing to retry, and nothing is forgotten', () => {
      for (const path of [refusedFile(['2', 'accounts_must_be_different']), join(home.path, 'missing'), refusedFile()])
        expect(refused(() => begin(1, path))).to.include({kind: 'BAD_INPUT', code: 'nothing_to_retry'})
      expect(kept()).to.deep.equal([])
      expect(job.progress.attempt).to.equal(0)
    })
  })
})
