import {lstatSync, statSync} from 'node:fs'
import {userInfo} from 'node:os'
import {isAbsolute, join} from 'node:path'
import {errnoOf, FileError, reasonOf} from './errors.js'

/**
 * The only place that knows where parix keeps its files. Nothing is created here.
 *
 * Precedence: `PARIX_<KIND>_DIR` (the directory itself), else `$XDG_<KIND>_HOME/parix`, else a directory under the home
 * directory. A relative path would name another directory wherever the command is run from, so that a checkout could bring its
 * own session, plugins and outbox: a relative `PARIX_*_DIR` is refused, a relative XDG variable is ignored as the XDG
 * base directory specification requires.
 */
export type Environment = Readonly<Record<string, string | undefined>>

type Kind = 'CONFIG' | 'DATA' | 'STATE' | 'CACHE'

/** Settings and sessions. @throws FileError no_home, relative_path */
export function configDirectory(environment: Environment): string {
  return required('CONFIG', environment)
}

/**
 * The directory of `session.json`: the config directory. Where XDG_CONFIG_HOME names that and only `~/.config/parix/session.json`
 * exists, that one is used: older versions know no other, and one refresh token must not live in two files.
 *
 * @throws FileError no_home, relative_path
 */
export function sessionDirectory(environment: Environment): string {
  const directory = configDirectory(environment)
  const isUsed = (path: string) => exists(join(path, 'session.json'))
  if (environment.PARIX_CONFIG_DIR || isUsed(directory) || exists(join(directory, 'sessions'))) return directory
  const home = homeDirectory(environment)
  const older = home === undefined ? undefined : join(home, '.config', 'parix')
  return older !== undefined && isUsed(older) ? older : directory
}

/** Installed plugins and the local service's databases. @throws FileError no_home, relative_path */
export function dataDirectory(environment: Environment): string {
  return required('DATA', environment)
}

/**
 * The outbox; undefined without HOME, whatever the user database says: a bare CI job keeps its outbox under the temporary
 * directory, and is told so.
 *
 * @throws FileError relative_path
 */
export function stateDirectory(environment: Environment): string | undefined {
  return homeVariable(environment) || isChosen('STATE', environment) ? find('STATE', environment) : undefined
}

/** What can be recreated: compiled code, names for completion; undefined where there is no home. @throws FileError relative_path */
export function cacheDirectory(environment: Environment): string | undefined {
  return find('CACHE', environment)
}

/** Whether `PARIX_<KIND>_DIR` or the XDG variable names the directory, so that the home directory is not asked. */
export function isChosen(kind: Kind, environment: Environment): boolean {
  return chosen(kind, environment) !== undefined
}

/**
 * HOME (USERPROFILE on Windows), else what the system's user database says, if that exists: service accounts are listed with
 * `/nonexistent`. Undefined where there is none.
 */
export function homeDirectory(environment: Environment): string | undefined {
  return homeVariable(environment) ?? systemHome()
}

function homeVariable(environment: Environment): string | undefined {
  return [environment.HOME, environment.USERPROFILE].find((path) => path !== undefined && isAbsolute(path))
}

/** `process.cwd()`. @throws FileError no_current_directory, when it was removed or can't be reached */
export function currentDirectory(): string {
  try {
    return process.cwd()
  } catch (error) {
    throw new FileError('no_current_directory', `The current directory no longer exists (${errnoOf(error)}).`, {
      hint: 'Change to another directory first.',
      cause: error,
    })
  }
}

function required(kind: Kind, environment: Environment): string {
  const path = find(kind, environment)
  if (path !== undefined) return path
  throw new FileError('no_home', `There is no home directory: HOME is not set, and ${whoAmI()} has none.`, {
    hint: `Set HOME or PARIX_${kind}_DIR to an absolute path.`,
  })
}

function find(kind: Kind, environment: Environment): string | undefined {
  const path = chosen(kind, environment)
  if (path !== undefined) return path
  const windows = process.platform === 'win32' ? environment.LOCALAPPDATA : undefined
  if (kind !== 'CONFIG' && windows && isAbsolute(windows)) return join(windows, 'parix')
  const home = homeDirectory(environment)
  return home === undefined ? undefined : join(home, ...underHome(kind), 'parix')
}

function underHome(kind: Kind): string[] {
  if (kind === 'CONFIG') return ['.config']
  if (kind === 'CACHE') return process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']
  return ['.local', kind === 'DATA' ? 'share' : 'state']
}

function chosen(kind: Kind, environment: Environment): string | undefined {
  const name = `PARIX_${kind}_DIR`
  const own = environment[name]
  if (own) {
    if (isAbsolute(own)) return own
    throw new FileError('relative_path', `${name} must be an absolute path, not ${JSON.stringify(own)}.`, {
      hint: `Set ${name} to an absolute path, or unset it.`,
    })
  }
  const xdg = environment[`XDG_${kind}_HOME`]
  return xdg && isAbsolute(xdg) ? join(xdg, 'parix') : undefined
}

/** What can't be looked at exists: reading it says why it can't be read. */
function exists(path: string): boolean {
  try {
    return lstatSync(path, {throwIfNoEntry: false}) !== undefined
  } catch (error) {
    return errnoOf(error) !== 'ENOTDIR'
  }
}

function systemHome(): string | undefined {
  try {
    const {homedir} = userInfo()
    return isAbsolute(homedir) && statSync(homedir).isDirectory() ? homedir : undefined
  } catch {
    // In some containers the system does not know the user at all.
    return undefined
  }
}

function whoAmI(): string {
  try {
    return `user ${userInfo().username}`
  } catch (error) {
    return `user ${process.geteuid?.() ?? ''} (${reasonOf(error)})`
  }
}
