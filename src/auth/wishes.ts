import {parseDuration} from '@parix/kit/duration'
import {ParixError} from '@parix/kit/errors'
import {parsePort} from './ports.js'

/** What a person asked of one login, checked. */
export interface LoginWishes {
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
export function readWishes(flags: LoginFlags): LoginWishes {
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
  throw new ParixError('BAD_INPUT', '--timeout must be more than nothing, and 24h at most.')
}
