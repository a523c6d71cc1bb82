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

/**
 * Does the jobs when they are due, the jobs of one database one after the other. What was not done when the service ended,
 * by whatever means, is done at the next start, so doing the work twice must be harmless.
 */
export interface Jobs {
  /** Takes a job that is in the table already. */
  schedule(job: Job): void
  /** Takes back what has not begun. */
  cancel(job: Job): void
  /** Lets what runs end, and begins nothing more. */
  close(): Promise<void>
}

export interface JobsOptions {
  table: JobTable
  work: Record<JobKind, (databaseId: string) => Promise<void>>
  log: (level: string, message: string) => void
}

/** Until a job is tried again whose status could not be stored: a full disk may have room again. */
const RETRY_MS = 5_000

/** setTimeout's largest delay; longer ones fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

export function startJobs({table, work, log}: JobsOptions): Jobs {
  const timers = new Map<string, NodeJS.Timeout>()
  const running = new Map<string, Promise<void>>()
  let closed = false

  /** Never rejects: nobody waits for a job. */
  async function run(job: Job): Promise<void> {
    try {
      table.setStatus(job.id, 'RUNNING', now())
      await work[job.kind](job.databaseId)
      table.setStatus(job.id, 'COMPLETED', now())
    } catch (error) {
      report(job, error)
      try {
        table.setStatus(job.id, 'FAILED', now(), reasonOf(error))
      } catch (storing) {
        report(job, storing)
        again(job)
      }
    }
  }

  /** Doing the work twice is harmless, so a job whose outcome could not be stored is done again. */
  function again(job: Job): void {
    if (!closed)
      timers.set(
        job.id,
        setTimeout(() => begin(job), RETRY_MS),
      )
  }

  function report({kind, databaseId}: Job, error: unknown): void {
    log('error', `${kind} of ${databaseId}: ${reasonOf(error)}`)
  }

  function begin(job: Job): void {
    timers.delete(job.id)
    if (closed) return
    const before = running.get(job.databaseId) ?? Promise.resolve()
    const done = before.then(() => (closed ? undefined : run(job)))
    running.set(job.databaseId, done)
    void done.finally(() => running.get(job.databaseId) === done && running.delete(job.databaseId))
  }

  function schedule(job: Job): void {
    const delayMs = Math.min(Math.max(0, Date.parse(job.dueAt) - Date.now()), TIMER_MS_MAX)
    timers.set(
      job.id,
      setTimeout(() => begin(job), delayMs),
    )
  }

  for (const job of table.unfinished()) schedule(job)
  return {
    schedule,
    cancel(job) {
      const timer = timers.get(job.id)
      if (!timer) return
      clearTimeout(timer)
      timers.delete(job.id)
      table.setStatus(job.id, 'CANCELLED', now())
    },
    async close() {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(running.values())
    },
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function now(): string {
  return new Date().toISOString()
}
