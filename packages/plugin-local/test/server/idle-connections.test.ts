import {connect} from 'node:net'
import {expect} from 'chai'
import {openPort, type Port} from '../../src/server/port.js'

/** Short enough for a test; what is shown is that each of them ends a connection at all. */
const LIMITS = {requestMs: 300, headersMs: 200, keepAliveMs: 100, silentMs: 100}

describe('connections of the local service that nobody uses', () => {
  let port: Port
  before(async () => {
    port = await openPort(0, (request, response) => void request.resume().on('end', () => response.end('ok')), LIMITS)
  })
  after(() => port.close())

  const WAYS = {
    'one that never sends a byte': '',
    'one that stops within the request line': 'GET / HT',
    'one that stops within its headers': 'GET / HTTP/1.1\r\nHost: ',
    'one that stops within its body': 'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 9\r\n\r\nhalf',
    'one that stops within a chunk': 'POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nf\r\nhalf',
    'one that is kept open after a response': 'GET / HTTP/1.1\r\nHost: HOST\r\n\r\n',
    'one whose second request stops': 'GET / HTTP/1.1\r\nHost: HOST\r\n\r\nGET / HTTP/1.1\r\n',
  }
  for (const [way, bytes] of Object.entries(WAYS)) {
    it(`end: ${way}`, async () => {
      const sent = bytes.replaceAll('HOST', `localhost:${port.number}`)
      const received = await new Promise<string>((resolve, reject) => {
        let text = ''
        const socket = connect(port.number, '127.0.0.1', () => sent !== '' && socket.write(sent))
        socket.on('data', (chunk) => {
          text += chunk.toString()
        })
        socket.on('error', reject)
        // The test itself fails by its own limit where the connection stays.
        socket.on('close', () => resolve(text))
      })
      if (way.includes('response')) expect(received).to.match(/^HTTP\/1\.1 200 /)
      else expect(received).to.match(/^$|HTTP\/1\.1 (408|400) /)
    })
  }
})
