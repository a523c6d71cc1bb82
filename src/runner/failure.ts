import {errorObject, type ParixError} from '@parix/kit/errors'
import type {BaseUrl} from '@parix/kit/origin'
import {createTerminal} from '@parix/kit/output'
import {beforeDoubleDash} from '@parix/kit/shell-words'

/**
 * Says on this process's streams that no command could run, and sets the exit code: with `--json` the error object on
 * stdout, else words on stderr. Errors inside a command never come here: ParixCommand has shown them.
 */
export function printFailure(error: ParixError, argv: string[]): void {
  const given = beforeDoubleDash(argv)
  process.exitCode = error.exitCode
  if (given.includes('--json') && printedAsJson(error, serviceIn(given))) return
  createTerminal({noColor: given.includes('--no-color')}).showError(error, serviceIn(given))
}

type Service = Pick<BaseUrl, 'inPrint'>

/** What is suggested goes to the service that was named, as what was typed would have gone. */
function serviceIn(given: readonly string[]): Service {
  const flag = valueIn(given, /^(--base-url|-b)(=|$)/)
  const organizationFlag = valueIn(given, /^--organization(=|$)/)
  return flag === undefined && organizationFlag === undefined
    ? {}
    : {inPrint: {flag, loginFlag: flag, organizationFlag}}
}

function valueIn(given: readonly string[], flag: RegExp): string | undefined {
  const at = given.findIndex((word) => flag.test(word))
  if (at === -1) return undefined
  return given[at]!.includes('=') ? given[at]!.slice(given[at]!.indexOf('=') + 1) : given[at + 1]
}

/** `false`: stdout itself is what failed (a full disk), so the error has to be said elsewhere. */
function printedAsJson(error: ParixError, service: Service): boolean {
  try {
    createTerminal().result(`${JSON.stringify(errorObject(error, service), null, 2)}\n`)
    return true
  } catch {
    return false
  }
}
