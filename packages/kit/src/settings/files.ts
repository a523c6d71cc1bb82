import {lstatSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {replaceFile, writeTarget} from '@parix/files/atomic-write'
import {errnoOf} from '@parix/files/errors'
import {acquireLock, describeHolder} from '@parix/files/lock'
import {configDirectory, currentDirectory, type Environment} from '@parix/files/paths'
import {readPrivateText, unreadable} from '@parix/files/read-private-file'
import {ParixError} from '../errors.js'
import {fileErrorAdvice, isFileError, notWritable} from '../file-error.js'
import {isJsonObject, type Json, parseJson, stringifyJson} from '../json.js'
import {commandLine} from '../shell-words.js'

/**
 * What a user or a project chose, in JSON files that people may edit. They hold no secrets: a project's file is meant to be
 * committed. Unknown keys are kept.
 */
export interface Settings {
  /** The default database (name or id) of any service. Written by hand. */
  database?: string
  /**
   * The default database per service, by origin, or per organization there, by origin, `#` and the organization's id; takes
   * precedence over `database`. Written by `parix database use`.
   */
  databases?: Record<string, string>
  [other: string]: Json | undefined
}

/** `user`: config.json in the config directory. `project`: .parix.json in the current directory or above. */
export type SettingsScope = 'user' | 'project'

export const PROJECT_FILE = '.parix.json'

const FILE_BYTES_MAX = 1024 * 1024
const LOCK_WAIT_MS_MAX = 30_000

/** Needs no current directory. */
export function userSettingsPath(environment: Environment): string {
  return join(configDirectory(environment), 'config.json')
}

/** Where the settings of a scope are, or would be created: a project's in `cwd` itself when there is none above it. */
export function settingsPath(scope: SettingsScope, environment: Environment, cwd = currentDirectory()): string {
  if (scope === 'user') return userSettingsPath(environment)
  return findProjectFile(cwd) ?? join(cwd, PROJECT_FILE)
}

/**
 * The nearest `.parix.json` in `cwd` or a directory above it.
 *
 * @throws ParixError BAD_INPUT where it can't be seen whether there is one: another default would be used instead
 */
export function findProjectFile(cwd: string): string | undefined {
  for (let directory = resolve(cwd); ; directory = dirname(directory)) {
    const path = join(directory, PROJECT_FILE)
    if (exists(path)) return path
    if (directory === dirname(directory)) return undefined
  }
}

/**
 * The settings in a file; undefined when there is none.
 *
 * @throws ParixError BAD_INPUT when it can't be read, isn't a JSON object, is of a newer version, or somebody else may write
 *   to it: whoever can decides where money goes. Root may own it, and a group may share a checkout.
 */
export function readSettings(path: string): Settings | undefined {
  if (!exists(path)) return undefined
  try {
    const text = readPrivateText(path, {bytesMax: FILE_BYTES_MAX, trust: {root: true, group: true}})
    if (text === undefined) throw badSettings(path, 'is a symbolic link to a file that does not exist')
    return checked(path, parse(path, text))
  } catch (error) {
    if (!isFileError(error)) throw error
    throw new ParixError('BAD_INPUT', `The settings are not used. ${error.message}`, {
      code: 'bad_settings',
      ...fileErrorAdvice(error),
      cause: error,
    })
  }
}

/**
 * Changes the settings of a scope under a lock: reads what is there, lets `change` edit it, and replaces the file. A symbolic
 * link stays a link.
 *
 * @returns the path of the settings
 * @throws ParixError BAD_INPUT as `readSettings`; FAILED when it can't be written; UNAVAILABLE when another process holds the lock
 */
export async function updateSettings(path: string, change: (settings: Settings) => void): Promise<string> {
  let attempt: Awaited<ReturnType<typeof acquireLock>>
  try {
    const lock = `${writeTarget(path)}.lock`
    attempt = await acquireLock(lock, {stale: 'heartbeat', waitMaxMs: LOCK_WAIT_MS_MAX})
  } catch (error) {
    throw notWritable(path, error, 'settings_not_written')
  }
  if ('heldBy' in attempt) {
    const holder = describeHolder(attempt.heldBy.holder)
    throw new ParixError('UNAVAILABLE', `${holder} is changing ${path} and did not finish in time.`, {
      code: 'settings_locked',
      retryable: true,
      hint: 'Try again. If that process hangs, end it.',
    })
  }
  try {
    const settings = readSettings(path) ?? {}
    change(settings)
    replaceFile(path, `${stringifyJson(settings)}\n`, 'keep')
    return path
  } catch (error) {
    throw isFileError(error) ? notWritable(path, error, 'settings_not_written') : error
  } finally {
    attempt.lock.release()
  }
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, {throwIfNoEntry: false}) !== undefined
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return false
    const {message, details} = unreadable(path, error)
    throw new ParixError('BAD_INPUT', message, {
      code: 'bad_settings',
      ...(details.fix !== undefined && {next: commandLine(details.fix)}),
      cause: error,
    })
  }
}

function parse(path: string, text: string): Json {
  try {
    return parseJson(text)
  } catch (error) {
    throw badSettings(path, `is not valid JSON: ${(error as Error).message}`, error)
  }
}

function checked(path: string, settings: Json): Settings {
  if (!isJsonObject(settings)) throw badSettings(path, 'must hold a JSON object')
  const {version, database, databases} = settings
  if (version !== undefined && version !== 1) {
    throw new ParixError('BAD_INPUT', `${path} was written by a newer parix (version ${stringifyJson(version)}).`, {
      code: 'settings_from_newer_version',
      next: 'npm install --global @parix/cli',
    })
  }
  if (database !== undefined && typeof database !== 'string') throw badSettings(path, '"database" must be a string')
  if (databases !== undefined) {
    if (!isJsonObject(databases))
      throw badSettings(path, '"databases" must be an object: {"https://parix.io": "books"}')
    for (const [origin, name] of Object.entries(databases)) {
      if (typeof name !== 'string') throw badSettings(path, `the database of ${origin} must be a string`)
    }
  }
  return settings as Settings
}

function badSettings(path: string, reason: string, cause?: unknown): ParixError {
  return new ParixError('BAD_INPUT', `${path} ${reason}.`, {
    code: 'bad_settings',
    hint: `Correct or remove ${path}.`,
    ...(cause !== undefined && {cause}),
  })
}
