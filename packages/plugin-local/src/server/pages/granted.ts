import {html} from 'hono/html'
import {renderPage} from './layout.js'

/** Where the CLI's listener sends the browser when it has its tokens. */
export function grantedPage(): Promise<Response> {
  return renderPage({
    title: 'Signed in',
    body: html`<h1>You are signed in</h1><p>Done: go back to the terminal. You can close this window.</p>`,
  })
}

export function homePage(baseUrl: string): Promise<Response> {
  return renderPage({
    title: 'Local service',
    body: html`<h1>Parix runs on this machine</h1>
<p>This is the local Parix service. It speaks what the hosted one speaks, and keeps everything on this machine.</p>
<p>Sign in from a terminal:</p>
<p class="secret">parix auth login --base-url ${baseUrl}</p>
<p class="soft"><a href="/settings/api-keys">API keys</a> for scripts. <a href="/docs">The API</a>, described.</p>`,
  })
}
