import type {FileError} from '@parix/files/errors'
import {DEFAULT_BASE_URL} from '../contract/index.js'
import {ParixError} from '../errors.js'
import {fileErrorAdvice, fromFileError, isFileError} from '../file-error.js'
import {nextCommand, plainCommand, renderCommand} from '../next-command.js'

/** The command that signs in there. `auth login` ignores the session in use, so any other service than the default is named. */
export function loginCommand(baseUrl: string): string {
  const plain = baseUrl.replace(/\/+$/, '')
  return renderCommand(nextCommand('auth login', {flags: {'base-url': plain === DEFAULT_BASE_URL ? undefined : plain}}))
}

/** @param from what is said of where the choice of the service came from, such as ` (from PARIX_BASE_URL)` */
export function notSignedIn(baseUrl: string, from = ''): ParixError {
  const plain = baseUrl.replace(/\/+$/, '')
  return new ParixError('NOT_SIGNED_IN', `You are not signed in at ${plain}${from}.`, {next: loginCommand(plain)})
}

export function sessionEnded(baseUrl: string, why: string): ParixError {
  const plain = baseUrl.replace(/\/+$/, '')
  return new ParixError('SESSION_ENDED', `Your session at ${plain} has ended (${why.replace(/\.$/, '')}).`, {
    next: loginCommand(plain),
  })
}

/** Its contents never get into a message: there are tokens in it. */
export function damaged(path: string): ParixError {
  return new ParixError('SESSION_DAMAGED', `The session file is damaged: ${path}. Sign in again.`, {
    next: plainCommand('auth login'),
  })
}

/**
 * Why a session file can't be used. `session_not_ours` and `session_unreadable`: nothing is stored in its place, and it is
 * not moved away.
 */
export function cannotRead(path: string, error: unknown): unknown {
  if (!isFileError(error)) return error
  switch (error.code) {
    case 'too_large':
    case 'not_utf8':
      return damaged(path)
    case 'not_owned':
      return notUsable(error, 'session_not_ours')
    case 'writable_by_others':
      return notUsable(error, error.details.path === path ? 'session_unsafe' : 'session_not_ours')
    case 'not_a_file':
      return notUsable(error, 'session_unsafe')
    default:
      return notUsable(error, 'session_unreadable')
  }
}

function notUsable(error: FileError, code: string): ParixError {
  return new ParixError('SESSION_DAMAGED', `Your session can't be read. ${error.message}`, {
    code,
    ...fileErrorAdvice(error),
    cause: error,
  })
}

/** @param consequence what that means, as a sentence */
export function notStored(error: unknown, consequence = ''): ParixError {
  if (!isFileError(error)) throw error
  const message = `The session could not be stored. ${error.message}${consequence && ` ${consequence}`}`
  const wrapped = fromFileError(error, 'FAILED', {code: 'session_not_stored'})
  return new ParixError('FAILED', message, wrapped.details)
}
