import {setTimeout as sleep} from 'node:timers/promises'
import type {LedgerPort, LedgerSource} from '../tigerbeetle/port.js'

/**
 * The ledgers that are open: each is opened at its first use, closed when nobody has used it for a while, and never while
 * somebody does.
 */
export interface Ledgers {
  /** @throws whatever opening or `work` throws */
  use<T>(databaseId: string, work: (ledger: LedgerPort) => Promise<T>): Promise<T>
  /** Closes one as soon as nobody uses it any more. */
  close(databaseId: string): Promise<void>
  /**
   * Does something with what is on disk while the ledger is closed: those who use it finish first, those who come meanwhile wait.
   * @throws whatever `work` throws
   */
  whileClosed(databaseId: string, work: () => void): Promise<void>
  /** Closes all, and waits a moment for those who use one. */
  closeAll(): Promise<void>
}

export interface LedgersOptions {
  source: Pick<LedgerSource, 'open'>
  log: (level: string, message: string) => void
  /** Whether what has timed out may be released in this one; in all where it is left out. */
  sweeps?: (databaseId: string) => boolean
  idleMs?: number
  sweepMs?: number
}

interface Opened {
  ledger: Promise<LedgerPort>
  users: number
  usedAt: number
  /** Called when the last user leaves. */
  whenFree: (() => void)[]
}

const IDLE_MS = 5 * 60_000
const SWEEP_MS = 1_000

/** A cluster that does not answer keeps its users waiting: the end of the service does not wait for them. */
const CLOSE_WAIT_MS = 2_000

export function openLedgers(options: LedgersOptions): Ledgers {
  const {source, log, sweeps = () => true, idleMs = IDLE_MS, sweepMs = SWEEP_MS} = options
  const pool = createPool(source)

  /** Releases what has timed out, and closes what is idle. */
  async function sweep(): Promise<void> {
    for (const [databaseId, entry] of pool.entries()) {
      try {
        if (entry.users === 0 && Date.now() - entry.usedAt > idleMs) await pool.close(databaseId)
        else if (sweeps(databaseId)) await (await entry.ledger).expirePendingTransfers()
      } catch (error) {
        log('error', `ledger of ${databaseId}: ${error instanceof Error ? error.message : String(error)}`)
        void pool.shut(databaseId, entry).catch(() => undefined)
      }
    }
  }

  let sweeping = false
  const sweeper = setInterval(() => {
    // A ledger that is slow, or a cluster that doesn't respond, must not gather sweeps behind it.
    if (sweeping) return
    sweeping = true
    void sweep().finally(() => {
      sweeping = false
    })
  }, sweepMs)
  sweeper.unref()

  return {
    use: pool.use,
    close: pool.close,
    whileClosed: pool.whileClosed,
    async closeAll() {
      clearInterval(sweeper)
      const closed = Promise.all(pool.entries().map(([databaseId]) => pool.close(databaseId)))
      const waited = new AbortController()
      const enough = sleep(CLOSE_WAIT_MS, undefined, {signal: waited.signal}).catch(() => undefined)
      await Promise.race([closed, enough]).finally(() => waited.abort())
    },
  }
}

function createPool(source: LedgersOptions['source']) {
  const opened = new Map<string, Opened>()
  const closing = new Map<string, Promise<void>>()

  function get(databaseId: string): Opened {
    const known = opened.get(databaseId)
    if (known) return known
    // A directory belongs to one ledger at a time, so the one before has to be closed completely.
    const closed = closing.get(databaseId) ?? Promise.resolve()
    const fresh: Opened = {
      ledger: closed.then(() => source.open(databaseId)),
      users: 0,
      usedAt: Date.now(),
      whenFree: [],
    }
    // Without this, the next use would find the old failure.
    fresh.ledger.catch(() => opened.get(databaseId) === fresh && opened.delete(databaseId))
    opened.set(databaseId, fresh)
    return fresh
  }

  async function use<T>(databaseId: string, work: (ledger: LedgerPort) => Promise<T>): Promise<T> {
    const entry = get(databaseId)
    entry.users++
    try {
      return await work(await entry.ledger)
    } catch (error) {
      if (isBroken(error)) void shut(databaseId, entry).catch(() => undefined)
      throw error
    } finally {
      entry.users--
      entry.usedAt = Date.now()
      if (entry.users === 0) for (const free of entry.whenFree.splice(0)) free()
    }
  }

  /** Closes this one; the next use opens it again. */
  async function shut(databaseId: string, entry: Opened): Promise<void> {
    if (opened.get(databaseId) !== entry) return closing.get(databaseId)
    opened.delete(databaseId)
    await closesWith(
      databaseId,
      entry.ledger.then((ledger) => ledger.close()),
    )
  }

  /** Until `closed` has settled, nobody opens the ledger. */
  async function closesWith(databaseId: string, closed: Promise<void>): Promise<void> {
    const over = closed
      .catch(() => undefined)
      .then(() => void (closing.get(databaseId) === over && closing.delete(databaseId)))
    closing.set(databaseId, over)
    await closed
  }

  async function whileClosed(databaseId: string, work: () => void): Promise<void> {
    const entry = opened.get(databaseId)
    // From here on the next user gets an entry that waits for `closing`.
    opened.delete(databaseId)
    const before = closing.get(databaseId)
    const done = async () => {
      await before
      if (entry && entry.users > 0) await new Promise<void>((free) => entry.whenFree.push(free))
      const ledger = await entry?.ledger.catch(() => undefined)
      await ledger?.close()
      work()
    }
    await closesWith(databaseId, done())
  }

  async function close(databaseId: string): Promise<void> {
    const entry = opened.get(databaseId)
    if (!entry) return closing.get(databaseId)
    if (entry.users > 0) await new Promise<void>((free) => entry.whenFree.push(free))
    await shut(databaseId, entry)
  }

  return {use, shut, close, whileClosed, entries: () => [...opened]}
}

/** A ledger that broke is of no use to the next request; one whose disk was full for a moment is. */
function isBroken(error: unknown): boolean {
  const {name, code} = error as {name?: unknown; code?: unknown}
  return name === 'StoreError' && code !== 'NO_SPACE' && code !== 'WRITE_FAILED'
}
