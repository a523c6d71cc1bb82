import type {Job, JobKind, JobTable} from './jobs-table.js'

/**
 * Does the jobs when they are due, the jobs of one database one after the other. What was not done when the service ended,
 * by whatever means, is done at the next start, so the work must stand being done twice.
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

/** setTimeout's largest delay; longer ones fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

export function startJobs({table, work, log}: JobsOptions): Jobs {
  const timers = new Map<string, NodeJS.Timeout>()
  const running = new Map<string, Promise<void>>()
  let closed = false

  async function run(job: Job): Promise<void> {
    table.setStatus(job.id, 'RUNNING', now())
    try {
      await work[job.kind](job.databaseId)
      table.setStatus(job.id, 'COMPLETED', now())
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log('error', `${job.kind} of ${job.databaseId}: ${reason}`)
      table.setStatus(job.id, 'FAILED', now(), reason)
    }
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

function now(): string {
  return new Date().toISOString()
}
