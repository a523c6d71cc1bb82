import {isAbsolute} from 'node:path'

/** Each says where a folder is: of code that is run (plugins, compiled code), of settings, or of what was sent. */
const FOLDERS = [
  'HOME',
  'USERPROFILE',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'PARIX_CACHE_DIR',
  'PARIX_CONFIG_DIR',
  'PARIX_DATA_DIR',
]

/**
 * Takes out of `environment` the folders that are empty or relative, as the XDG text says and threats 4.15 and 4.16:
 * they would be below the working folder, and a checkout that one looks around in would bring plugins of its own. What
 * remains is the home that the system has written down.
 */
export function dropRelativeFolders(environment: NodeJS.ProcessEnv): void {
  for (const name of FOLDERS) {
    const folder = environment[name]
    if (folder !== undefined && !isAbsolute(folder)) delete environment[name]
  }
}
