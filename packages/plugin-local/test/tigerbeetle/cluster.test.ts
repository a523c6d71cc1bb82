import {createServer, type Server} from 'node:net'
import {expect} from 'chai'
import {useApi} from '../support/api.js'

/**
 * No cluster can run here. What can be shown: the official client loads and is asked, a cluster that never answers does
 * not hold up the end of the service, and what needs no cluster works without one.
 */
describe('a service for a real cluster', () => {
  let connections = 0
  let whenAsked: () => void
  const asked = new Promise<void>((resolve) => (whenAsked = resolve))
  let silent: Server

  before(async () => {
    silent = createServer((socket) => {
      connections++
      socket.on('error', () => undefined)
      whenAsked()
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const {port} = silent.address() as {port: number}
    Object.assign(options.cluster, {addresses: [`127.0.0.1:${port}`]})
  })
  after(() => silent.close())

  const options = {cluster: {clusterId: 0n, addresses: [] as string[]}}
  const api = useApi(options)

  it('has databases as ever, and asks the cluster for the rest', async () => {
    const id = await api.makeDatabase('books')
    expect((await api.operate(id, 'create_accounts', '[]')).status).to.equal(422)
    expect((await api.operate(id, 'query_accounts', '{"limit":8190}')).status).to.equal(413)
    const pending = api.operate(id, 'query_accounts', '{}').catch((error: Error) => error)
    await asked
    expect(connections).to.be.greaterThan(0)
    const started = performance.now()
    await api.restart()
    expect(performance.now() - started).to.be.lessThan(15_000)
    await pending
  })

  it('says what is behind it in /health, and nothing of a cluster of the user that it does not know', async () => {
    const {addresses} = options.cluster
    const health = (await (await fetch(api.url('/health'))).json()) as {cluster: object}
    expect(health.cluster).to.deep.include({id: '0', addresses, answering: false})
    const id = await api.makeDatabase('names')
    const info = (await api.call('GET', `/databases/${id}`)).json
    expect(info).to.deep.include({ledgerId: 'cluster-0', provider: null, region: null})
    expect(info.profile).to.deep.include({
      deploymentNetworkMode: 'cluster',
      selectedNodeCount: 1,
      selectedVcpu: null,
      selectedMemoryGb: null,
      tigerbeetleVersion: null,
    })
    const {json} = await api.call('DELETE', `/databases/${id}`)
    expect(json.message).to.match(/Only the name goes: cluster 0 at 127.* keeps what is in it\.$/)
  })
})
