import {html} from 'hono/html'
import {renderPage} from './layout.js'

/** A page for what went wrong. `message` is ours: text from a request never comes here. */
export function errorPage(status: number, message: string): Promise<Response> {
  return renderPage({
    title: 'That did not work',
    status,
    body: html`<h1>That did not work</h1><p>${message}</p>
<p class="soft">You can close this window, and try again from the terminal: <code>parix auth login</code></p>`,
  })
}
