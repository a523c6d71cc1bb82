import {createHmac} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import {createServer, type RequestListener, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {ParixError} from '@parix/kit/errors'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {
  commandSink,
  deliver,
  eventCount,
  type Patience,
  type Sink,
  signatureOf,
  webAddress,
  webSink,
} from '../../src/watch/deliver.js'
import {refusalOf, refused} from '../support/refusal.js'

const BATCH = {lines: '{"a":1}\n{"a":2}\n', count: 2}

/** A clock that only moves when somebody sleeps. */
function patience(changes: Partial<Patience> = {}) {
  let clock = 0
  const [slept, warned]: [number[], string[]] = [[], []]
  const all: Patience = {
    ...{retryForMs: undefined, delayMs: 1000, now: () => clock, warn: (sentence) => warned.push(sentence)},
    sleep: async (ms) => {
      slept.push(ms)
      clock += ms
    },
    ...changes,
  }
  return {all, slept, warned}
}

/** Fails that often, then takes. */
function failing(times: number, error: unknown = new Error('it is busy.')): Sink & {tries: () => number} {
  let tries = 0
  const sink: Sink = async () => {
    if (++tries <= times) throw error
  }
  return Object.assign(sink, {tries: () => tries})
}

describe('delivering a batch', () => {
  it('saves the cursor once, after it was taken', async () => {
    const order: string[] = []
    const {all, slept, warned} = patience()
    await deliver(
      async () => void order.push('taken'),
      BATCH,
      () => order.push('saved'),
      all,
    )
    expect([order, slept, warned]).to.deep.equal([['taken', 'saved'], [], []])
  })

  it('tries again until it is taken, with pauses that double up to 30 s, and says why and when', async () => {
    const sink = failing(8)
    let saves = 0
    const {all, slept, warned} = patience()
    await deliver(sink, BATCH, () => saves++, all)
    expect([sink.tries(), saves]).to.deep.equal([9, 1])
    expect(slept).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    expect(warned[0]).to.equal('2 events not delivered: it is busy. Next attempt in 1 s.')
    expect(warned.at(-1)).to.contain('in 30 s.')
  })

  it('gives up when the next attempt would come too late, and saves nothing', async () => {
    for (const [retryForMs, tries] of [
      [0, 1],
      [999, 1],
      [1000, 2],
      [2999, 2],
      [3000, 3],
    ] as const) {
      const sink = failing(99)
      const {all} = patience({retryForMs})
      let saved = false
      const error = await refusalOf(() => deliver(sink, BATCH, () => (saved = true), all))
      expect(error).to.include({
        ...{kind: 'UNAVAILABLE', exitCode: 75, code: 'not_delivered'},
        message: '2 events could not be delivered: it is busy. They come again.',
      })
      expect([sink.tries(), saved], `${retryForMs}`).to.deep.equal([tries, false])
    }
  })

  it('passes on the hint of an error, and shows whatever else was thrown as text', async () => {
    const {all} = patience({retryForMs: 0})
    const hinted = failing(9, new ParixError('FAILED', 'No.', {hint: 'Start it.'}))
    expect((await refusalOf(() => deliver(hinted, BATCH, () => {}, all))).details.hint).to.equal('Start it.')
    expect((await refusalOf(() => deliver(failing(9, 'odd'), BATCH, () => {}, all))).message).to.contain(
      'delivered: odd. They',
    )
  })

  it('a cursor that can not be saved is an error, and the batch is not given twice', async () => {
    const sink = failing(0)
    const error = await refusalOf(() =>
      deliver(
        sink,
        BATCH,
        () => {
          throw new ParixError('FAILED', 'The cursor is full.')
        },
        patience().all,
      ),
    )
    expect([error.message, sink.tries()]).to.deep.equal(['The cursor is full.', 1])
  })

  it('counts one event as one', () => {
    expect([eventCount(0), eventCount(1), eventCount(2)]).to.deep.equal(['0 events', '1 event', '2 events'])
  })
})

describe('a command that takes batches', () => {
  let home: TestHome
  before(() => {
    home = makeHome()
  })
  after(() => home.remove())
  const run = (command: string, batch = BATCH) => commandSink(command, 'stderr')(batch)

  it('has the lines on its stdin, all of them', async () => {
    const lines = `${'x'.repeat(1000)}\n`.repeat(2000)
    await run(`cat > ${home.path}/taken`, {lines, count: 2000})
    expect(readFileSync(`${home.path}/taken`, 'utf8')).to.equal(lines)
  })

  it('takes them by exit code 0 alone, also where it does not read them', async () => {
    await run('exit 0', {lines: 'x'.repeat(10_000_000), count: 1})
    for (const [command, reason] of [
      ['exit 3', 'the command ended with exit code 3'],
      ['cat > /dev/null; exit 1', 'the command ended with exit code 1'],
      ['kill -9 $$', 'the command ended with SIGKILL'],
      ['no-such-command-anywhere 2> /dev/null', 'the command ended with exit code 127 (there is no such command)'],
    ] as const)
      expect(await run(command).catch((error: Error) => error.message), command).to.equal(reason)
  })

  it('is a line of a shell', async () => {
    await run(`cat | wc -l > '${home.path}/count' && true`)
    expect(readFileSync(`${home.path}/count`, 'utf8').trim()).to.equal('2')
    expect(existsSync(`${home.path}/count`)).to.equal(true)
  })
})

describe('an address that takes batches', () => {
  let server: Server | undefined
  afterEach(() => {
    server?.close()
    server?.closeAllConnections()
    server = undefined
  })

  async function listen(listener: RequestListener): Promise<URL> {
    server = createServer(listener)
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1`)
  }

  it('gets NDJSON, how many events it has, and a signature of the second and the body', async () => {
    const requests: {method: string; url: string; headers: NodeJS.Dict<string | string[]>; body: string}[] = []
    const url = await listen(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      requests.push({method: request.method!, url: request.url!, headers: request.headers, body})
      response.writeHead(204).end()
    })
    await webSink(url, 's3cret', () => 1_700_000_000_999)(BATCH)
    const [{method, url: path, headers, body}] = requests as [(typeof requests)[0]]
    expect([method, path, body]).to.deep.equal(['POST', '/hook?x=1', BATCH.lines])
    expect(headers).to.include({'content-type': 'application/x-ndjson', 'parix-events': '2'})
    const mac = createHmac('sha256', 's3cret').update(`1700000000.${BATCH.lines}`).digest('hex')
    expect(headers['parix-signature']).to.equal(`t=1700000000,v1=${mac}`)
    expect(JSON.stringify(headers)).not.to.contain('s3cret')
  })

  it('takes them by any status of 2xx, and by no other', async () => {
    let status = 200
    const url = await listen((request, response) => {
      request.resume()
      response.writeHead(status).end('not of interest')
    })
    for (status of [200, 201, 204, 299]) await webSink(url, 's')(BATCH)
    for (status of [300, 301, 400, 401, 404, 409, 429, 500, 503]) {
      const message = await webSink(url, 's')(BATCH).catch((error: Error) => error.message)
      expect(message).to.equal(`${url.origin} responded with HTTP ${status}`)
    }
  })

  it('that is down, or closes the connection, has not taken them', async () => {
    const url = await listen((request) => request.socket.destroy())
    const outcome = () => webSink(url, 's')(BATCH).catch((error: {code: string}) => error.code)
    expect(await outcome())
      .to.be.a('string')
      .and.not.equal('')
    server!.close()
    server!.closeAllConnections()
    expect(await outcome())
      .to.be.a('string')
      .and.not.equal('')
  })

  it('that answers late takes a batch once, when it answers', async () => {
    let requests = 0
    let answer = () => {}
    let onArrival = () => {}
    const arrived = new Promise<void>((resolve) => {
      onArrival = resolve
    })
    const url = await listen((request, response) => {
      requests++
      request.resume()
      answer = () => response.writeHead(200).end()
      onArrival()
    })
    const order: string[] = []
    const delivery = deliver(webSink(url, 's'), BATCH, () => order.push('saved'), patience().all).then(() =>
      order.push('done'),
    )
    await arrived
    expect(order).to.deep.equal([])
    answer()
    await delivery
    expect([order, requests]).to.deep.equal([['saved', 'done'], 1])
  })

  it('has a signature that changes with the second, the body and the secret', () => {
    const one = signatureOf(1, 'body', 'secret')
    expect(one).to.match(/^[0-9a-f]{64}$/)
    for (const other of [
      signatureOf(2, 'body', 'secret'),
      signatureOf(1, 'Body', 'secret'),
      signatureOf(1, 'body', 'Secret'),
    ])
      expect(other).not.to.equal(one)
    expect(signatureOf(1, 'body', 'secret')).to.equal(one)
  })

  it('is https anywhere, and http on this machine alone; a password in it is never repeated', () => {
    for (const text of ['https://example.org/hook', 'http://127.0.0.1:9/', 'http://localhost:9/x', 'http://[::1]:9/'])
      expect(webAddress(text).href, text).to.equal(new URL(text).href)
    for (const text of [
      'http://example.org/',
      'ftp://127.0.0.1/',
      'file:///etc/passwd',
      'example.org',
      '',
      'http://127.0.0.1.example.org/',
      'javascript:1',
    ])
      expect(
        refused(() => webAddress(text)),
        text,
      ).to.include({kind: 'BAD_INPUT'})
    for (const text of [
      'https://me:pass-word@example.org/',
      'https://pass-word@example.org',
      'http://:pass-word@example.org/',
    ])
      expect(refused(() => webAddress(text)).message, text).not.to.contain('pass-word')
    expect(refused(() => webAddress(`http://${'x'.repeat(5000)}`)).message.length).to.be.below(250)
  })

  it('is never http to another machine, however it is written', () => {
    fc.assert(
      fc.property(fc.domain(), fc.nat({max: 65_535}), (host, port) => {
        expect(webAddress(`https://${host}:${port}/x`).hostname).to.equal(host)
        refused(() => webAddress(`http://${host}:${port}/x`))
      }),
      {numRuns: 25},
    )
  })
})
