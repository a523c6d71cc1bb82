import {spawn} from 'node:child_process'
import {constants} from 'node:os'
import {ParixError} from '@parix/kit/errors'
import {createEphemeralDir} from './ephemeral.js'
import type {Books} from './fill-database.js'
import {removeForeignSettings} from './run-service.js'
import {startWithBooks} from './service-with-books.js'

export interface CommandRun {
  command: string[]
  /** Name of the database that is created for it. */
  database: string
  /** What is in it; else nothing. */
  books: Books | undefined
  /** Keeps the data directory afterwards. */
  keep: boolean
}

export interface CommandResult {
  exitCode: number
  dataDir: string
  /** What the service logged as an error, oldest first. */
  errors: string[]
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
const ERRORS_MAX = 100

/**
 * Runs a command beside a local service of its own: a fresh data directory, a free port, one database that is ready.
 * Signals are forwarded, and the service and its directory are removed whatever the command does.
 *
 * @throws ParixError NOT_FOUND if there is no such command
 */
export async function runCommand({command, database, books, keep}: CommandRun): Promise<CommandResult> {
  removeForeignSettings()
  // From here on, a signal is for the command: what the CLI does otherwise would leave it and the directory behind.
  for (const signal of SIGNALS) process.removeAllListeners(signal)
  const forward = createForwarder()
  const {dataDir, remove} = createEphemeralDir()
  const errors: string[] = []
  const log = (level: string, message: string) => {
    if (level === 'error' && errors.push(message) > ERRORS_MAX) errors.shift()
  }
  try {
    const {service, chart} = await startWithBooks({dataDir, durable: keep, log}, database, books)
    try {
      const env = {...variables(service, database), ...(chart !== undefined && {PARIX_CHART: chart})}
      const exitCode = forward.received ?? (await spawnCommand(command, env, forward))
      return {exitCode, dataDir, errors}
    } finally {
      await service.close()
    }
  } finally {
    forward.end()
    if (!keep) remove()
  }
}

/** What programs and the CLI read to reach a service. */
export function variables(
  {baseUrl, apiKey}: {baseUrl: string; apiKey: string},
  database?: string,
): Record<string, string> {
  return {
    PARIX_BASE_URL: baseUrl,
    PARIX_API_KEY: apiKey,
    ...(database !== undefined && {PARIX_DATABASE: database}),
  }
}

/** The command is to use this service's own key, which is for no other organization. */
function withoutOrganization({PARIX_ORGANIZATION: _, ...environment}: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environment
}

interface Forwarder {
  /** The exit code of a signal that came before there was a command. */
  received: number | undefined
  send: ((signal: NodeJS.Signals) => void) | undefined
  end(): void
}

function createForwarder(): Forwarder {
  const listeners = SIGNALS.map((signal) => {
    const listener = () => {
      if (forwarder.send) forwarder.send(signal)
      else forwarder.received = exitCodeOf(signal)
    }
    process.on(signal, listener)
    return () => process.off(signal, listener)
  })
  const forwarder: Forwarder = {
    received: undefined,
    send: undefined,
    end: () => {
      for (const stop of listeners) stop()
    },
  }
  return forwarder
}

function spawnCommand(command: string[], env: Record<string, string>, forward: Forwarder): Promise<number> {
  const [program = '', ...words] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {stdio: 'inherit', env: {...withoutOrganization(process.env), ...env}})
    forward.send = (signal) => {
      // A terminal sends Ctrl-C and Ctrl-\\ to the command as well: twice would end what is cleaning up.
      const fromTerminal = process.stdin.isTTY === true && (signal === 'SIGINT' || signal === 'SIGQUIT')
      if (!fromTerminal) child.kill(signal)
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? 'There is no such command' : error.message
      reject(new ParixError(error.code === 'ENOENT' ? 'NOT_FOUND' : 'FAILED', `${program}: ${reason}.`, {cause: error}))
    })
    child.once('close', (code, signal) => resolve(code ?? exitCodeOf(signal)))
  })
}

/** As shells say it: 128 and the signal's number. */
function exitCodeOf(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal])
}
