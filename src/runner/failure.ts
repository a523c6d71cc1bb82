import {errorObject, type ParixError} from '@parix/kit/errors'
import {createTerminal} from '@parix/kit/output'

/**
 * Says on this process's streams that no command could run, and sets the exit code: with `--json` the error object on
 * stdout, else words on stderr. Errors inside a command never come here: ParixCommand has shown them.
 */
export function printFailure(error: ParixError, argv: string[]): void {
  const end = argv.indexOf('--')
  const given = end === -1 ? argv : argv.slice(0, end)
  process.exitCode = error.exitCode
  if (given.includes('--json') && printedAsJson(error)) return
  createTerminal({noColor: given.includes('--no-color')}).showError(error)
}

/** `false`: stdout itself is what failed (a full disk), so the error has to be said elsewhere. */
function printedAsJson(error: ParixError): boolean {
  try {
    createTerminal().answer(`${JSON.stringify(errorObject(error), null, 2)}\n`)
    return true
  } catch {
    return false
  }
}
