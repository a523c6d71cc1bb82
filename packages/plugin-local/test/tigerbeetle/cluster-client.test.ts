import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {CreateTransferStatus, type Transfer, TransferFlags} from '@parix/ledger/schema'
import {expect} from 'chai'
import {clusterSource, loadClient} from '../../src/server/tigerbeetle/cluster.js'
import {ClusterClient, type NativeClient} from '../../src/server/tigerbeetle/cluster-client.js'
import type {LedgerPort} from '../../src/server/tigerbeetle/port.js'

/**
 * No cluster can run here. The native client is a scripted one: what is tested is what the service makes of its answers,
 * its errors and its silence. The address is a real one, at which a server accepts connections and says nothing.
 */
type Step = 'answer' | 'silence' | 'ERR_CLIENT_EVICTED' | 'ERR_CLIENT_CLOSED' | 'ERR_TOO_MUCH_DATA'

interface Script {
  /** What each call does, in order; the last continues. */
  steps: Step[]
  made: number
  destroyed: number
  calls: {name: string; argument: unknown}[]
  /** Transfers that a lookup finds. */
  stored: Partial<Transfer>[]
}

function scripted(...steps: Step[]) {
  const script: Script = {steps, made: 0, destroyed: 0, calls: [], stored: []}
  const fail = (code: string) => Object.assign(new Error(`scripted ${code}`), {name: 'RequestError', code})
  const createClient = (): NativeClient => {
    script.made++
    const waiting = new Set<(error: Error) => void>()
    let isDestroyed = false
    const call = (name: string, response: (argument: unknown) => unknown) => async (argument: unknown) => {
      if (isDestroyed) throw fail('ERR_CLIENT_CLOSED')
      script.calls.push({name, argument})
      const step = script.steps.length > 1 ? script.steps.shift()! : script.steps[0]!
      if (step === 'answer') return response(argument)
      if (step === 'silence') return new Promise((_, reject) => waiting.add(reject))
      throw fail(step)
    }
    const created = (events: unknown) =>
      (events as unknown[]).map((_, i) => ({timestamp: BigInt(i + 1), status: 4294967295}))
    return {
      createAccounts: call('createAccounts', created),
      createTransfers: call('createTransfers', created),
      lookupAccounts: call('lookupAccounts', () => []),
      lookupTransfers: call('lookupTransfers', () => script.stored),
      getAccountTransfers: call('getAccountTransfers', () => []),
      getAccountBalances: call('getAccountBalances', () => []),
      queryAccounts: call('queryAccounts', () => []),
      queryTransfers: call('queryTransfers', () => []),
      destroy() {
        isDestroyed = true
        script.destroyed++
        for (const reject of waiting) reject(fail('ERR_CLIENT_CLOSED'))
      },
    } as unknown as NativeClient
  }
  return {script, createClient}
}

