import type {ConsoleTool, Markup} from '@parix/console'
import {PATHS} from '@parix/kit/contract'
import {nextCommand, renderCommand, type ServiceInPrint} from '@parix/kit/next-command'
import {html} from 'hono/html'
import type {LoggedRequest, RequestLog} from './request-log.js'

const SHOWN = 100
const HOUR_MS = 3_600_000

type Pieces = typeof import('@parix/console')

/** The requests of the last hour, each with the command that sends it again. */
export function requestsTool(
  log: RequestLog,
  pieces: Pieces,
  {
    organizationOf,
    inPrint,
  }: {organizationOf: (request: Request) => Promise<string | undefined>; inPrint: ServiceInPrint},
): ConsoleTool {
  return {
    slug: 'requests',
    label: 'Requests',
    icon: 'requests',
    async show(request) {
      const organizationId = await organizationOf(request)
      const {searchParams: query} = new URL(request.url)
      const all = organizationId === undefined ? [] : log.of(organizationId)
      const wanted = selection(query)
      const recent = all.filter(({at}) => at > Date.now() - HOUR_MS)
      const found = recent.filter(wanted)
      return html`<div class="head"><div><h1>Requests</h1><p class="lead">What programs asked of the API in the last hour: ${pieces.count(recent.length, 'request')}. At most 1,000 are kept, in memory, without credentials.</p></div></div>
<form class="filters"><label>Path contains<input name="path" value="${query.get('path') ?? ''}" maxlength="200" autocomplete="off" spellcheck="false"></label><label>Status<select name="status">${STATUSES.map(
        ([value, label]) =>
          html`<option value="${value}"${query.get('status') === value ? html` selected` : ''}>${label}</option>`,
      )}</select></label><button type="submit">Show</button></form>
<section class="card"><table><thead><tr><th class="fit wide">Time</th><th class="fit">Status</th><th>Request</th><th class="r">ms</th></tr></thead>
<tbody>${found.slice(0, SHOWN).map((entry) => row(entry, pieces, inPrint))}</tbody></table>${found.length === 0 && html`<div class="empty">No requests.</div>`}${
        found.length > SHOWN && html`<footer>The latest ${SHOWN} of ${found.length} are shown.</footer>`
      }</section>`
    },
  }
}

const STATUSES = [
  ['', 'any'],
  ['ok', 'below 400'],
  ['refused', '400 to 499'],
  ['failed', '500 and above'],
] as const

function selection(query: URLSearchParams): (entry: LoggedRequest) => boolean {
  const path = query.get('path') ?? ''
  const status = query.get('status') ?? ''
  return (entry) => {
    if (!entry.path.includes(path)) return false
    if (status === 'ok') return entry.status < 400
    if (status === 'refused') return entry.status >= 400 && entry.status < 500
    return status !== 'failed' || entry.status >= 500
  }
}

function row(entry: LoggedRequest, {badge, command, name}: Pieces, inPrint: ServiceInPrint): Markup {
  const {at, method, path, status, ms, problem} = entry
  const again = replay(entry, inPrint)
  return html`<tr><td class="fit wide"><time>${new Date(at).toISOString().slice(11, 23)}</time></td>
<td class="fit">${badge(status < 400 ? 'good' : status < 500 ? 'hold' : 'bad', String(status))}</td>
<td class="any"><details><summary><strong>${name(method)}</strong> ${name(path.replace(`${PATHS.api}/`, ''))}</summary>${problem && html`<p>${name(problem)}</p>`}${
    again === undefined ? html`<p class="soft">The body was not kept.</p>` : command(again)
  }</details></td><td class="r">${ms < 10 ? ms.toFixed(1) : Math.round(ms).toString()}</td></tr>`
}

/** The request as a command; undefined where the body is not at hand. */
function replay({method, path, body}: LoggedRequest, inPrint: ServiceInPrint): string | undefined {
  const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'DELETE'
  if (hasBody && body === undefined) return undefined
  const flags = {...(method !== (body ? 'POST' : 'GET') && {method}), ...(body && {data: body})}
  return renderCommand(nextCommand('api', {args: [path], flags}), {inPrint})
}
