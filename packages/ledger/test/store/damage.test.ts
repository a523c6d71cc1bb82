import {cpSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {crc32} from 'node:zlib'
import {openLedger, StoreError} from '@parix/ledger'
import {expect} from 'chai'
import {plainAccount, plainTransfer, seeded} from '../random-events.js'
import {NOW, type TempLedger, withLedger} from '../temp-ledger.js'

const BATCHES = 12

/** A ledger with some operations, closed; `ends` are the log's lengths after each. */
async function withLog(test: (temp: TempLedger, log: string, ends: number[]) => Promise<void>): Promise<void> {
  await withLedger(async (temp) => {
    const {ledger} = temp
    await ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
    const ends = [ledger.bytesOnDisk]
    for (let b = 0; b < BATCHES; b++) {
      const batch = Array.from({length: 1 + (b % 4)}, (_, k) => plainTransfer(BigInt(100 * b + k + 1), 1n, 2n, 1n))
      await ledger.createTransfers(batch)
      ends.push(ledger.bytesOnDisk)
    }
    await ledger.close()
    await test(temp, join(temp.directory, 'ledger.log'), ends)
  })
}

/** Opens a copy of the directory, changed by `damage`. */
async function openDamaged(
  directory: string,
  damage: (copy: string) => void,
): Promise<StoreError | {debits: bigint; torn: number}> {
  const copy = `${directory}-copy`
  cpSync(directory, copy, {recursive: true})
  try {
    damage(copy)
    const ledger = await openLedger({directory: copy, now: () => NOW})
    const [account] = await ledger.lookupAccounts([1n])
    const torn = ledger.recovered.tornTail?.bytes ?? 0
    await ledger.close()
    return {debits: account?.debits_posted ?? 0n, torn}
  } catch (error) {
    if (error instanceof StoreError) return error
    throw error
  } finally {
    rmSync(copy, {recursive: true})
  }
}

/** As if the process had died before it could note that this much was answered. */
function confirm(directory: string, length: number): void {
  const slot = Buffer.alloc(16)
  slot.writeBigUInt64LE(BigInt(length), 0)
  slot.writeUInt32LE(crc32(slot.subarray(0, 8)), 8)
  const file = Buffer.alloc(4112)
  slot.copy(file, 0)
  slot.copy(file, 4096)
  writeFileSync(join(directory, 'ledger.confirmed'), file)
}

function expectDamage(outcome: unknown, file: string, from: number, to: number): void {
  expect(outcome).to.be.instanceOf(StoreError)
  const error = outcome as StoreError
  expect(error.code).to.equal('CORRUPT')
  expect(error.file).to.match(new RegExp(`${file}$`))
  expect(error.offset).to.be.within(from, to)
  expect(error.message).to.match(/damaged|truncated|start like/)
}

describe('damage on disk', () => {
  it('a flipped bit in what was answered: opening fails, naming file and offset', () =>
    withLog(async ({directory}, log, ends) => {
      const random = seeded(3)
      const size = statSync(log).size
      for (let i = 0; i < 60; i++) {
        const at = 64 + Math.floor(random() * (size - 64))
        const entry = ends.findIndex((end) => at < end)
        const outcome = await openDamaged(directory, (copy) => {
          const bytes = readFileSync(join(copy, 'ledger.log'))
          bytes[at]! ^= 1 << Math.floor(random() * 8)
          writeFileSync(join(copy, 'ledger.log'), bytes)
        })
        const start = entry === 0 ? 64 : ends[entry - 1]!
        expectDamage(outcome, 'ledger.log', start, start)
      }
    }))

  it('a truncated file: opening fails, wherever it was cut', () =>
    withLog(async ({directory}, _log, ends) => {
      for (const length of [ends.at(-1)! - 1, ends.at(-2)!, ends[3]! + 7, 64]) {
        const outcome = await openDamaged(directory, (copy) => truncateSync(join(copy, 'ledger.log'), length))
        expectDamage(outcome, 'ledger.log', length, length)
        expect((outcome as StoreError).message).to.contain(`${length} bytes`)
      }
    }))

  it('an entry that is missing, doubled or swapped: opening fails', () =>
    withLog(async ({directory}, _log, ends) => {
      const [, a, b, c] = ends as [number, number, number, number]
      const edits: ((bytes: Buffer) => Buffer[])[] = [
        (bytes) => [bytes.subarray(0, a), bytes.subarray(b)],
        (bytes) => [bytes.subarray(0, b), bytes.subarray(a, b), bytes.subarray(b)],
        (bytes) => [bytes.subarray(0, a), bytes.subarray(b, c), bytes.subarray(a, b), bytes.subarray(c)],
      ]
      for (const edit of edits) {
        const outcome = await openDamaged(directory, (copy) => {
          const file = join(copy, 'ledger.log')
          writeFileSync(file, Buffer.concat(edit(readFileSync(file))))
          confirm(copy, c)
        })
        expectDamage(outcome, 'ledger.log', a, b)
      }
    }))

  it('a torn tail that was never answered is dropped, and reported', () =>
    withLog(async ({directory}, _log, ends) => {
      const whole = ends.at(-2)!
      const before = BigInt(Array.from({length: BATCHES - 1}, (_, b) => 1 + (b % 4)).reduce((a, b) => a + b))
      for (let length = whole + 1; length < ends.at(-1)!; length += 13) {
        const outcome = await openDamaged(directory, (copy) => {
          truncateSync(join(copy, 'ledger.log'), length)
          confirm(copy, whole)
        })
        expect(outcome).to.deep.equal({debits: before, torn: length - whole})
      }
    }))

  it('a tail of zeros, as a power cut leaves, is dropped', () =>
    withLog(async ({directory}, _log, ends) => {
      const outcome = await openDamaged(directory, (copy) => {
        writeFileSync(join(copy, 'ledger.log'), Buffer.alloc(5000), {flag: 'a'})
        confirm(copy, ends.at(-1)!)
      })
      expect(outcome).to.include({torn: 5000})
    }))

  it('an unanswered operation that is whole is kept', () =>
    withLog(async ({directory}, _log, ends) => {
      const outcome = await openDamaged(directory, (copy) => confirm(copy, ends.at(-2)!))
      expect(outcome).to.deep.equal({debits: 30n, torn: 0})
    }))

  it('damage before a whole entry is damage, even if it was not confirmed', () =>
    withLog(async ({directory}, _log, ends) => {
      const start = ends.at(-3)!
      const outcome = await openDamaged(directory, (copy) => {
        const bytes = readFileSync(join(copy, 'ledger.log'))
        bytes[start + 60]! ^= 4
        writeFileSync(join(copy, 'ledger.log'), bytes)
        confirm(copy, start)
      })
      expectDamage(outcome, 'ledger.log', start, start)
    }))

  it('after a torn tail the ledger continues, and opens again', () =>
    withLog(async ({directory, clock}, log, ends) => {
      truncateSync(log, ends.at(-1)! - 5)
      confirm(directory, ends.at(-2)!)
      const ledger = await openLedger({directory, now: () => clock.now})
      expect(ledger.recovered.tornTail).to.deep.equal({
        file: log,
        offset: ends.at(-2)!,
        bytes: ends.at(-1)! - 5 - ends.at(-2)!,
      })
      await ledger.createTransfers([plainTransfer(9999n, 1n, 2n, 1000n)])
      await ledger.close()
      const again = await openLedger({directory, now: () => clock.now})
      expect(again.recovered.tornTail).to.equal(undefined)
      expect(await again.lookupTransfers([9999n])).to.have.lengthOf(1)
      await again.close()
    }))

  it('a newer format version is refused', () =>
    withLog(async ({directory}) => {
      const outcome = await openDamaged(directory, (copy) => {
        const bytes = readFileSync(join(copy, 'ledger.log'))
        bytes.writeUInt32LE(2, 16)
        bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
        writeFileSync(join(copy, 'ledger.log'), bytes)
      })
      expect(outcome).to.be.instanceOf(StoreError).that.includes({code: 'VERSION'})
      expect((outcome as StoreError).message).to.match(/version 2.*Update parix/)
    }))

  it('a damaged head, another kind of file, a damaged confirmation: refused', () =>
    withLog(async ({directory}) => {
      const flip = (name: string, at: number) => (copy: string) => {
        const bytes = readFileSync(join(copy, name))
        bytes[at]! ^= 1
        writeFileSync(join(copy, name), bytes)
      }
      expectDamage(await openDamaged(directory, flip('ledger.log', 40)), 'ledger.log', 0, 0)
      expectDamage(await openDamaged(directory, flip('ledger.log', 0)), 'ledger.log', 0, 0)
      const both = (copy: string) => {
        for (const at of [0, 4096]) flip('ledger.confirmed', at)(copy)
      }
      expectDamage(await openDamaged(directory, both), 'ledger.confirmed', 0, 0)
      expect(await openDamaged(directory, flip('ledger.confirmed', 4096)), 'one of two is enough').to.include({torn: 0})
    }))

  it('a directory whose making was interrupted is made anew', () =>
    withLedger(async ({directory, ledger}) => {
      await ledger.close()
      rmSync(join(directory, 'ledger.log'))
      writeFileSync(join(directory, 'ledger.log.new'), 'half')
      const again = await openLedger({directory})
      expect(await again.createAccounts([plainAccount(1n)])).to.have.lengthOf(1)
      await again.close()
      expect(existsSync(join(directory, 'ledger.log.new'))).to.equal(false)
    }))
})