describe('the client of a cluster', () => {
  let silent: Server
  let address = ''
  before(async () => {
    silent = createServer((socket) => socket.on('error', () => undefined))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    address = `127.0.0.1:${(silent.address() as {port: number}).port}`
  })
  after(() => silent.close())

  const clients: ClusterClient[] = []
  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
  })

  function connect(...steps: Step[]) {
    const {script, createClient} = scripted(...steps)
    const times = {responseWaitMs: 200, silentWaitMs: 100}
    const client = new ClusterClient({clusterId: 7n, addresses: [address], createClient, ...times})
    clients.push(client)
    const lookup = () => client.call((native) => native.lookupAccounts([1n]))
    const failure = async () => (await lookup().catch((error: unknown) => error)) as Error
    return {script, client, lookup, failure}
  }

  for (const code of ['ERR_CLIENT_EVICTED', 'ERR_CLIENT_CLOSED'] as const) {
    it(`${code}: the client is replaced and the call made again`, async () => {
      const {script, lookup} = connect('answer', code, 'answer')
      await lookup()
      expect(await lookup()).to.deep.equal([])
      expect([script.made, script.destroyed, script.calls.length]).to.deep.equal([2, 1, 3])
    })
  }

  it('one that is evicted as often as it is made is not made for ever', async () => {
    const {script, failure} = connect('ERR_CLIENT_EVICTED')
    const error = await failure()
    expect(error.name).to.equal('LedgerUnavailable')
    expect(error.message).to.equal(`cluster 7 at ${address}: scripted ERR_CLIENT_EVICTED`)
    expect(script.made).to.be.within(2, 4)
  })

  it('an error that says something about the request is passed on, and the client stays', async () => {
    const {script, lookup, failure} = connect('ERR_TOO_MUCH_DATA', 'answer')
    expect(await failure()).to.have.property('code', 'ERR_TOO_MUCH_DATA')
    await lookup()
    expect(script.made).to.equal(1)
  })

  it('silence ends in words that name cluster id and addresses; the next call waits less, and an answer clears it', async () => {
    const {script, client, lookup, failure} = connect('silence', 'silence', 'answer')
    expect((await failure()).message).to.match(
      /^cluster 7 at 127.*: no response within 0.2 seconds. Is the cluster id right/,
    )
    expect((await failure()).message).to.contain('no response within 0.1 seconds')
    expect(client.state).to.have.property('answering', false)
    await lookup()
    expect(client.state).to.deep.equal({answering: true})
    expect(script.destroyed).to.be.greaterThan(0)
  })

  it('calls that are given up do not pile up: a client holds a bounded number of them', async () => {
    const {script, lookup, failure} = connect('answer', 'silence')
    await lookup()
    for (let call = 0; call < 20; call++) await failure()
    // 8 on the client that had answered, and one on each that never did.
    expect(script.destroyed).to.be.within(10, 14)
    expect(script.made).to.be.at.most(script.destroyed + 1)
  }).timeout(10_000)

  it('a call that shares its client with one that is given up is made again on the next client', async () => {
    const {script, client, lookup} = connect('silence', 'silence', 'answer')
    const first = client.call((native) => native.lookupAccounts([1n]), 50).catch((error: Error) => error.message)
    const second = client.call((native) => native.lookupAccounts([2n]), 2_000)
    expect(await first).to.contain('no response within 0.05 seconds')
    expect(await second).to.deep.equal([])
    await lookup()
    expect(script.made).to.equal(2)
  })

  it('while no replica accepts connections there is no native client at all, and calls are refused at once', async () => {
    const {script, createClient} = scripted('answer')
    const client = new ClusterClient({clusterId: 7n, addresses: ['127.0.0.1:1', 'localhost:1'], createClient})
    clients.push(client)
    expect(await client.probe()).to.have.property('answering', false)
    const error = (await client.call((native) => native.lookupAccounts([1n])).catch((e: unknown) => e)) as Error
    expect(error.message).to.match(
      /^cluster 7 at 127.0.0.1:1, localhost:1: no replica accepts connections \(.*ECONNREFUSED/,
    )
    expect(script.made).to.equal(0)
  })

  it('after close, nothing waits and nothing is made', async () => {
    const {script, client, failure} = connect('silence')
    const waiting = failure()
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.close()
    expect((await waiting).message).to.contain('closing')
    expect(script.made).to.equal(1)
  })

  describe('imported posts and voids', () => {
    const POST = TransferFlags.post_pending_transfer
    const VOID = TransferFlags.void_pending_transfer
    const {imported, linked} = TransferFlags
    const event = (id: bigint, flags: number, pending_id = 0n) => ({id, flags, pending_id}) as Transfer
    const {created} = CreateTransferStatus
    const DEADLY = CreateTransferStatus.imported_event_timeout_must_be_zero

    async function create(events: Transfer[], stored: Partial<Transfer>[]) {
      const {script, createClient} = scripted('answer')
      script.stored = stored
      const source = clusterSource({clusterId: 7n, addresses: [address], createClient})
      const ledger: LedgerPort = await source.open('books')
      const results = await ledger.createTransfers(events)
      await source.close()
      const sent = script.calls
        .filter(({name}) => name === 'createTransfers')
        .flatMap(({argument}) => argument as Transfer[])
      return {
        statuses: results.map(({status}) => status),
        sent: sent.map(({id}) => id),
        lookups: script.calls.filter(({name}) => name === 'lookupTransfers').length,
      }
    }

    it('of a pending transfer that has a timeout are refused and never sent, because they end the server for good', async () => {
      for (const flag of [POST, VOID]) {
        const {statuses, sent} = await create([event(1n, flag | imported, 10n)], [{id: 10n, timeout: 3600}])
        expect([statuses, sent]).to.deep.equal([[DEADLY], []])
      }
    })

    it('of one without a timeout, or of none, are sent as they are', async () => {
      const events = [event(1n, POST | imported, 10n), event(2n, POST | imported, 11n), event(3n, imported)]
      const {statuses, sent} = await create(events, [{id: 10n, timeout: 0}])
      expect([statuses, sent]).to.deep.equal([
        [created, created, created],
        [1n, 2n, 3n],
      ])
    })

    it('cost a lookup only where a batch has any: others are sent at once', async () => {
      expect((await create([event(1n, POST, 10n), event(2n, 0)], [])).lookups).to.equal(0)
      expect((await create([event(1n, imported)], [])).lookups).to.equal(0)
      // The server refuses these itself, before it looks at the pending transfer: the batch is not an imported one.
      expect((await create([event(1n, 0), event(2n, POST | imported, 10n)], [])).lookups).to.equal(0)
    })

    it('take their linked chain with them, and leave the rest of the batch in order', async () => {
      const events = [
        event(1n, imported),
        event(2n, imported | linked),
        event(3n, imported | linked | POST, 10n),
        event(4n, imported),
        event(5n, imported),
        event(6n, 0),
      ]
      const {statuses, sent} = await create(events, [{id: 10n, timeout: 1}])
      const failed = CreateTransferStatus.linked_event_failed
      const expected = CreateTransferStatus.imported_event_expected
      expect(statuses).to.deep.equal([created, failed, DEADLY, failed, created, expected])
      expect(sent).to.deep.equal([1n, 5n])
    })
  })
})

