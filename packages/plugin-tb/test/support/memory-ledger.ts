import {type Ledger, openMemoryLedger} from '@parix/ledger'
import {type CreateKind, FIELDS, statusName} from '@parix/ledger/schema'
import type {LedgerRecord} from '../../src/records/kinds.js'

/** The embedded ledger with records as parix has them, in memory: the other side of what the CLI claims about TigerBeetle. */
export interface MemoryLedger {
  /** Names of the results, one for each event. */
  create(kind: CreateKind, records: readonly LedgerRecord[]): Promise<string[]>
  /** What is stored under an id. */
  lookup(kind: CreateKind, id: bigint): Promise<LedgerRecord | undefined>
  close(): Promise<void>
}

export const LEDGER_NOW = 1_700_000_000_000_000_000n

export async function memoryLedger(): Promise<MemoryLedger> {
  let now = LEDGER_NOW
  const ledger: Ledger = await openMemoryLedger({now: () => ++now})
  return {
    async create(kind, records) {
      const events = records.map((record) => wholeRecord(kind, record))
      const results =
        kind === 'account'
          ? await ledger.createAccounts(events as never)
          : await ledger.createTransfers(events as never)
      return results.map(({status}) => statusName(kind, status) ?? String(status))
    },
    async lookup(kind, id) {
      const [found] = kind === 'account' ? await ledger.lookupAccounts([id]) : await ledger.lookupTransfers([id])
      return found && Object.fromEntries(Object.entries(found).map(([name, value]) => [name, BigInt(value as number)]))
    },
    close: () => ledger.close(),
  }
}

/** Every field, 0 where the record has none; 32 bits and less as numbers. */
function wholeRecord(kind: CreateKind, record: LedgerRecord): Record<string, bigint | number> {
  return Object.fromEntries(
    FIELDS[kind].map(({name, bits}) => {
      const value = (record as Record<string, bigint>)[name] ?? 0n
      return [name, bits > 32 ? value : Number(value)]
    }),
  )
}
