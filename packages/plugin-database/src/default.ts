import type {Api} from '@parix/kit/api'
import {resolveDatabase} from '@parix/kit/databases'
import {
  type ChosenDatabase,
  chooseDatabase,
  databaseKey,
  type Environment,
  databaseInForce as inForce,
  readSettings,
  type SettingsScope,
  settingsPath,
  updateSettings,
} from '@parix/kit/settings'

export interface DefaultWorld {
  environment: Environment
  /** The current directory when left out. */
  cwd?: string
}

/** What `parix database use` did, or found. */
export interface DefaultDatabase {
  /** The default as it is stored, a name or an id; null: there is none. */
  database: string | null
  /** The service that it is the default for. */
  origin: string
  /** `argument` never. Null where there is none. */
  source: ChosenDatabase['source'] | null
  /** The file that was written, or that holds it. */
  path: string | null
}

/**
 * The database that a command is about, by name or id.
 *
 * @throws ParixError USAGE when none is given and none is the default
 */
export function databaseInForce(argument: string | undefined, api: Api, world: DefaultWorld): ChosenDatabase {
  return inForce({argument, ...placeOf(api), ...world})
}

function placeOf({base}: Api): {origin: string; organization: string | undefined} {
  return {origin: base.origin, organization: base.inPrint?.organizationId}
}

/** The default that is in use for this service and directory, and where it comes from. */
export function currentDefault(api: Api, world: DefaultWorld): DefaultDatabase {
  const chosen = chooseDatabase({...placeOf(api), ...world})
  return {
    database: chosen?.database ?? null,
    origin: api.base.origin,
    source: chosen?.source ?? null,
    path: chosen?.path ?? null,
  }
}

/** Stores what the user wrote, a name or an id, after asking the service whether there is such a database. */
export async function setDefault(
  api: Api,
  scope: SettingsScope,
  nameOrId: string,
  world: DefaultWorld,
): Promise<DefaultDatabase> {
  await resolveDatabase(api, nameOrId)
  const {origin, organization} = placeOf(api)
  // A project's file is read with an API key as well, which names no organization.
  const key = scope === 'user' ? databaseKey(origin, organization) : origin
  const path = await updateSettings(settingsPath(scope, world.environment, world.cwd), (settings) => {
    settings.databases = {...settings.databases, [key]: nameOrId}
  })
  return {database: nameOrId, origin, source: scope, path}
}

/** Takes the default of this service out of one file. `path` is null when there was none in it. */
export async function unsetDefault(api: Api, scope: SettingsScope, world: DefaultWorld): Promise<DefaultDatabase> {
  const {origin, organization} = placeOf(api)
  const key = databaseKey(origin, organization)
  const path = settingsPath(scope, world.environment, world.cwd)
  const settings = readSettings(path)
  const gone = {database: null, origin, source: null}
  const {[key]: own, [origin]: ofService} = settings?.databases ?? {}
  if (own === undefined && ofService === undefined && settings?.database === undefined) return {...gone, path: null}
  await updateSettings(path, (stored) => {
    const {[origin]: _, [key]: __, ...others} = stored.databases ?? {}
    if (Object.keys(others).length > 0) stored.databases = others
    else delete stored.databases
    // Written by hand, for every service: left in place it would be the default still.
    delete stored.database
  })
  return {...gone, path}
}
