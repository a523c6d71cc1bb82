/** Run by full-disk.test.ts under a file size limit: stores transfers until the disk refuses, and says how many. */

import {openLedger} from '@parix/ledger'
import {plainAccount, plainTransfer} from '../random-events.js'

const ledger = await openLedger({directory: process.argv[2]!})
await ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
let stored = 0
let code = ''
while (code === '' && stored < 1_000_000) {
  const batch = Array.from({length: 10}, (_, i) => plainTransfer(BigInt(stored + i + 1), 1n, 2n, 1n))
  try {
    await ledger.createTransfers(batch)
    stored += 10
  } catch (error) {
    code = (error as {code: string}).code
  }
}
const [account] = await ledger.lookupAccounts([1n])
if (account!.debits_posted !== BigInt(stored)) code = `balance ${account!.debits_posted}`
process.stdout.write(JSON.stringify({stored, code}))
await ledger.close()
