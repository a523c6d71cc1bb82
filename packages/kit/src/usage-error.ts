import {errnoOf, reasonOf} from '@parix/files/errors'
import {isParixError, ParixError} from './errors.js'
import {fromFileError, isFileError} from './file-error.js'
import {type NextCommand, nextCommand} from './next-command.js'
import {suggest} from './suggest.js'
import {usageMessage} from './usage-message.js'

/** What @oclif/core throws: `oclif.exit` is the exit code it means. Matched by shape: plugins may bring their own copy. */
interface OclifError extends Error {
  oclif?: {exit?: number}
  code?: string
  parse?: {input?: {flags?: Record<string, unknown>}}
  /** Of a flag that doesn't exist: what was typed. */
  flags?: unknown
}

/**
 * Whatever a command threw, as a ParixError: oclif's usage errors without their surroundings (`--json` would print the
 * whole configuration), Node's errors with a sentence, anything else as a fault of ours.
 *
 * @param commandName as a user types it, such as `parix tb create-transfers`
 */
export function toParixError(error: unknown, commandName: string): ParixError {
  if (isParixError(error)) return error
  if (isFileError(error)) return fromFileError(error)
  if (!(error instanceof Error)) return new ParixError('FAILED', String(error))
  const exit = (error as OclifError).oclif?.exit
  // A question of a library that was cancelled by Ctrl-C.
  if (error.name === 'ExitPromptError' || error.name === 'AbortPromptError') {
    return new ParixError('INTERRUPTED', 'Interrupted.', {cause: error})
  }
  if ((error as OclifError).parse !== undefined || (exit === 2 && error.constructor.name !== 'ExitError')) {
    const message = usageMessage(error) + meantFlag(error)
    return new ParixError('USAGE', message, {next: helpOf(commandName), cause: error})
  }
  return new ParixError('FAILED', sentenceOf(error), {
    cause: error,
    ...(exit !== undefined && {exitCode: exit}),
    ...((error as OclifError).code !== undefined && {code: String((error as OclifError).code).toLowerCase()}),
  })
}

/** What the system refused, in words; Node's own are `ENOTDIR: not a directory, stat 'file'`. */
function sentenceOf(error: Error): string {
  const {syscall, path} = error as NodeJS.ErrnoException
  const reason = reasonOf(error)
  if (syscall === undefined || reason === errnoOf(error)) return error.message || error.name
  return path === undefined ? `A file can't be used: ${reason}.` : `${path} can't be used: ${reason}.`
}

/** ' Did you mean --limit?' after a flag that doesn't exist, where one is near; nothing is ever run on a guess. */
function meantFlag({flags, parse}: OclifError): string {
  if (!Array.isArray(flags)) return ''
  const known = Object.keys(parse?.input?.flags ?? {})
  // Without the dashes, which every flag has: they would make `--org` look like `--port`.
  const typed = flags.map((flag) => /^--([^=]+)/.exec(String(flag))?.[1]).filter((name) => name !== undefined)
  const meant = typed.flatMap((name) => suggest(name, known, 1))
  return meant.length === 0 ? '' : ` Did you mean ${meant.map((name) => `--${name}`).join(' ')}?`
}

/** @param commandName with the name of the program in front */
function helpOf(commandName: string): NextCommand {
  return nextCommand(commandName.split(' ').slice(1).join(' '), {flags: {help: true}})
}
