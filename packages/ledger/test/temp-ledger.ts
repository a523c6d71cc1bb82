/** Ledgers in temporary directories, with a clock that the test holds. */

import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type Disk, type Ledger, openLedger} from '@parix/ledger'

export const NOW = 1_700_000_000_000_000_000n
export const SECOND = 1_000_000_000n

export interface TempLedger {
  directory: string
  clock: {now: bigint}
  ledger: Ledger
  /** Closes the ledger and opens it again. */
  reopen(): Promise<Ledger>
}

/** Runs the test on a fresh ledger and removes everything afterwards. */
export async function withLedger<T>(test: (temp: TempLedger) => Promise<T>, disk?: Disk): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'parix-ledger-'))
  const clock = {now: NOW}
  const open = () => openLedger({directory, now: () => clock.now, ...(disk && {disk})})
  const temp: TempLedger = {
    directory,
    clock,
    ledger: await open(),
    reopen: async () => {
      await temp.ledger.close()
      temp.ledger = await open()
      return temp.ledger
    },
  }
  try {
    return await test(temp)
  } finally {
    await temp.ledger.close()
    rmSync(directory, {recursive: true})
  }
}
