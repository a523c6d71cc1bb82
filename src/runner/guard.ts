import {writeSync} from 'node:fs'
import {removeFirstLine} from '@parix/kit/first-line'
import {beforeDoubleDash} from '@parix/kit/shell-words'

/**
 * Watches how the process ends. Nothing may end with 0 before the command has said what came of it: not an empty event loop,
 * not `process.exit(0)` in the code of a plugin. And no plugin changes the exit code of a command that has ended.
 */
export interface Guard {
  /** What runs now, such as `the hooks of parix-plugin-x`; part of the message should the process end here. */
  doing(what: string): void
  /** The command has ended, with the exit code that is set now. */
  commandEnded(): void
  /** A hook of a plugin was given up on: when all is done, the process does not wait for it. */
  hung(): void
  /** All is done. */
  finished(): void
  /** Output that could not be written, after all else went well. */
  failed(message: string): void
}

const EXIT_UNKNOWN = 75
/** Of SIGINT and SIGTERM: whoever stops parix gets the code for that. */
const SIGNALS = [130, 143]

/** Installs the guard, and the last handler for errors that nobody caught. `argv` says whether JSON is wanted. */
export function guardProcess(argv: readonly string[]): Guard {
  let running = true
  let commandRuns = false
  let outcome: number | undefined
  let abandoned = false
  let what = 'parix'
  const json = beforeDoubleDash(argv).includes('--json')
  const unfinished = () => {
    running = false
    process.exitCode = EXIT_UNKNOWN
    const message = `The process ended while ${what} was still running: the outcome is unknown.`
    say({code: 'unfinished', exitCode: EXIT_UNKNOWN, message}, json)
  }
  const uncaught = (error: unknown) => {
    const exitCode = commandRuns && outcome === undefined ? EXIT_UNKNOWN : (outcome ?? 1)
    running = false
    outcome = undefined
    say({code: 'unexpected', exitCode, message: `Unexpected error: ${cleaned(error)}`}, json)
    process.exit(exitCode)
  }
  process.on('uncaughtException', uncaught)
  process.on('unhandledRejection', uncaught)
  process.on('beforeExit', () => {
    if (running) unfinished()
  })
  process.on('exit', (code) => {
    if (SIGNALS.includes(code)) return
    if (running && outcome === undefined && code === 0) unfinished()
    else if (outcome !== undefined) process.exitCode = outcome
  })
  return {
    doing: (text) => {
      what = text
      commandRuns = true
    },
    commandEnded: () => {
      outcome = Number(process.exitCode ?? 0)
    },
    hung: () => {
      abandoned = true
    },
    finished: () => {
      running = false
      outcome ??= Number(process.exitCode ?? 0)
      if (abandoned) process.stdout.write('', () => process.exit())
    },
    failed: (message) => {
      outcome ||= 1
      say({code: 'output_failed', exitCode: outcome, message}, false)
    },
  }
}

function say(error: {code: string; exitCode: number; message: string}, json: boolean): void {
  removeFirstLine()
  try {
    if (json) writeSync(1, `${JSON.stringify({error}, null, 2)}\n`)
    else writeSync(2, `Error: ${error.message}\n`)
  } catch {
    // Nobody is there to read it; the exit code remains.
  }
}

const SECRETS = [
  /\b(bearer|basic)\s+[\w.~+/=-]+/gi,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /\bpx_[\w-]+/g,
  /(?<=:\/\/)[^/\s@]+@/g,
  /(?<=\b(?:access_token|refresh_token|id_token|code_verifier|client_secret|code|token|password)["']?\s*[=:]\s*["']?)[^\s"'&,}]+/gi,
]

/** The first line of a message, without control characters and without what looks like a secret (threats 8.4). */
function cleaned(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error)
  const key = process.env.PARIX_API_KEY
  const hidden = key ? message.replaceAll(key, '…') : message
  const line = hidden.split('\n', 1)[0]!.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
  return SECRETS.reduce((text, secret) => text.replace(secret, '…'), line).slice(0, 300)
}

/**
 * `DEBUG=*` would print the arguments, and with them headers that hold a key (threats 8.2). oclif's own lines are switched off,
 * also those of the copies that plugins bring.
 */
export function silenceDebug(environment: NodeJS.ProcessEnv): void {
  const {DEBUG} = environment
  if (DEBUG === undefined) return
  const kept = DEBUG.split(/[\s,]+/).filter((pattern) => pattern !== '' && !pattern.startsWith('*'))
  if (kept.length === 0) delete environment.DEBUG
  else environment.DEBUG = [...kept, '-oclif*', '-@oclif*', '-config*', '-parix*'].join(',')
}
