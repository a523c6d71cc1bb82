import {RequestError} from '@parix/ledger'
import {expect} from 'chai'
import {realDisk} from '../../src/store/log.js'
import {plainAccount, plainTransfer} from '../random-events.js'
import {withLedger} from '../temp-ledger.js'

/** The real disk, counting. `open` is a gate: syncs wait for it. */
class CountingDisk {
  syncs = 0
  gate: Promise<void> = Promise.resolve()
  readonly write = realDisk.write
  readonly syncAtOnce = realDisk.syncAtOnce
  readonly truncate = realDisk.truncate

  async sync(fd: number): Promise<void> {
    this.syncs++
    await this.gate
    await realDisk.sync(fd)
  }
}

describe('group commit', () => {
  it('callers that come while the disk syncs share the next sync, and each gets its own answer', async () => {
    const disk = new CountingDisk()
    await withLedger(async ({ledger}) => {
      await ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      disk.syncs = 0
      const rounds = 20
      const caller = async (n: number) => {
        for (let i = 0; i < rounds; i++) {
          const id = BigInt(n * 1000 + i + 1)
          const [result] = await ledger.createTransfers([plainTransfer(id, 1n, 2n, 1n)])
          expect(result!.status).to.equal(4294967295)
          expect((await ledger.lookupTransfers([id]))[0]!.timestamp).to.equal(result!.timestamp)
        }
      }
      await Promise.all(Array.from({length: 64}, (_, n) => caller(n)))
      expect((await ledger.lookupAccounts([1n]))[0]!.debits_posted).to.equal(BigInt(64 * rounds))
      expect(disk.syncs).to.be.lessThan(64 * rounds * 0.2)
    }, disk)
  })

  it('nothing is answered, no write and no read that saw it, before it is on disk', async () => {
    const disk = new CountingDisk()
    await withLedger(async ({ledger}) => {
      await ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      let open = () => {}
      disk.gate = new Promise((resolve) => {
        open = resolve
      })
      const answered: string[] = []
      const before = disk.syncs
      const write = ledger.createTransfers([plainTransfer(1n, 1n, 2n, 1n)]).then(() => answered.push('write'))
      const read = ledger.lookupTransfers([1n]).then((rows) => answered.push(`read ${rows.length}`))
      while (disk.syncs === before) await new Promise(setImmediate)
      const late = ledger.lookupAccounts([1n]).then(([account]) => answered.push(`late ${account!.debits_posted}`))
      for (let i = 0; i < 20; i++) await new Promise(setImmediate)
      expect(answered).to.deep.equal([])
      open()
      await Promise.all([write, read, late])
      expect(answered).to.have.members(['write', 'read 1', 'late 1'])
    }, disk)
  })

  it('closing answers what was asked before, and refuses what comes after', async () => {
    await withLedger(async (temp) => {
      const {ledger} = temp
      const asked = [1n, 2n, 3n].map((id) => ledger.createAccounts([plainAccount(id)]))
      const closing = ledger.close()
      let refused: unknown
      await ledger.createAccounts([plainAccount(4n)]).catch((error: unknown) => {
        refused = error
      })
      expect(refused).to.be.instanceOf(RequestError).that.includes({code: 'ERR_CLIENT_CLOSED'})
      await closing
      for (const call of asked) expect(await call).to.have.lengthOf(1)
      await ledger.close()
      await temp.reopen()
      expect((await temp.ledger.lookupAccounts([1n, 2n, 3n, 4n])).map(({id}) => id)).to.deep.equal([1n, 2n, 3n])
    })
  })
})
