import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {ownIdentity} from '@parix/files/process-identity'
import {openLedger, type StoreError} from '@parix/ledger'
import {bundleScript, type Script} from '@parix/testkit'
import {expect} from 'chai'
import {withLedger} from '../temp-ledger.js'

let script: Script

/** A process that opens the ledger, says how that went, and holds it until it is killed. */
async function holder(directory: string): Promise<{child: ChildProcess; said: string}> {
  const child = spawn(process.execPath, [script.path, directory], {stdio: ['pipe', 'pipe', 'inherit']})
  const [said] = (await once(createInterface({input: child.stdout!}), 'line')) as [string]
  return {child, said}
}

async function kill({child}: {child: ChildProcess}): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'close')
}

async function refusal(directory: string): Promise<StoreError> {
  try {
    await (await openLedger({directory})).close()
  } catch (error) {
    return error as StoreError
  }
  throw new Error('the ledger should have been locked')
}

describe('one process at a time', function () {
  this.timeout(60_000)
  before(async () => {
    script = await bundleScript(new URL('./hold-ledger.ts', import.meta.url))
  })
  after(() => script.remove())

  it('a second opening in the same process is refused', () =>
    withLedger(async ({directory}) => {
      const error = await refusal(directory)
      expect(error).to.include({code: 'LOCKED'})
      expect(error.message).to.contain('is open in this process since')
    }))

  it('another process is told who holds it; a kill frees it at once', () =>
    withLedger(async ({directory, ledger}) => {
      await ledger.close()
      const first = await holder(directory)
      try {
        expect(first.said).to.equal('open')
        expect((await refusal(directory)).message).to.contain(`is open in process ${first.child.pid} since`)
        await kill(first)
        const again = await openLedger({directory})
        await again.close()
      } finally {
        await kill(first)
      }
    }))

  it('of several processes that find the lock of a dead one, exactly one gets it', () =>
    withLedger(async ({directory, ledger}) => {
      await ledger.close()
      const dead = await holder(directory)
      await kill(dead)
      const racers = await Promise.all(Array.from({length: 5}, () => holder(directory)))
      try {
        expect(racers.filter(({said}) => said === 'open')).to.have.lengthOf(1)
        expect(racers.filter(({said}) => said === 'LOCKED')).to.have.lengthOf(4)
      } finally {
        await Promise.all(racers.map(kill))
      }
    }))

  it('the lock of a process that only shares its number with a dead one does not count', async () => {
    if (process.platform !== 'linux') return
    const directory = mkdtempSync(join(tmpdir(), 'parix-lock-'))
    try {
      const other = {id: 'other', ...ownIdentity(), boot: 'another boot', since: '2020-01-01T00:00:00.000Z'}
      writeFileSync(join(directory, 'ledger.lock'), JSON.stringify(other))
      const ledger = await openLedger({directory})
      expect(readdirSync(directory).filter((name) => name.startsWith('ledger.lock'))).to.deep.equal(['ledger.lock'])
      await ledger.close()
      expect(readdirSync(directory).filter((name) => name.startsWith('ledger.lock'))).to.deep.equal([])
    } finally {
      rmSync(directory, {recursive: true})
    }
  })

  it('a process on another machine is not passed over; the message says what to remove if it is gone', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'parix-lock-'))
    try {
      const other = {id: 'other', pid: 1, host: 'elsewhere', since: '2020-01-01T00:00:00.000Z'}
      writeFileSync(join(directory, 'ledger.lock'), JSON.stringify(other))
      expect((await refusal(directory)).message).to.match(
        /process 1 on elsewhere \(if that is gone for good, remove .*ledger\.lock\)/,
      )
    } finally {
      rmSync(directory, {recursive: true})
    }
  })
})
