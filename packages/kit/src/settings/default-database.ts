import {currentDirectory, type Environment} from '@parix/files/paths'
import {ParixError} from '../errors.js'
import {plainCommand} from '../next-command.js'
import {findProjectFile, readSettings, userSettingsPath} from './files.js'

/** Where the choice of a database came from, in the order of precedence. */
export type DatabaseSource = 'argument' | 'environment' | 'project' | 'user'

export interface ChosenDatabase {
  /** A name or an id, as it was written. */
  database: string
  source: DatabaseSource
  /** The file that holds it, for `project` and `user`. */
  path?: string
}

export interface DatabaseQuestion {
  /** `<database-id>` on the command line. */
  argument?: string | undefined
  /** Origin of the service in use (`api.base.origin`): a default chosen for one service is never used at another. */
  origin: string
  /** The id of the organization that is signed in there, where it is known. */
  organization?: string | undefined
  environment: Environment
  /** The current directory when left out. */
  cwd?: string
}

/**
 * The database that a command is about: what was given, else PARIX_DATABASE, else the project's, else the user's default;
 * undefined when none of them says.
 *
 * @throws ParixError BAD_INPUT when a settings file that has to be read is damaged
 */
export function chooseDatabase({
  argument,
  origin,
  organization,
  environment,
  cwd,
}: DatabaseQuestion): ChosenDatabase | undefined {
  if (argument !== undefined) return {database: argument, source: 'argument'}
  const variable = environment.PARIX_DATABASE?.trim()
  if (variable) return {database: variable, source: 'environment'}
  const project = findProjectFile(cwd ?? currentDirectory())
  const files = [
    ...(project === undefined ? [] : [{source: 'project' as const, path: project}]),
    {source: 'user' as const, path: userSettingsPath(environment)},
  ]
  for (const {source, path} of files) {
    const settings = readSettings(path)
    const own = settings?.databases?.[databaseKey(origin, organization)]
    const database = own ?? settings?.databases?.[origin] ?? settings?.database
    if (database) return {database, source, path}
  }
  return undefined
}

/** The key in `databases` of an organization at a service; that of the service where none is known. */
export function databaseKey(origin: string, organization: string | undefined): string {
  return organization === undefined ? origin : `${origin}#${organization}`
}

/**
 * As `chooseDatabase`, for commands that can't do without.
 *
 * @throws ParixError USAGE when none is given and none is the default
 */
export function databaseInForce(question: DatabaseQuestion): ChosenDatabase {
  const chosen = chooseDatabase(question)
  if (chosen !== undefined) return chosen
  throw new ParixError('USAGE', 'Which database? There is no default.', {
    code: 'no_database',
    hint: 'Name it, or choose a default: parix database use NAME',
    next: plainCommand('database list'),
  })
}
