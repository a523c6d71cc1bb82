import type {Api} from '@parix/kit/api'
import type {Effect} from '@parix/kit/command'
import type {ResolvedDatabase} from '@parix/kit/databases'
import type {Terminal, View} from '@parix/kit/output'
import type {CreateKind} from '@parix/ledger/schema'
import type {CheckFinding} from './check-rows.js'

/** The flags of an import, as they were parsed. */
export interface ImportFlags {
  format?: 'csv' | 'ndjson' | 'json' | undefined
  map?: string[] | undefined
  mapping?: string | undefined
  'id-from'?: string | undefined
  namespace: string
  'keep-timestamps': boolean
  'decimal-comma': boolean
  check: boolean
  refused: 'stop' | 'collect'
  'retry-refused'?: number | undefined
  unordered?: number | undefined
  'batch-size'?: number | undefined
  'retry-for'?: string | undefined
  restart: boolean
  chart?: string | undefined
  'no-chart'?: boolean
}

/** `--json` of an import, and with `--check` of the check. Integers of 64 and 128 bits are text. */
export type ImportResult =
  | {
      job: string
      kind: CreateKind
      database: {id: string; name: string}
      complete: boolean
      unchanged: boolean
      rows: number
      created: number
      existed: number
      refused: number
      refusedFile?: string
    }
  | {
      check: true
      kind: CreateKind
      database: {id: string; name: string}
      rows: number
      existing: number
      /** Why the rows must be sent in order; null where --unordered may be used. */
      ordered: string | null
      findings: CheckFinding[]
      findingsCount: number
      readAt: string
      ledgers: Record<string, {debits: string; credits: string}>
      accounts: Record<string, {debits: string; credits: string}>
    }

export interface ImportCall {
  kind: CreateKind
  file: string
  flags: ImportFlags
  api: Api
  database: ResolvedDatabase
  terminal: Terminal
  environment: NodeJS.ProcessEnv
  announce(effect: Effect): void
}

export interface ImportReport {
  result: ImportResult
  view: View
  notices: string[]
}