describe('which tigerbeetle-node is loaded', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-client-'))
  })
  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  /** A package of this version, with code that must not run unless it fits. */
  function install(version: string): string {
    const home = join(directory, 'node_modules/tigerbeetle-node')
    mkdirSync(join(home, 'dist'), {recursive: true})
    writeFileSync(
      join(home, 'package.json'),
      JSON.stringify({name: 'tigerbeetle-node', version, main: 'dist/index.js'}),
    )
    writeFileSync(
      join(home, 'dist/index.js'),
      `globalThis.loadedTigerBeetle = true; exports.createClient = () => ${JSON.stringify(version)}`,
    )
    return join(directory, 'program.js')
  }

  for (const version of ['0.17.0', '0.17.9', '0.17.123']) {
    it(`${version} is`, async () => {
      const createClient = await loadClient(install(version))
      expect(createClient({cluster_id: 0n, replica_addresses: []})).to.equal(version)
    })
  }

  for (const version of ['0.15.4', '0.16.66', '0.18.0', '1.17.0', '0.17', '0.17.9-rc.1']) {
    it(`${version} is not: it is refused by its version, and its code does not run`, async () => {
      Reflect.deleteProperty(globalThis, 'loadedTigerBeetle')
      const error = (await loadClient(install(version)).catch((caught: unknown) => caught)) as Error
      expect(error).to.have.property('code', 'CLIENT_MISSING')
      expect(error.message).to.contain(`is version ${version}`).and.contain('0.17')
      expect(globalThis).to.not.have.property('loadedTigerBeetle')
    })
  }

  it('none: the error says what is needed', async () => {
    const error = (await loadClient(join(directory, 'program.js')).catch((caught: unknown) => caught)) as Error
    expect(error.message).to.contain('needs the package tigerbeetle-node 0.17').and.contain('not installed')
  })
})
