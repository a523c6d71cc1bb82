import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {makeHome} from '@parix/testkit'
import {expect} from 'chai'
import {describeRunning, serviceDetails} from '../src/local-service.js'

const SESSION = {
  auth: {
    user: {id: '1', email: 'you@parix.local', name: 'You'},
    organization: {id: '2', name: 'Local', slug: 'local', memberRole: 'owner'},
  },
}

describe('what start and status say of a running service', () => {
  /** The row of the cluster, where `/health` gives `health`. */
  async function clusterRow(health: object): Promise<unknown> {
    const home = makeHome()
    const server = createServer(({url}, response) => {
      response.end(JSON.stringify(url === '/health' ? health : SESSION))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as AddressInfo
    const baseUrl = `http://localhost:${port}`
    try {
      const service = await describeRunning(home.path, {port, baseUrl, pid: 1, instance: 'x', startedAt: ''})
      return serviceDetails(service, false).details.find(([name]) => name === 'cluster')?.[1]
    } finally {
      server.closeAllConnections()
      server.close()
      home.remove()
    }
  }

  it('names the cluster behind it, its addresses, and why it does not respond', async () => {
    const cluster = {id: '7', addresses: ['127.0.0.1:3000', '127.0.0.1:3001'], answering: true}
    expect(await clusterRow({ok: true, cluster})).to.equal('7 at 127.0.0.1:3000, 127.0.0.1:3001')
    expect(await clusterRow({ok: true, cluster: {...cluster, answering: false, reason: 'nothing listens'}})).to.equal(
      '7 at 127.0.0.1:3000, 127.0.0.1:3001; it does not respond: nothing listens',
    )
  })

  it('names no cluster where there is none, or where the response is not of the contract', async () => {
    for (const health of [{ok: true}, {ok: true, cluster: null}, {ok: true, cluster: {id: 7, addresses: []}}]) {
      expect(await clusterRow(health)).to.equal(undefined)
    }
  })
})
