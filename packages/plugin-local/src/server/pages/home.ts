import {PATHS} from '@parix/kit/contract'
import {html} from 'hono/html'
import {renderPage} from './layout.js'

export function homePage(baseUrl: string): Promise<Response> {
  return renderPage({
    title: 'Local service',
    body: html`<h1>Parix runs on this machine</h1>
<p>A local Parix service for development and tests, not for production. It speaks the API of the hosted service, and keeps everything on this machine.</p>
<p>Sign in from a terminal:</p>
<p class="secret">parix auth login --base-url ${baseUrl}</p>
<ul class="ways">
<li><a href="/console/"><b>Console</b><span class="soft">Look at your databases: balances, transfers, holds, requests</span></a></li>
<li><a href="${PATHS.apiKeys}"><b>API keys</b><span class="soft">Create and revoke keys for scripts and CI</span></a></li>
<li><a href="/docs"><b>API reference</b><span class="soft">Every route, with samples for curl, JavaScript and the CLI</span></a></li>
<li><a href="/device"><b>Enter a device code</b><span class="soft">Sign in a terminal on another machine</span></a></li>
</ul>`,
  })
}

/** Where the CLI's listener sends the browser once it has its tokens. */
export function grantedPage(): Promise<Response> {
  return renderPage({
    title: 'Signed in',
    body: html`<h1>You are signed in</h1><p>Go back to the terminal. You can close this window.</p>`,
  })
}
