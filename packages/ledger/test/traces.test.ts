import {copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import {expect} from 'chai'
import {runTrace, tracesIn} from './trace-runner.js'

const DIRECTORY = join(import.meta.dirname, 'traces')

describe('traces of a real TigerBeetle cluster', () => {
  const files = tracesIn(DIRECTORY)

  it('all five are here', () => {
    expect(files.map((file) => file.split('/').at(-1)!.replace('.jsonl.gz', ''))).to.deep.equal([
      'limits',
      'random-1',
      'randomImported-4',
      'randomTimeouts-6',
      'twoPhase-7',
    ])
  })

  for (const file of files) {
    it(`${file.split('/').at(-1)} is answered as the cluster answered it`, async () => {
      const report = await runTrace(file)
      const {length} = report.differences
      expect(length, `${length} differences: npm run traces -w packages/ledger; ${report.differences[0]}`).to.equal(0)
      expect(report.requests).to.be.greaterThan(50)
      expect(report.rows).to.be.greaterThan(1000)
    })
  }

  it('the runner sees a single wrong number', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'parix-bent-trace-'))
    try {
      const text = gunzipSync(readFileSync(join(DIRECTORY, 'random-1.jsonl.gz'))).toString()
      const bent = join(directory, 'bent.jsonl')
      writeFileSync(bent, text.replace(/"debits_posted":"(\d)/, '"debits_posted":"9$1'))
      expect((await runTrace(bent)).differences).to.have.lengthOf.greaterThan(0)
      copyFileSync(join(DIRECTORY, 'limits.jsonl.gz'), join(directory, 'same.jsonl.gz'))
      expect((await runTrace(join(directory, 'same.jsonl.gz'))).differences).to.have.lengthOf(0)
    } finally {
      rmSync(directory, {recursive: true})
    }
  })
})
