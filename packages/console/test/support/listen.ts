import {createServer, type Server} from 'node:http'
import {getRequestListener} from '@hono/node-server'

export interface Listening {
  url: string
  close(): Promise<void>
}

export async function listen(respond: (request: Request) => Response | Promise<Response>): Promise<Listening> {
  const server: Server = createServer(getRequestListener(respond))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as {port: number}).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
