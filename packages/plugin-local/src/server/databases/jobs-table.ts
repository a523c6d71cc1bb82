import type {Database} from '../store/database.js'

export type JobKind = 'provision' | 'decommission'
export type JobStatus = 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED'

/** Work on a database that takes a moment and outlives a restart of the service. */
export interface Job {
  id: string
  databaseId: string
  kind: JobKind
  status: JobStatus
  workflowId: string
  error: string | null
  /** When its work is done, at the earliest: ISO 8601. */
  dueAt: string
  createdAt: string
  updatedAt: string
  completedAt: string | null
}

const COLUMNS = 'id, "databaseId", kind, status, "workflowId", error, "dueAt", "createdAt", "updatedAt", "completedAt"'

export interface JobTable {
  insert(job: Job): void
  /** The newest of a kind. */
  latest(databaseId: string, kind: JobKind): Job | undefined
  unfinished(): Job[]
  setStatus(id: string, status: JobStatus, now: string, error?: string): void
  deleteOf(databaseId: string): void
}

export function openJobTable(store: Database): JobTable {
  store.exec(`CREATE TABLE IF NOT EXISTS parix_job (
    id TEXT PRIMARY KEY, "databaseId" TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, "workflowId" TEXT NOT NULL,
    error TEXT, "dueAt" TEXT NOT NULL, "createdAt" TEXT NOT NULL, "updatedAt" TEXT NOT NULL, "completedAt" TEXT)`)
  const insert = store.prepare(`INSERT INTO parix_job (${COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)`)
  const latest = store.prepare(
    `SELECT ${COLUMNS} FROM parix_job WHERE "databaseId" = ? AND kind = ? ORDER BY "createdAt" DESC, id LIMIT 1`,
  )
  const unfinished = store.prepare(`SELECT ${COLUMNS} FROM parix_job WHERE status IN ('QUEUED', 'RUNNING')`)
  const setStatus = store.prepare(
    'UPDATE parix_job SET status = ?, error = ?, "updatedAt" = ?, "completedAt" = ? WHERE id = ?',
  )
  const deleteOf = store.prepare('DELETE FROM parix_job WHERE "databaseId" = ?')
  return {
    insert(job) {
      const {id, databaseId, kind, status, workflowId, error, dueAt, createdAt, updatedAt, completedAt} = job
      insert.run(id, databaseId, kind, status, workflowId, error, dueAt, createdAt, updatedAt, completedAt)
    },
    latest: (databaseId, kind) => latest.get(databaseId, kind) as Job | undefined,
    unfinished: () => unfinished.all() as Job[],
    setStatus(id, status, now, error) {
      const over = status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED'
      setStatus.run(status, error ?? null, now, over ? now : null, id)
    },
    deleteOf: (databaseId) => void deleteOf.run(databaseId),
  }
}
