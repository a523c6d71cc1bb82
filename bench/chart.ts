/**
 * `npm run bench:chart [-- --runs N] [--accounts N]`: CPU that a command costs more with a chart of accounts, which is
 * compiled and cached, than with --no-chart. Both are run in turn, by the built tree; the figure is the median difference.
 */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {ROOT} from '../scripts/build/workspaces.js'
import {measure, median} from './start/measure.js'

const GOAL_MS = 5
const {values} = parseArgs({options: {runs: {type: 'string'}, accounts: {type: 'string'}}})
const runs = Number(values.runs ?? 40)
const accounts = Number(values.accounts ?? 1000)

const home = mkdtempSync(join(tmpdir(), 'parix-bench-chart-'))
try {
  const chart = join(home, 'parix.chart.yaml')
  writeFileSync(chart, chartText(), {mode: 0o644})
  mkdirSync(join(home, '.cache'), {mode: 0o700})
  const environment = {HOME: home, PATH: process.env.PATH ?? ''}
  const words = 'tb create-transfers --dry-run --id 9 --from 1 --to 2 --ledger 1 --code 1 --amount 5'.split(' ')
  const cost = async (more: string[]) => {
    const {cpu, code} = await measure(process.execPath, [join(ROOT, 'bin/run.js'), ...words, ...more], environment)
    if (code !== 0) throw new Error(`parix ${[...words, ...more].join(' ')} ended with ${code}`)
    return cpu * 1000
  }
  const first = await cost(['--chart', chart])
  await cost(['--no-chart'])
  const pairs: {with: number; without: number}[] = []
  for (let run = 0; run < runs; run += 1)
    pairs.push({without: await cost(['--no-chart']), with: await cost(['--chart', chart])})
  const difference = median(pairs.map((pair) => pair.with - pair.without))
  process.stdout.write(
    `${accounts} accounts, ${runs} pairs, ms of CPU (medians): without a chart ${median(pairs.map((pair) => pair.without)).toFixed(0)}, with one ${median(pairs.map((pair) => pair.with)).toFixed(0)}, difference ${difference.toFixed(1)} (goal: at most ${GOAL_MS}); compiling it the first time ${first.toFixed(0)}\n`,
  )
} finally {
  rmSync(home, {recursive: true, force: true})
}

function chartText(): string {
  const lines = Array.from({length: accounts}, (_, index) => {
    return `  account/a${index}: {id: ${index + 1}, ledger: points, code: customer, flags: [history]}\n`
  })
  return `version: 1\nledgers: {points: {id: 1, scale: 0}}\ncodes: {account: {customer: 20}, transfer: {payment: 1}}\naccounts:\n${lines.join('')}`
}
