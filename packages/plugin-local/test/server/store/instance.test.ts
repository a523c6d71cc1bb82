import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {askInstance, findHolder} from '../../../src/server/store/instance.js'

describe('the note that a service leaves in its data directory', () => {
  let dataDir: string

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-note-'))
  })
  afterEach(() => rmSync(dataDir, {recursive: true, force: true}))

  const whole = {pid: 4242, port: 1, baseUrl: 'http://localhost:1', instance: 'x', startedAt: ''}

  // Only looked at: no test signals a process that a note names, as 0 and below would mean groups of them.
  for (const odd of [{pid: 0}, {pid: -1}, {pid: 1}, {pid: 1.5}, {pid: '42'}, {port: 0}, {port: 65_536}, {baseUrl: 7}]) {
    it(`is not believed if it says ${JSON.stringify(odd)}`, async () => {
      writeFileSync(join(dataDir, 'service.json'), JSON.stringify({...whole, ...odd}))
      expect(await findHolder(dataDir)).to.deep.equal({state: 'none'})
    })
  }

  for (const text of ['', '{', '[]', 'null', '"x"', '7']) {
    it(`is not believed if it is ${JSON.stringify(text)}`, async () => {
      writeFileSync(join(dataDir, 'service.json'), text)
      expect(await findHolder(dataDir)).to.deep.equal({state: 'none'})
    })
  }
})

describe('what listens on a noted port', () => {
  const whole = (status: number, text: string) => (response: ServerResponse) => response.writeHead(status).end(text)
  const CASES: Record<string, [answer: (response: ServerResponse) => void, outcome: unknown]> = {
    JSON: [whole(200, '{"a": 1}'), {status: 200, body: {a: 1}}],
    'no JSON': [whole(200, 'hello'), {status: 200, body: undefined}],
    'the address of another': [
      (response) => response.writeHead(302, {location: 'http://127.0.0.1:9/'}).end('{}'),
      {status: 302, body: {}},
    ],
    'a text without an end': [
      (response) => {
        const more = () => response.write('x'.repeat(10_000), () => setImmediate(more))
        more()
      },
      {status: 200, body: undefined},
    ],
    'less than it promised': [
      (response) => {
        response.writeHead(200, {'content-length': 100})
        response.write('{"a"', () => response.destroy())
      },
      undefined,
    ],
    'no HTTP': [(response) => response.socket!.end('hello'), undefined],
  }
  for (const [what, [answer, outcome]] of Object.entries(CASES)) {
    it(`is asked, and may say ${what}`, async () => {
      const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      try {
        expect(await askInstance((server.address() as AddressInfo).port, '/health')).to.deep.equal(outcome)
      } finally {
        server.closeAllConnections()
        server.close()
      }
    })
  }
})
