/** A Parix of a test suite's own: a service, a database with known books, and a way back to them. */

import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import type {DemoKind} from '../demo/businesses.js'

export interface StartParixOptions {
  /** Name of the database; `main` unless given. */
  database?: string
  /** Fills it with the books of a business, as `parix local demo` does. */
  demo?: DemoKind
  /** About so many transfers of these books; 5,000 unless given. */
  demoSize?: number
  /** Path of a file with accounts and transfers, as for `parix local exec --seed`. */
  seed?: string
}

export interface TestParix {
  /** `http://localhost:PORT` */
  baseUrl: string
  /** May read and write. */
  apiKey: string
  database: {id: string; name: string}
  /** PARIX_BASE_URL, PARIX_API_KEY and PARIX_DATABASE, and PARIX_CHART with demo books: for processes that the suite starts. */
  env: Record<string, string>
  /** Keeps what the database has now; a snapshot of this name is replaced. */
  snapshot(name: string): Promise<void>
  /** The database has what it had at the snapshot. Whoever uses it goes on. @throws ParixError NOT_FOUND */
  restore(name: string): Promise<void>
  /** Ends the service and removes its data. */
  close(): Promise<void>
}

/** What the process of the service says when it is ready, or why it is not. */
export type Started =
  | {baseUrl: string; apiKey: string; database: {id: string; name: string}; chart?: string}
  | {error: string}

/** The process finds this module again, wherever it is installed and in whatever form. */
const PROGRAM = 'import(process.argv[1]).then(({serveParix}) => serveParix(process.argv[2]))'

/**
 * What the process of `startParix` runs; not for others.
 *
 * @public named by PROGRAM, as text
 */
export async function serveParix(options: string): Promise<void> {
  const {serve} = await import('./service-process.js')
  await serve(JSON.parse(options) as StartParixOptions)
}

/**
 * Starts a service on a free port in a process of its own, with a temporary data directory. It ends with `close`, and by itself
 * when this process ends, however that happens. Several can run at once.
 *
 * @throws ParixError FAILED
 */
export async function startParix(options: StartParixOptions = {}): Promise<TestParix> {
  const child = spawn(process.execPath, [...loaders(), '--eval', PROGRAM, import.meta.url, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Settings of Better Auth may be those of the program under test; the service has its own.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.includes('BETTER_AUTH_'))),
  })
  // While the service starts; and now, as a suite may put a file system of its own in the place of the real one.
  const [started, client] = await Promise.all([firstLine(child), import('../local-api.js')])
  if ('error' in started) child.stdin!.end()
  if ('error' in started) {
    const {ParixError} = await import('@parix/kit/errors')
    throw new ParixError('FAILED', `Parix could not be started: ${started.error}`)
  }
  const {baseUrl, apiKey, database, chart} = started
  const api = client.localApi(started)
  return {
    ...{baseUrl, apiKey, database},
    env: {
      ...{PARIX_BASE_URL: baseUrl, PARIX_API_KEY: apiKey, PARIX_DATABASE: database.name},
      ...(chart !== undefined && {PARIX_CHART: chart}),
    },
    snapshot: async (name) => void (await client.saveSnapshot(api, name, database.id, true)),
    restore: async (name) => void (await client.restoreSnapshot(api, name)),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'close')
      child.stdin!.end()
      await ended
    },
  }
}

/**
 * How this process finds and compiles modules, if not by itself; not what it is debugged or measured with. Where this module is
 * compiled, the service is, and a compiler of TypeScript would read all of it for nothing, three quarters of its start.
 */
function loaders(): string[] {
  const words = process.execArgv.filter((word) => /^(--conditions|--import|--loader)=/.test(word))
  const isCompiled = import.meta.url.endsWith('.js') && !words.some((word) => word.startsWith('--conditions='))
  return isCompiled ? words.filter((word) => !COMPILER.test(word)) : words
}

const COMPILER = /[=/\\](tsx|ts-node)([/\\]|$)/

async function firstLine(child: ChildProcess): Promise<Started> {
  let text = ''
  for await (const chunk of child.stdout!.iterator({destroyOnReturn: false})) {
    text += String(chunk)
    const [line, rest] = text.split('\n')
    if (rest !== undefined) return JSON.parse(line!) as Started
  }
  return {error: 'its process ended.'}
}
