import {ParixError} from '@parix/kit/errors'
import {nextCommand, plainCommand} from '@parix/kit/next-command'
import {cleanLine} from '@parix/kit/text'

const UNREACHABLE = [
  ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTCACHED', 'ERR_SOCKET_TIMEOUT', 'FETCH_ERROR'],
]

/**
 * What the failure of an installation means. plugin-plugins says no more than that npm failed, or that a package isn't in the
 * registry, also where the registry can't be reached; the log of npm has the reason.
 *
 * @param error what plugin-plugins, or a hook of a plugin, threw
 * @param log what npm wrote into its log files
 */
export function npmFailure(spec: string, error: {message: string; exit?: number}, log: string): ParixError {
  if (/not found: npm|npm not found/.test(error.message)) {
    return new ParixError('FAILED', 'npm, which installs plugins, is not there. It comes with Node.js.', {
      code: 'npm_missing',
    })
  }
  const lines = linesOf(log)
  const code = lines.findLast((line) => line.startsWith('code '))?.slice(5) ?? ''
  const reasons = lines.filter((line) => !/^(code|errno|syscall|type) |A complete log|Log files/.test(line))
  const errors = reasons.slice(0, 1)
  if (/git-is-not-allowed/.test(log) || code === 'EALLOWGIT') {
    return new ParixError(
      'BAD_INPUT',
      `${spec} is, or needs, a package from a git repository. Nothing was installed.`,
      {
        code: 'git_not_allowed',
        next: nextCommand('plugins install', {args: [spec], flags: {'allow-git': true}}),
      },
    )
  }
  if (UNREACHABLE.includes(code) || reasons.some((line) => /network request to|request to .* failed/.test(line))) {
    const address = /request to (https?:\/\/[^\s/]+)/.exec(log)?.[1] ?? 'the registry'
    return new ParixError('UNAVAILABLE', `Can't reach ${address}. Nothing was installed.`, {
      code: 'registry_unreachable',
      retryable: true,
      hint: 'Install from a file with everything in it instead: parix plugins install ./plugin.tgz',
      errors,
    })
  }
  if (code === 'E404')
    return new ParixError('NOT_FOUND', `${spec} is not in the registry, or something that it needs is not.`, {errors})
  if (code === 'ETARGET') return new ParixError('NOT_FOUND', `The registry has no such version: ${spec}.`, {errors})
  if (code !== '' || / exited with code /.test(error.message)) {
    return new ParixError('FAILED', `npm could not install ${spec}. Nothing was installed.`, {
      code: code === '' ? 'npm_failed' : code.toLowerCase(),
      errors: reasons.slice(0, 5),
    })
  }
  if (/plugin is invalid/.test(error.message)) {
    return new ParixError('BAD_INPUT', `${spec} is not a plugin: its package.json has no "oclif".`, {
      code: 'not_a_plugin',
      next: plainCommand('plugins create', {flags: {help: true}}),
    })
  }
  const message = cleanLine(error.message.split('\n')[0]!)
  // A hook that refuses speaks for itself; what is not allowed by `oclif.aliases`, too.
  if (error.exit !== undefined)
    return new ParixError('REFUSED', `${spec} was not installed: ${message}`, {code: 'plugin_refused'})
  return new ParixError('BAD_INPUT', `${spec} can't be loaded: ${message}`, {code: 'plugin_broken'})
}

/** The texts of lines such as `31 error code E404`. */
function linesOf(log: string): string[] {
  return [...log.matchAll(/^\d+ error (.+)$/gm)]
    .map(([, text]) => cleanLine(text!).trim())
    .filter((text) => text !== '')
}
