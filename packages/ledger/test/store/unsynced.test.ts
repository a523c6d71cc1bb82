import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {openLedger} from '@parix/ledger'
import {expect} from 'chai'
import {realDisk, unsyncedDisk} from '../../src/store/log.js'
import {dump} from '../dump.js'
import {plainAccount, plainTransfer} from '../random-events.js'

describe('a ledger that is not durable', () => {
  it('asks nothing of the disk but to write', async () => {
    // No file has this number: whoever asks for a sync of it fails.
    const closed = 1 << 30
    expect(() => realDisk.syncAtOnce(closed)).to.throw('EBADF')
    expect(await realDisk.sync(closed).catch((error: NodeJS.ErrnoException) => error.code)).to.equal('EBADF')
    unsyncedDisk.syncAtOnce(closed)
    await unsyncedDisk.sync(closed)
  })

  it('is the same when it is opened again, also after it went back', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'parix-unsynced-'))
    try {
      const first = await openLedger({directory, durable: false})
      await first.createAccounts([plainAccount(1n), plainAccount(2n)])
      const snapshot = await first.snapshot()
      await first.createTransfers([plainTransfer(1n, 1n, 2n, 5n)])
      await first.rewind(snapshot)
      await first.createTransfers([plainTransfer(2n, 1n, 2n, 7n)])
      const books = await dump(first)
      await first.close()
      const again = await openLedger({directory, create: false})
      expect(await dump(again)).to.deep.equal(books)
      expect(again.recovered.tornTail).to.equal(undefined)
      await again.close()
    } finally {
      rmSync(directory, {recursive: true, force: true})
    }
  })
})
