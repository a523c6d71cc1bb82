/** Run by lock.test.ts: opens a ledger, says how it went, and holds it until it is killed. */

import {openLedger} from '@parix/ledger'

try {
  await openLedger({directory: process.argv[2]!})
  console.log('open')
  process.stdin.resume()
} catch (error) {
  console.log((error as {code: string}).code)
}
