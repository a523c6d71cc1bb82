import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {type Disk, openLedger, StoreError, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import {realDisk} from '../../src/store/log.js'
import {dump} from '../dump.js'
import {plainAccount, plainTransfer} from '../random-events.js'
import {NOW, SECOND, withLedger} from '../temp-ledger.js'

/** The real disk with a limit on its size, as far as one file can see it; it writes what fits and then fails. */
class SmallDisk implements Disk {
  bytesMax = Number.POSITIVE_INFINITY
  syncFails = false
  truncateFails = false

  write(fd: number, bytes: Uint8Array, position: number): void {
    const room = Math.max(0, this.bytesMax - position)
    realDisk.write(fd, bytes.subarray(0, room), position)
    if (bytes.length > room) throw Object.assign(new Error('ENOSPC: no space left on device, write'), {code: 'ENOSPC'})
  }

  async sync(fd: number): Promise<void> {
    if (this.syncFails) throw Object.assign(new Error('EIO: i/o error, fdatasync'), {code: 'EIO'})
    await realDisk.sync(fd)
  }

  syncAtOnce(fd: number): void {
    realDisk.syncAtOnce(fd)
  }

  truncate(fd: number, length: number): void {
    if (this.truncateFails) throw new Error('EIO')
    realDisk.truncate(fd, length)
  }
}

async function failure(call: Promise<unknown>): Promise<StoreError> {
  try {
    await call
  } catch (error) {
    expect(error).to.be.instanceOf(StoreError)
    return error as StoreError
  }
  throw new Error('the call should have failed')
}

describe('a full disk', () => {
  it('the call fails, nothing is half there, and the ledger continues when there is room', async () => {
    const disk = new SmallDisk()
    await withLedger(async (temp) => {
      const {ledger, clock} = temp
      const history = {...plainAccount(3n), flags: 8}
      await ledger.createAccounts([plainAccount(1n), plainAccount(2n), history])
      const hold = {...plainTransfer(1n, 1n, 3n, 70n), flags: TransferFlags.pending, timeout: 5}
      const close = {...plainTransfer(2n, 2n, 3n, 1n), flags: TransferFlags.pending | TransferFlags.closing_debit}
      await ledger.createTransfers([hold, close, plainTransfer(500n, 1n, 3n, 9n)])
      const before = await dump(ledger)
      disk.bytesMax = ledger.bytesOnDisk + 300

      const batch = [
        plainTransfer(1000n, 1n, 3n, 5n),
        {...plainTransfer(10n, 1n, 3n, 6n), user_data_128: 4n},
        {
          ...plainTransfer(11n, 0n, 0n, 70n),
          ledger: 0,
          code: 0,
          pending_id: 1n,
          flags: TransferFlags.post_pending_transfer,
        },
        {
          ...plainTransfer(12n, 0n, 0n, 0n),
          ledger: 0,
          code: 0,
          pending_id: 2n,
          flags: TransferFlags.void_pending_transfer,
        },
        plainTransfer(13n, 77n, 1n, 1n),
        {...plainTransfer(14n, 1n, 3n, 2n), flags: TransferFlags.pending, timeout: 2},
      ]
      const error = await failure(ledger.createTransfers(batch))
      expect(error.code).to.equal('NO_SPACE')
      expect(error.message).to.match(/No space left on disk for .*ledger\.log\. Nothing was stored/)
      expect(await failure(ledger.createAccounts([plainAccount(8n), plainAccount(9n), plainAccount(10n)]))).to.include({
        code: 'NO_SPACE',
      })
      expect(await dump(ledger)).to.deep.equal(before)

      clock.now = NOW + 6n * SECOND
      disk.bytesMax = ledger.bytesOnDisk + 3
      expect(await failure(ledger.expirePendingTransfers())).to.include({code: 'NO_SPACE'})
      expect(await dump(ledger)).to.deep.equal(before)

      disk.bytesMax = Number.POSITIVE_INFINITY
      clock.now = NOW + 100n
      const results = await ledger.createTransfers(batch)
      expect(results.map(({status}) => status)).to.deep.equal([
        4294967295, 4294967295, 4294967295, 4294967295, 21, 4294967295,
      ])
      clock.now = NOW + 6n * SECOND
      expect((await ledger.expirePendingTransfers()).map(({id}) => id)).to.deep.equal([14n])
      const after = await dump(ledger)
      await temp.reopen()
      expect(await dump(temp.ledger)).to.deep.equal(after)
    }, disk)
  })

  it('several calls that shared the failed write all fail, and reads among them see nothing of it', async () => {
    const disk = new SmallDisk()
    await withLedger(async ({ledger}) => {
      await ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      disk.bytesMax = ledger.bytesOnDisk + 400
      const calls = [1n, 2n, 3n, 4n].map((id) => ledger.createTransfers([plainTransfer(id, 1n, 2n, 1n)]))
      const read = ledger.lookupTransfers([1n, 2n, 3n, 4n])
      const settled = await Promise.allSettled(calls)
      expect(settled.map(({status}) => status)).to.deep.equal(Array(4).fill('rejected'))
      expect(await read).to.deep.equal([])
      expect((await ledger.lookupAccounts([1n]))[0]!.debits_posted).to.equal(0n)
    }, disk)
  })

  it('a failed sync counts as not written', async () => {
    const disk = new SmallDisk()
    await withLedger(async (temp) => {
      await temp.ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      disk.syncFails = true
      expect(await failure(temp.ledger.createTransfers([plainTransfer(1n, 1n, 2n, 1n)]))).to.include({
        code: 'WRITE_FAILED',
      })
      disk.syncFails = false
      expect(await temp.ledger.lookupTransfers([1n])).to.deep.equal([])
      await temp.reopen()
      expect(await temp.ledger.lookupTransfers([1n])).to.deep.equal([])
    }, disk)
  })

  it('a write that can’t be taken back stops the ledger until it is opened again', async () => {
    const disk = new SmallDisk()
    await withLedger(async (temp) => {
      await temp.ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      disk.bytesMax = temp.ledger.bytesOnDisk + 50
      disk.truncateFails = true
      await failure(temp.ledger.createTransfers([plainTransfer(1n, 1n, 2n, 1n)]))
      disk.bytesMax = Number.POSITIVE_INFINITY
      expect(await failure(temp.ledger.createTransfers([plainTransfer(2n, 1n, 2n, 1n)]))).to.include({code: 'BROKEN'})
      expect(await temp.ledger.lookupTransfers([1n, 2n])).to.deep.equal([])
      disk.truncateFails = false
      const ledger = await temp.reopen()
      expect(ledger.recovered.tornTail?.bytes).to.equal(50)
      expect(await ledger.createTransfers([plainTransfer(2n, 1n, 2n, 1n)])).to.have.lengthOf(1)
    }, disk)
  })

  it('a limit set by the operating system, in a real process', async function () {
    if (process.platform === 'win32') this.skip()
    await withLedger(async ({ledger, directory}) => {
      await ledger.close()
      const script = join(import.meta.dirname, 'fill-disk.ts')
      const node = `"${process.execPath}" --conditions=parix-source --import=tsx "${script}" "${directory}"`
      const child = spawn('/bin/sh', ['-c', `ulimit -f 200; exec ${node}`], {stdio: ['ignore', 'pipe', 'inherit']})
      let output = ''
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
      await once(child, 'close')
      const {stored, code} = JSON.parse(output) as {stored: number; code: string}
      expect(code).to.equal('NO_SPACE')
      expect(stored).to.be.greaterThan(10)
      const again = await openLedger({directory})
      expect((await again.lookupAccounts([1n]))[0]!.debits_posted).to.equal(BigInt(stored))
      await again.close()
    })
  })
})
