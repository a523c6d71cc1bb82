import {mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {type Ledger, openLedger, RECORD_WORDS} from '@parix/ledger'
import type {LedgerPort, LedgerSource} from './port.js'
import type {Records} from './records.js'

/** The ledgers inside this service: one folder each (0700) under `folder`. */
export function embeddedLedgers(folder: string): LedgerSource {
  const open = async (databaseId: string) => {
    const directory = join(folder, databaseId)
    mkdirSync(directory, {recursive: true, mode: 0o700})
    return embeddedLedger(await openLedger({directory}))
  }
  return {
    clusterId: '0',
    addresses: null,
    provision: async (databaseId) => (await open(databaseId)).close(),
    open,
    remove: async (databaseId) => rmSync(join(folder, databaseId), {recursive: true, force: true}),
    close: async () => undefined,
  }
}

function embeddedLedger(ledger: Ledger): LedgerPort {
  const batchOf = ({words, count}: Records) => {
    const batch = ledger.takeBatch(count)
    batch.words.set(words.subarray(0, count * RECORD_WORDS))
    return batch
  }
  return {
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
    close: () => ledger.close(),
  }
}
