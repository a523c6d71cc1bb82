import {homedir} from 'node:os'
import {join} from 'node:path'

/** Where oclif keeps this CLI's cache, configuration and user plugins; the same answers, without loading oclif. */
export function folder(category: 'cache' | 'config' | 'data', environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment[`PARIX_${category.toUpperCase()}_DIR`]
  if (own) return own
  const home = environment.HOME || (process.platform === 'win32' && environment.USERPROFILE) || systemHome()
  if (category === 'cache' && process.platform === 'darwin') return join(home, 'Library', 'Caches', 'parix')
  const base =
    environment[`XDG_${category.toUpperCase()}_HOME`] ||
    (process.platform === 'win32' && environment.LOCALAPPDATA) ||
    join(home, category === 'data' ? '.local/share' : `.${category}`)
  return join(base, 'parix')
}

/**
 * The home that the system has written down for this user. In some containers it knows no such user: then a place below
 * which nothing can be, since nothing may be read from one that others could make.
 */
export function systemHome(): string {
  try {
    return homedir()
  } catch {
    return '/dev/null'
  }
}
