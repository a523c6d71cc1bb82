import {createServer, type Server} from 'node:net'
import {isParixError} from '@parix/kit/errors'
import {parseBaseUrl} from '@parix/kit/origin'
import {expect} from 'chai'
import {assertSomethingListens} from '../../src/auth/login.js'

describe('looking whether a service on this machine was started', () => {
  const listening = async (host: string): Promise<{server: Server; port: number}> => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, host, resolve))
    return {server, port: (server.address() as {port: number}).port}
  }
  const closed = (server: Server) => new Promise((resolve) => server.close(resolve))

  it('says at once that nothing listens, and how to start it', async () => {
    const {server, port} = await listening('127.0.0.1')
    await closed(server)
    const error = await assertSomethingListens(parseBaseUrl(`http://localhost:${port}`)).catch(
      (thrown: unknown) => thrown,
    )
    expect(isParixError(error) && [error.exitCode, error.details.next]).to.deep.equal([
      75,
      ['parix local status', `parix local start --port ${port}`],
    ])
  })

  it('is content with one of the families that localhost has', async () => {
    const {server, port} = await listening('127.0.0.1')
    await assertSomethingListens(parseBaseUrl(`http://localhost:${port}`))
    await closed(server)
  })

  it('does not ask beyond this machine', () => assertSomethingListens(parseBaseUrl('https://parix.invalid')))
})
