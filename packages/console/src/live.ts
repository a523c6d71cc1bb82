/** New transfers as they are created, as server-sent events. However many there are, a page gets no more than it can show. */

import {setTimeout as pause} from 'node:timers/promises'
import {cursor, type PageContext} from './pages/page-context.js'
import {queryFilter} from './read/filters.js'
import {transferRow} from './view/tables.js'

/** Rows of one event; the others of the same moment are counted. */
const ROWS_MAX = 20
/** Rows that one look counts. */
const COUNT_MAX = 1_000
const TILES_EVERY_MS = 1_000
/** After this long without a row a comment is sent, so that a closed page is noticed. */
const SILENT_MS = 15_000
/** A page that stays open connects anew. */
const LIFE_MS = 30 * 60_000

export function liveTransfers(context: PageContext, parts: {tiles: () => Promise<string>}): Response {
  const ended = new AbortController()
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      void follow(context, {send, tiles: parts.tiles, signal: ended.signal})
        .catch((error: unknown) => {
          if (!ended.signal.aborted)
            context.host.log(`live rows: ${error instanceof Error ? error.message : String(error)}`)
        })
        .finally(() => {
          if (!ended.signal.aborted) controller.close()
        })
    },
    cancel: () => ended.abort(),
  })
  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    },
  })
}

interface Follower {
  send(text: string): void
  tiles(): Promise<string>
  signal: AbortSignal
}

async function follow({database, base, host, query}: PageContext, {send, tiles, signal}: Follower): Promise<void> {
  const {reader, chart} = database
  let last = cursor(query, 'after') ?? 0n
  let sentAt = Date.now()
  let tilesAt = 0
  let tilesDue = false
  const end = Date.now() + LIFE_MS
  send('retry: 1000\n\n')
  while (!signal.aborted && Date.now() < end) {
    const newest = await reader.queryTransfers(
      queryFilter({timestamp_min: last + 1n, limit: COUNT_MAX, newestFirst: true}),
    )
    if (signal.aborted) return
    if (newest.length > 0) {
      last = newest[0]!.timestamp
      const rows = newest.slice(0, ROWS_MAX)
      const html = rows.map((row) => String(transferRow(row, {base, chart}))).join('')
      // The browser sends the id of the last event when it connects again, but our address has the start as well.
      send(`event: rows\ndata: ${JSON.stringify({html, skipped: newest.length - rows.length})}\n\n`)
      sentAt = Date.now()
      tilesDue = true
    } else if (Date.now() - sentAt > SILENT_MS) {
      send(': still here\n\n')
      sentAt = Date.now()
    }
    if (tilesDue && Date.now() - tilesAt > TILES_EVERY_MS) {
      tilesDue = false
      tilesAt = Date.now()
      send(`event: tiles\ndata: ${JSON.stringify({html: await tiles()})}\n\n`)
    }
    await pause(host.limits.livePollMs, undefined, {signal}).catch(() => undefined)
  }
}
