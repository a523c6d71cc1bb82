import {PATHS} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, plainCommand, renderCommand} from '@parix/kit/next-command'
import {type BaseUrl, resolveTarget, serviceUrl} from '@parix/kit/origin'

/**
 * What `<path>` means: `databases` stands under `{base}/api/v1`, `api/…` under the base URL, `/x` at the root of the origin,
 * and a whole URL is itself. Never another origin, however it is spelled (threats 3.1–3.3).
 *
 * @throws ParixError NOT_SENT, BAD_INPUT
 */
export function resolvePath(base: BaseUrl, text: string): URL {
  const drive = /^[A-Za-z]:[\\/](?:.*?[\\/])?(api[\\/].*)?$/.exec(text)
  if (drive !== null) throw rewrittenPath(text, drive[1])
  if (text.trim() === '') throw new ParixError('BAD_INPUT', 'The path is empty.', {next: plainCommand('api session')})
  const underBase = /^api\//.test(text)
  return resolveTarget(underBase ? base : {url: serviceUrl(base, PATHS.api), origin: base.origin}, text)
}

/** Git Bash on Windows makes a path of its own installation of an argument that begins with a slash. */
function rewrittenPath(text: string, path = 'databases'): ParixError {
  const message = `${JSON.stringify(text)} is a path on this machine. Git Bash rewrites arguments that begin with a slash.`
  return new ParixError('BAD_INPUT', `Nothing was sent: ${message}`, {
    code: 'rewritten_path',
    hint: 'Leave the leading slash out.',
    next: renderCommand(nextCommand('api', {args: [path.replaceAll('\\', '/')]})),
  })
}

/** Said after a 404 for a path that is not of the API: most likely the leading slash was one too many. */
export function missingPathHint(base: BaseUrl, target: URL): string | undefined {
  const path = target.pathname
  if (path.startsWith(serviceUrl(base, '/api/').pathname) || path === '/') return undefined
  const command = nextCommand('api', {args: [path.slice(1) + target.search]})
  return `Paths of the API need no leading slash: ${renderCommand(command, base)}`
}

/** An operation that only reads: it may be sent again, and it pages by timestamps where its response can be cut off. */
export function isLedgerRead(target: URL): boolean {
  return /\/tb\/(lookup|get|query)_[a-z_]+$/.test(target.pathname)
}

/** The operations whose filter has `limit`, `timestamp_min` and `timestamp_max`. */
export function isLedgerQuery(target: URL): boolean {
  return /\/tb\/(get|query)_[a-z_]+$/.test(target.pathname)
}

/** An operation that creates by ids: sent again with the same body, it makes nothing twice. */
export function isLedgerCreate(target: URL): boolean {
  return /\/tb\/create_[a-z_]+$/.test(target.pathname)
}
