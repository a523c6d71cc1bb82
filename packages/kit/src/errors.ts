import type {RefusedEvent} from './contract/index.js'
import {type NextCommand, renderCommand, type ServiceInPrint, textCommand, textHint} from './next-command.js'

/**
 * Every way in which a command can end, and the exit code for it. Scripts depend on the numbers: kinds are added, codes
 * never change. The same code is used with and without `--json`.
 */
export const EXIT_CODES = {
  /** Something failed that none of the kinds below names. */
  FAILED: 1,
  /** Wrong use or bad input: nothing was sent. */
  USAGE: 2,
  BAD_INPUT: 2,
  CANCELLED: 2,
  NOT_FOUND: 3,
  NOT_SIGNED_IN: 4,
  SESSION_DAMAGED: 4,
  SESSION_ENDED: 4,
  CREDENTIAL_REFUSED: 4,
  /** A credential would have gone to an origin that did not issue it, or unencrypted over the network. */
  NOT_SENT: 2,
  FORBIDDEN: 5,
  BILLING: 5,
  /** TigerBeetle refused events, or a check found differences. */
  REFUSED: 6,
  CONFLICT: 6,
  /** Accepted, but not ready in time. */
  NOT_READY: 7,
  /** The outcome is unknown, or the service can't be reached: repeat the same command. */
  UNAVAILABLE: 75,
  OUTCOME_UNKNOWN: 75,
  INTERRUPTED: 130,
} as const

/**
 * What each exit code means, for `parix help exit-codes` and the README; every code of `EXIT_CODES` is in it.
 */
export const EXIT_CODE_MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done'],
  [1, 'failed'],
  [2, 'wrong use, bad input or cancelled: nothing was sent'],
  [3, 'not found'],
  [4, 'sign-in needed, or the credential was refused'],
  [5, 'not allowed, or billing'],
  [6, 'refused: TigerBeetle refused events, or a check found differences'],
  [7, 'accepted, but not ready in time'],
  [75, 'outcome unknown, service unavailable, or a result that could not be shown: repeat the same command'],
  [130, 'interrupted (143 by SIGTERM)'],
]

export type NextStep = string | NextCommand

export type ErrorKind = keyof typeof EXIT_CODES

/** A place in a file, and what is wrong there. */
export interface FileFinding {
  line: number
  column?: number
  field?: string
  code?: string
  message: string
}

export interface ErrorDetails {
  /** The machine-readable name shown as `error.code`; the kind in lower case when left out. */
  code?: string
  /**
   * What to do next: commands that run as they are. Plain text only where nothing in it varies; a sentence in it is shown as
   * a hint.
   */
  next?: NextStep | NextStep[]
  /** What to do that is not a command: sentences, URLs, steps on another machine. */
  hint?: string | string[]
  /** HTTP status, where the service answered. */
  status?: number
  /** Reference for support: a problem's `instance`, or a request id. */
  instance?: string
  requestId?: string
  /** Further sentences, one per line: a problem's `errors`. */
  errors?: string[]
  fieldErrors?: Record<string, string[]>
  tbResults?: (RefusedEvent & {id?: string})[]
  /** Events of the same call that are in the ledger beside refused ones; `timestamp` in nanoseconds since 1970. */
  created?: {index: number; id: string; result: string; timestamp?: string}[]
  /** What is wrong with a file, by line (and column, both from 1): the first hundred, and how many there are. */
  findings?: FileFinding[]
  findingsCount?: number
  /** Objects whose outcome is not known, by id; and where they are kept: `parix tb outbox resume OUTBOX`. */
  ids?: string[]
  outbox?: string
  /** Whether the same command may succeed when repeated as it is. */
  retryable?: boolean
  /** When the service wants to be asked again. */
  retryAfterSeconds?: number
  /** An exit code other than the kind's own; for signals (143). */
  exitCode?: number
  /** Kept for `--debug`, never printed otherwise: causes of OAuth errors hold codes and tokens (threats 8.3). */
  cause?: unknown
}

/**
 * An error for a person: a kind, a sentence, and a next step. Whoever finds the fault throws it; the base command alone
 * turns it into text, JSON and an exit code.
 */
export class ParixError extends Error {
  override readonly name = 'ParixError'
  readonly kind: ErrorKind
  readonly details: ErrorDetails

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : {cause: details.cause})
    this.kind = kind
    this.details = details
  }

  get exitCode(): number {
    return this.details.exitCode ?? EXIT_CODES[this.kind]
  }

  get code(): string {
    return this.details.code ?? this.kind.toLowerCase()
  }
}

/** Two copies of the kit may be loaded at once (an installed plugin brings its own), so `instanceof` is not enough. */
export function isParixError(error: unknown): error is ParixError {
  return error instanceof Error && error.name === 'ParixError' && typeof (error as ParixError).kind === 'string'
}

/** The object that `--json` prints on failure; keys that don't apply are left out. */
export interface ErrorObject {
  error: {code: string; exitCode: number; message: string; hint?: string; next?: string[]} & Pick<
    ErrorDetails,
    ShownDetail
  >
}

type ShownDetail =
  | 'status'
  | 'instance'
  | 'requestId'
  | 'errors'
  | 'fieldErrors'
  | 'tbResults'
  | 'created'
  | 'findings'
  | 'findingsCount'
  | 'ids'
  | 'outbox'
  | 'retryable'

/** `error` as the documented JSON object (cli-conventions.md, 'The error object'). */
export function errorObject(error: ParixError, service?: Service): ErrorObject {
  const {status, instance, requestId, errors, fieldErrors, tbResults, created, findings, findingsCount} = error.details
  const {ids, outbox, retryable} = error.details
  const {next, hints} = adviceOf(error, service)
  return {
    error: {
      code: error.code,
      exitCode: error.exitCode,
      message: error.message,
      ...(status !== undefined && {status}),
      ...(instance !== undefined && {instance}),
      ...(requestId !== undefined && {requestId}),
      ...(errors?.length && {errors}),
      ...(fieldErrors && Object.keys(fieldErrors).length > 0 && {fieldErrors}),
      ...(tbResults?.length && {tbResults}),
      ...(created?.length && {created}),
      ...(findings?.length && {findings, findingsCount: findingsCount ?? findings.length}),
      ...(ids?.length && {ids}),
      ...(outbox !== undefined && {outbox}),
      ...(retryable !== undefined && {retryable}),
      ...(hints.length > 0 && {hint: hints.join('\n')}),
      ...(next.length > 0 && {next}),
    },
  }
}

/** The hints that an error was made with, as a list. */
export function hintsOf(error: ParixError): string[] {
  return [error.details.hint ?? []].flat()
}

type Service = {readonly inPrint?: ServiceInPrint | undefined} | undefined

/**
 * What an error advises: `next`, commands that run as they are; `hints`, everything else: sentences, URLs, commands in which
 * something has to be filled in.
 *
 * @param service the service that the commands are about; they name it where it has to be named
 */
export function adviceOf(error: ParixError, service?: Service): {next: string[]; hints: string[]} {
  const {details} = error
  const next: string[] = []
  const hints = hintsOf(error)
  for (const step of [details.next ?? []].flat()) {
    const command = typeof step === 'string' ? textCommand(step, service) : renderCommand(step, service)
    if (command !== undefined) next.push(command)
    else hints.push(step as string)
  }
  return {next, hints: hints.map((hint) => textHint(hint, service))}
}
