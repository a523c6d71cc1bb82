import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'

type Row = Record<string, string | number>

/** A proxy in front of a service that changes the rows of responses: what a fault in a ledger would look like. */
export interface EditingProxy {
  readonly baseUrl: string
  /** Called with the operation and its rows. Returns what the client sees. */
  edit: (operation: string, rows: Row[]) => Row[]
  stop(): Promise<void>
}

export async function startEditingProxy(target: string): Promise<EditingProxy> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', async () => {
      const operation = /\/tb\/(\w+)$/.exec(incoming.url ?? '')?.[1]
      const headers = Object.entries(incoming.headers).filter(([name]) =>
        /^(x-api-key|content-type|accept)$/.test(name),
      )
      const response = await fetch(target + incoming.url, {
        method: incoming.method ?? 'GET',
        headers: headers as [string, string][],
        ...(chunks.length > 0 && {body: Buffer.concat(chunks)}),
      })
      let text = await response.text()
      if (operation !== undefined && response.ok) {
        const document = JSON.parse(text) as {responsePayload: Row[]}
        text = JSON.stringify({...document, responsePayload: proxy.edit(operation, document.responsePayload)})
      }
      outgoing.writeHead(response.status, {'content-type': 'application/json'}).end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: EditingProxy = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    edit: (_, rows) => rows,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return proxy
}
