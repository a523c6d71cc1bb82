/** The floor: a loopback HTTP server that only parses a batch from JSON and answers 8,189 results. */

import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const events = JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown[]
    const results = events.map(() => ({timestamp: '1795546437845999999', status: 4294967295}))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(results))
  })
})

server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
