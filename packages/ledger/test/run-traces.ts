/** `npm run traces -w packages/ledger -- DIRECTORY`: replays every trace of a directory and prints what was compared. */

import {join} from 'node:path'
import {runTrace, tracesIn} from './trace-runner.js'

const directory = process.argv[2] ?? join(import.meta.dirname, 'traces')
let differences = 0
for (const file of tracesIn(directory)) {
  const report = await runTrace(file)
  differences += report.differences.length
  console.log(
    `${report.name}: ${report.requests} requests, ${report.events} events, ${report.rows} rows, ${report.differences.length} differences`,
  )
  for (const difference of report.differences.slice(0, 20)) console.log(`  ${difference}`)
}
console.log(differences === 0 ? 'no differences' : `${differences} differences`)
process.exitCode = differences === 0 ? 0 : 1
