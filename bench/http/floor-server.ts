/** The least that any JSON service does: parse the body, answer as many constant results as it had events. */

import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {report} from './report.js'

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const events = JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown[]
    const results = events.map((_, index) => ({index, result: 'created', timestamp: '1795546437845999999'}))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ok: true, responsePayload: results}))
  })
})

server.listen(0, '127.0.0.1', () => report((server.address() as AddressInfo).port, ''))
