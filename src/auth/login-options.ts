import {parseDuration} from '@parix/kit/duration'
import {ParixError} from '@parix/kit/errors'

/** The options of one login, validated. */
export interface LoginOptions {
  /** `--base-url`. */
  baseUrl: string | undefined
  /** 0: any free one. */
  port: number
  prompt: string
  noBrowser: boolean
  device: boolean
  noInput: boolean
  timeoutMs: number
}

export interface LoginFlags {
  'base-url'?: string | undefined
  port: string
  prompt: string
  'no-browser': boolean
  device: boolean
  'no-input': boolean
  timeout: string
}

/** A timer of Node overflows after 24 days, and would then fire at once. */
const TIMEOUT_MS_MAX = 24 * 3_600_000

/** @throws ParixError BAD_INPUT, before a port or a browser is opened */
export function readLoginOptions(flags: LoginFlags): LoginOptions {
  return {
    baseUrl: flags['base-url'],
    port: parsePort(flags.port),
    prompt: flags.prompt,
    noBrowser: flags['no-browser'],
    device: flags.device,
    noInput: flags['no-input'],
    timeoutMs: parseTimeout(flags.timeout),
  }
}

function parseTimeout(text: string): number {
  const timeoutMs = parseDuration('--timeout', text)
  if (timeoutMs >= 1 && timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs
  throw new ParixError('BAD_INPUT', '--timeout must be between 1ms and 24h.')
}

/**
 * Ports of 1024 and up that browsers refuse to open (WHATWG Fetch, 'bad ports'): a callback there would end on an error
 * page of the browser and never reach us.
 */
const BLOCKED_BY_BROWSERS = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
])

const PORT_MIN = 1024
const PORT_MAX = 65_535

/** Whether a browser would open `http://127.0.0.1:PORT`. */
export function isBlockedByBrowsers(port: number): boolean {
  return BLOCKED_BY_BROWSERS.has(port)
}

/**
 * The value of `--port` as a number; 0 means any free port.
 * @throws ParixError BAD_INPUT for anything that could not work, with the reason, before a listener is opened
 */
export function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw badPort(`"${text}" is not a port number.`)
  const port = Number(text)
  if (port === 0) return port
  if (port > PORT_MAX) throw badPort(`${text} is not a port number: the highest is ${PORT_MAX}.`)
  if (port < PORT_MIN) throw badPort(`Port ${port} is reserved: ports below ${PORT_MIN} need special permissions.`)
  if (isBlockedByBrowsers(port))
    throw badPort(`Browsers refuse to open port ${port}, so the response would never arrive.`)
  return port
}

/** What opening a listener on `port` failed with, as a sentence for a person. */
export function listenError(error: NodeJS.ErrnoException, port: number): ParixError {
  const details = {hint: 'Leave --port out to use any free port.', cause: error}
  switch (error.code) {
    case 'EADDRINUSE':
      return new ParixError('BAD_INPUT', `Port ${port} is in use by another program.`, {
        code: 'port_in_use',
        ...details,
      })
    case 'EACCES':
      return new ParixError('BAD_INPUT', `This system does not allow the use of port ${port}.`, {
        code: 'port_refused',
        ...details,
      })
    default:
      return new ParixError('FAILED', `Could not listen on 127.0.0.1 for the browser's response (${error.code}).`, {
        code: 'listen_failed',
        cause: error,
      })
  }
}

function badPort(message: string): ParixError {
  return new ParixError('BAD_INPUT', message, {
    code: 'bad_port',
    hint: `Use a port from ${PORT_MIN} to ${PORT_MAX}, or leave --port out to use any free port.`,
  })
}
