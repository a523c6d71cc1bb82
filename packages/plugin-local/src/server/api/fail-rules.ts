import type {FailRule} from './switches.js'

/**
 * A rule as `--fail-next` takes it: `WHAT[*TIMES][@[METHOD:]PATH]`, where WHAT is a status (`503`), `drop-answer`,
 * `drop-request` or `delay-MS`. As in `503*2`, `429@POST:/databases`, `drop-answer@create_transfers`.
 *
 * @returns undefined when the text is no rule
 */
export function parseFailRule(text: string): FailRule | undefined {
  const parts = /^(?<what>[\w-]+)(?:\*(?<times>\d{1,6}))?(?:@(?:(?<method>[A-Z]+):)?(?<path>\S+))?$/.exec(text)?.groups
  const effect = parts && parseEffect(parts.what!)
  if (!effect) return undefined
  const times = parts.times === undefined ? 1 : Number(parts.times)
  return times === 0 ? undefined : {times, method: parts.method, path: parts.path, ...effect}
}

function parseEffect(what: string): Partial<FailRule> | undefined {
  if (what === 'drop-answer') return {drop: 'answer'}
  if (what === 'drop-request') return {drop: 'request'}
  const delay = /^delay-(\d{1,7})$/.exec(what)?.[1]
  if (delay !== undefined) return {delayMs: Number(delay)}
  if (!/^[45]\d\d$/.test(what)) return undefined
  const status = Number(what)
  return {status, ...((status === 429 || status === 503) && {retryAfterS: 1})}
}
