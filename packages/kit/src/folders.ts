import {userInfo} from 'node:os'
import {isAbsolute, join} from 'node:path'

/**
 * Where parix keeps things, by the XDG base directory specification (a relative path in a variable is ignored, as it says).
 * Folders are parix's own; none is made here.
 */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the user chose: settings. */
export function configFolder(environment: Environment): string {
  return folder(environment, 'XDG_CONFIG_HOME', '.config')
}

/** What parix keeps for the user: the local service's databases. */
export function dataFolder(environment: Environment): string {
  return folder(environment, 'XDG_DATA_HOME', join('.local', 'share'))
}

function folder(environment: Environment, variable: string, underHome: string): string {
  const chosen = environment[variable]
  return join(chosen && isAbsolute(chosen) ? chosen : join(home(environment), underHome), 'parix')
}

function home(environment: Environment): string {
  const found = [environment.HOME, environment.USERPROFILE].find((path) => path !== undefined && isAbsolute(path))
  // With an empty or a relative HOME `homedir` repeats it, and whatever folder one stands in would be the home.
  return found ?? userInfo().homedir
}
