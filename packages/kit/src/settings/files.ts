import {randomBytes} from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {ParixError} from '../errors.js'
import {configFolder, type Environment} from '../folders.js'
import {type Json, parseJson, stringifyJson} from '../json.js'

/**
 * What a user or a project chose, in JSON files that people may edit. There is no secret in them: a project's file is
 * meant to be checked in. Keys that this version doesn't know are kept.
 */
export interface Settings {
  /** The default database (name or id), whichever service is in force. Written by hand. */
  database?: string
  /** The default database of one service, by its origin; goes before `database`. Written by `parix database use`. */
  databases?: Record<string, string>
  [other: string]: Json | undefined
}

/** `user`: config.json in the config folder. `project`: .parix.json, found upwards from the working folder. */
export type SettingsScope = 'user' | 'project'

export const PROJECT_FILE = '.parix.json'

/** Where the settings of a scope are, or would be made: a project's in `cwd` itself when there is none above it. */
export function settingsPath(scope: SettingsScope, environment: Environment, cwd: string): string {
  if (scope === 'user') return join(configFolder(environment), 'config.json')
  return findProjectFile(cwd) ?? join(cwd, PROJECT_FILE)
}

/** The nearest `.parix.json` in `cwd` or a folder above it. */
export function findProjectFile(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, PROJECT_FILE)
    if (statSync(path, {throwIfNoEntry: false})?.isFile()) return path
    if (folder === dirname(folder)) return undefined
  }
}

/**
 * The settings in a file; undefined when there is none.
 *
 * @throws ParixError BAD_INPUT when it isn't a JSON object, a database in it isn't text, or another user owns it (whoever
 *   owns the file decides where money goes), or everybody may write to it
 */
export function readSettings(path: string): Settings | undefined {
  const found = statSync(path, {throwIfNoEntry: false})
  if (found === undefined) return undefined
  if (!found.isFile()) throw badSettings(path, 'is not a file')
  const me = process.getuid?.()
  if (me !== undefined && me !== 0 && found.uid !== me && found.uid !== 0) {
    throw badSettings(path, 'belongs to another user, so it is not used')
  }
  // A group may share a checkout; everybody may not.
  if (me !== undefined && (found.mode & 0o002) !== 0) {
    throw badSettings(path, 'can be written by everybody, so it is not used', undefined, `chmod o-w ${path}`)
  }
  return checked(path, readJson(path))
}

/**
 * Changes the settings of a scope: what is there is read, `change` edits it, the file is replaced by a complete one.
 *
 * @returns the path written
 */
export function updateSettings(path: string, change: (settings: Settings) => void): string {
  const settings = readSettings(path) ?? {}
  change(settings)
  const folder = dirname(path)
  mkdirSync(folder, {recursive: true, mode: 0o700})
  const temporary = join(folder, `.parix-${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
  const mode = statSync(path, {throwIfNoEntry: false})?.mode ?? 0o644
  try {
    const file = openSync(temporary, 'wx', 0o600)
    try {
      writeSync(file, `${stringifyJson(settings)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    chmodSync(temporary, mode & 0o777)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, {force: true})
    throw new ParixError('FAILED', `${path} could not be written: ${(error as Error).message}`, {cause: error})
  }
  return path
}

function readJson(path: string): Json {
  try {
    return parseJson(readFileSync(path, 'utf8'))
  } catch (error) {
    throw badSettings(path, `can't be read: ${(error as Error).message}`, error)
  }
}

function checked(path: string, settings: Json): Settings {
  if (!isObject(settings)) throw badSettings(path, 'must hold a JSON object')
  const {database, databases} = settings
  if (database !== undefined && typeof database !== 'string') throw badSettings(path, '"database" must be text')
  if (databases !== undefined) {
    if (!isObject(databases)) throw badSettings(path, '"databases" must be an object: {"https://parix.io": "books"}')
    for (const [origin, name] of Object.entries(databases)) {
      if (typeof name !== 'string') throw badSettings(path, `the database of ${origin} must be text`)
    }
  }
  return settings as Settings
}

function isObject(value: Json | undefined): value is {[key: string]: Json} {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && value.constructor === Object
}

function badSettings(path: string, reason: string, cause?: unknown, next?: string): ParixError {
  return new ParixError('BAD_INPUT', `${path} ${reason}.`, {
    code: 'bad_settings',
    next: next ?? `Correct or remove ${path}.`,
    ...(cause !== undefined && {cause}),
  })
}
