import {type CommandFlags, nextCommand, renderCommand} from '@parix/kit/next-command'
import {html} from 'hono/html'
import type {ConsoleHost, DatabaseCard, Visitor} from '../host.js'
import type {Page} from '../view/layout.js'
import {badge, command, type Markup, name} from '../view/markup.js'

const SHOWN_MAX = 200

/** Every database that the visitor may read. */
export async function databasesPage(host: ConsoleHost, visitor: Visitor): Promise<Page> {
  const databases = await visitor.databases()
  return {
    title: 'Databases',
    body: html`<div class="head"><div><h1>Databases</h1><p class="lead">TigerBeetle databases of your organization.</p></div></div>
<section class="card"><table><thead><tr><th>Name</th><th>Status</th><th class="wide">Place</th><th class="wide">Created</th></tr></thead>
<tbody>${databases.slice(0, SHOWN_MAX).map((database) => databaseRow(host, database))}</tbody></table>
${databases.length === 0 && html`<div class="empty">No databases yet.</div>`}
${databases.length > SHOWN_MAX && html`<footer>${SHOWN_MAX} of ${databases.length} databases are shown.</footer>`}</section>
<section class="card"><header><h2>On the command line</h2></header><div class="body">${command(commandOf(host, 'database create', ['books'], {wait: true}))}${command(commandOf(host, 'database list'))}</div></section>`,
  }
}

function databaseRow(host: ConsoleHost, {id, name: text, status, place, createdAt}: DatabaseCard): Markup {
  const label = name(text)
  return html`<tr><td class="cut">${status === 'READY' ? html`<a class="acct open" href="${databasePath(host, {id, name: text})}">${label}</a>` : label}</td>
<td class="fit">${badge(status === 'READY' ? 'good' : status === 'FAILED' ? 'bad' : 'hold', status.toLowerCase())}</td><td class="wide">${name(place)}</td><td class="wide">${name(createdAt.slice(0, 16).replace('T', ' '))}</td></tr>`
}

function commandOf({inPrint}: ConsoleHost, words: string, args: string[] = [], flags: CommandFlags = {}): string {
  return renderCommand(nextCommand(words, {args, flags}), inPrint && {inPrint})
}

/** Names that read well in an address are used there; others by their id. */
export function databasePath({base}: ConsoleHost, {id, name: text}: {id: string; name: string}): string {
  return `${base}/${encodeURIComponent(/^[a-z0-9][\w.-]{0,63}$/i.test(text) ? text : id)}`
}
