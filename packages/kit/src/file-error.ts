import {type FileError, notWritten} from '@parix/files/errors'
import {type ErrorDetails, type ErrorKind, ParixError} from './errors.js'
import {commandLine} from './shell-words.js'

export {isFileError} from '@parix/files/errors'

/** What to do about a `FileError`: its command, quoted for a shell, or its sentence. */
export function fileErrorAdvice({details}: FileError): Pick<ErrorDetails, 'next' | 'hint'> {
  return {
    ...(details.fix !== undefined && {next: commandLine(details.fix)}),
    ...(details.hint !== undefined && {hint: details.hint}),
  }
}

/** A `FileError` as an error for a person. A bad variable is bad input, anything else a failure. */
export function fromFileError(
  error: FileError,
  kind: ErrorKind = error.code === 'relative_path' ? 'BAD_INPUT' : 'FAILED',
  details: ErrorDetails = {},
): ParixError {
  return new ParixError(kind, error.message, {code: error.code, ...fileErrorAdvice(error), ...details, cause: error})
}

/** A failed write of Node's as an error for a person. */
export function notWritable(path: string, error: unknown, code: string): ParixError {
  return fromFileError(notWritten(path, error), 'FAILED', {code})
}
