import {isAbsolute} from 'node:path'
import {cacheDirectory, dataDirectory} from '@parix/files/paths'

const VARIABLES = ['HOME', 'USERPROFILE', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME']

/**
 * Removes empty and relative directories from `environment`, for oclif and for plugins too (threats 4.15, 4.16): they would be
 * below the current directory, and a checkout that somebody looks around in would bring plugins of its own.
 */
export function dropRelativeDirectories(environment: NodeJS.ProcessEnv): void {
  for (const name of VARIABLES) {
    const directory = environment[name]
    if (directory !== undefined && !isAbsolute(directory)) delete environment[name]
  }
}

/** Where installed plugins are; undefined where no directory can be used. The commands that need one say why. */
export function pluginDirectory(): string | undefined {
  return attempt(() => dataDirectory(process.env))
}

/** Where compiled code and names for completion are kept; undefined where no directory can be used. */
export function usableCacheDirectory(): string | undefined {
  return attempt(() => cacheDirectory(process.env))
}

function attempt(find: () => string | undefined): string | undefined {
  try {
    return find()
  } catch {
    return undefined
  }
}
