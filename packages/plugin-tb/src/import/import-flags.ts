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
