import {mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {type Ledger, openLedger, openMemoryLedger, RECORD_WORDS, replaceLedger, replayHistory} from '@parix/ledger'
import type {LedgerPort, LedgerSource} from './port.js'
import type {Records} from './records.js'

/**
 * The ledgers inside this service: one directory each (0700) under `dir`.
 *
 * @param durable whether what they confirm is safe from a power cut
 */
export function embeddedLedgers(dir: string, durable = true): LedgerSource {
  const directoryOf = (databaseId: string) => join(dir, databaseId)
  return {
    backend: {kind: 'embedded'},
    state: {answering: true},
    probe: async () => ({answering: true}),
    async provision(databaseId) {
      mkdirSync(dir, {recursive: true, mode: 0o700})
      const ledger = await openLedger({directory: directoryOf(databaseId), durable})
      await ledger.close()
      return ledger.id
    },
    async open(databaseId) {
      const directory = directoryOf(databaseId)
      return embeddedLedger(await openLedger({directory, durable, create: false}), directory)
    },
    replace: (databaseId, from) => replaceLedger(directoryOf(databaseId), from),
    remove: async (databaseId) => rmSync(directoryOf(databaseId), {recursive: true, force: true}),
    close: async () => undefined,
  }
}

/** @param directory where it is; its `own` and `copy` need one, the operations do not */
export function embeddedLedger(ledger: Ledger, directory: string): LedgerPort {
  const batchOf = ({words, count}: Records) => {
    const batch = ledger.takeBatch(count)
    batch.words.set(words.subarray(0, count * RECORD_WORDS))
    return batch
  }
  return {
    id: ledger.id,
    records: ledger.records,
    createAccounts: (events) => ledger.createAccounts(events),
    createTransfers: (events) => ledger.createTransfers(events),
    createAccountsEncoded: async (records) => ledger.createAccountsEncoded(batchOf(records)),
    createTransfersEncoded: async (records) => ledger.createTransfersEncoded(batchOf(records)),
    lookupAccounts: (ids) => ledger.lookupAccounts(ids),
    lookupTransfers: (ids) => ledger.lookupTransfers(ids),
    getAccountTransfers: (filter) => ledger.getAccountTransfers(filter),
    getAccountBalances: (filter) => ledger.getAccountBalances(filter),
    queryAccounts: (filter) => ledger.queryAccounts(filter),
    queryTransfers: (filter) => ledger.queryTransfers(filter),
    expirePendingTransfers: async () => void (await ledger.expirePendingTransfers()),
    async copy(bytesMax) {
      if (ledger.bytesOnDisk > bytesMax) return undefined
      return openMemoryLedger({copyOf: {directory, snapshot: await ledger.snapshot()}})
    },
    close: () => ledger.close(),
    own: {
      directory,
      replay: (history) => replayHistory(ledger, history),
      snapshot: () => ledger.snapshot(),
      rewind: (snapshot) => ledger.rewind(snapshot),
    },
  }
}
