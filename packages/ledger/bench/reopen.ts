/** Run in a process of its own: opens the ledger and says how long that took and what memory it needs. */

import {openLedger} from '@parix/ledger'

const rssBefore = process.memoryUsage.rss()
const cpuBefore = process.cpuUsage()
const started = performance.now()
const ledger = await openLedger({directory: process.argv[2]!})
const milliseconds = performance.now() - started
const cpu = process.cpuUsage(cpuBefore)
const cpuMs = (cpu.user + cpu.system) / 1000
// What opening left for later: the longest time for which it holds up anything else.
let longestMs = 0
let at = performance.now()
const until = at + 1500
while (at < until) {
  await ledger.lookupAccounts([1n])
  longestMs = Math.max(longestMs, performance.now() - at)
  at = performance.now()
}
const rss = process.memoryUsage.rss() - rssBefore
process.send!({milliseconds, cpuMs, longestMs, rss})
await ledger.close()
