import {expect} from 'chai'
import {openLedgers} from '../../src/server/databases/ledgers.js'
import type {LedgerPort, LedgerSource} from '../../src/server/tigerbeetle/port.js'

/** The source is a fake: what is tested is when ledgers are opened, swept and closed, not what they do. */
function fakeSource() {
  const events: string[] = []
  let sweeps = 0
  const opens: (() => void)[] = []
  const source = {
    clusterId: '0',
    addresses: null,
    open: async (id: string) => {
      events.push(`open ${id}`)
      for (const opened of opens.splice(0)) opened()
      return {
        expirePendingTransfers: async () => void sweeps++,
        close: async () => void events.push(`close ${id}`),
      } as unknown as LedgerPort
    },
  } as unknown as LedgerSource
  return {source, events, sweeps: () => sweeps}
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('open ledgers', () => {
  const log = () => undefined

  it('are opened at their first use, once for many', async () => {
    const {source, events} = fakeSource()
    const ledgers = openLedgers({source, log})
    await Promise.all([1, 2, 3].map(() => ledgers.use('a', async () => undefined)))
    await ledgers.use('b', async () => undefined)
    expect(events).to.deep.equal(['open a', 'open b'])
    await ledgers.closeAll()
    expect(events.slice(2)).to.have.members(['close a', 'close b'])
  })

  it('are closed when idle, never while in use, and opened again when wanted', async () => {
    const {source, events, sweeps} = fakeSource()
    const ledgers = openLedgers({source, log, idleMs: 1, sweepMs: 5})
    let leave = () => {}
    const work = ledgers.use('a', () => new Promise<void>((resolve) => (leave = resolve)))
    await until(() => sweeps() > 3)
    expect(events).to.deep.equal(['open a'])
    leave()
    await work
    await until(() => events.includes('close a'))
    await ledgers.use('a', async () => undefined)
    expect(events).to.deep.equal(['open a', 'close a', 'open a'])
    await ledgers.closeAll()
  })

  it('are swept by one sweep at a time, however long it takes', async () => {
    let [running, most, done] = [0, 0, 0]
    const source = {
      open: async () =>
        ({
          expirePendingTransfers: async () => {
            most = Math.max(most, ++running)
            await new Promise((resolve) => setTimeout(resolve, 20))
            running--
            done++
          },
          close: async () => undefined,
        }) as unknown as LedgerPort,
    } as unknown as LedgerSource
    const ledgers = openLedgers({source, log, sweepMs: 1})
    await ledgers.use('a', async () => undefined)
    await until(() => done >= 3)
    expect(most).to.equal(1)
    await ledgers.closeAll()
  })

  it('are swept by a timer, so that what has timed out is released though nobody asks', async () => {
    const {source, sweeps} = fakeSource()
    const ledgers = openLedgers({source, log, sweepMs: 5})
    await ledgers.use('a', async () => undefined)
    await until(() => sweeps() >= 3)
    await ledgers.closeAll()
  })

  it('are not swept while they are being filled: a release now is newer than the history that is still to come', async () => {
    const {source, sweeps} = fakeSource()
    const asked: string[] = []
    const isFilled = (id: string) => asked.push(id) > 3
    const ledgers = openLedgers({source, log, sweepMs: 5, sweeps: isFilled})
    await ledgers.use('a', async () => undefined)
    await until(() => asked.length >= 3)
    expect(sweeps()).to.equal(0)
    await until(() => sweeps() >= 1)
    await ledgers.closeAll()
  })

  it('close waits for who uses one', async () => {
    const {source, events} = fakeSource()
    const ledgers = openLedgers({source, log})
    let leave = () => {}
    const work = ledgers.use('a', () => new Promise<void>((resolve) => (leave = resolve)))
    const closed = ledgers.close('a')
    await new Promise((resolve) => setImmediate(resolve))
    expect(events).to.deep.equal(['open a'])
    leave()
    await Promise.all([work, closed])
    expect(events).to.deep.equal(['open a', 'close a'])
    await ledgers.closeAll()
  })

  it('one that is being closed is opened anew only when it is closed: a directory has one ledger at a time', async () => {
    const events: string[] = []
    let finishClosing = () => {}
    const source = {
      open: async () => {
        events.push('open')
        const close = () =>
          new Promise<void>((resolve) => (finishClosing = resolve)).then(() => void events.push('closed'))
        return {expirePendingTransfers: async () => undefined, close} as unknown as LedgerPort
      },
    } as unknown as LedgerSource
    const ledgers = openLedgers({source, log})
    await ledgers.use('a', async () => undefined)
    const closed = ledgers.close('a')
    const used = ledgers.use('a', async () => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    finishClosing()
    await Promise.all([closed, used])
    expect(events).to.deep.equal(['open', 'closed', 'open'])
    const last = ledgers.closeAll()
    await new Promise((resolve) => setImmediate(resolve))
    finishClosing()
    await last
  })

  it('one that could not be opened is tried again at the next use, whatever the reason was', async () => {
    let tries = 0
    const source = {
      open: async () => {
        if (++tries === 1) throw Object.assign(new Error('EACCES'), {code: 'EACCES', syscall: 'open'})
        return {expirePendingTransfers: async () => undefined, close: async () => undefined} as unknown as LedgerPort
      },
    } as unknown as LedgerSource
    const ledgers = openLedgers({source, log})
    const failure = await ledgers.use('a', async () => undefined).catch((error: Error) => error.message)
    expect(failure).to.equal('EACCES')
    await ledgers.use('a', async () => undefined)
    expect(tries).to.equal(2)
    await ledgers.closeAll()
  })

  it('one that broke is opened anew at the next use; one whose disk was full is not', async () => {
    const {source, events} = fakeSource()
    const ledgers = openLedgers({source, log})
    const fail = (code: string) =>
      ledgers.use('a', async () => {
        throw Object.assign(new Error(code), {name: 'StoreError', code})
      })
    for (const code of ['NO_SPACE', 'BROKEN']) {
      const failure = await fail(code).catch((error: Error) => error)
      expect((failure as Error).message).to.equal(code)
    }
    await ledgers.use('a', async () => undefined)
    expect(events.filter((event) => event === 'open a')).to.have.length(2)
    expect(events).to.include('close a')
    await ledgers.closeAll()
  })
})
