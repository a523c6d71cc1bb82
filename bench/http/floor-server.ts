/**
 * The least that any JSON service does: parse the body, answer as many constant results as it had events. At `/rows` it
 * answers a page of constant transfers.
 */

import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {EVENTS} from './batches.js'
import {report} from './report.js'

const NUMBER = '2176843456498543218975412345678901234'
const TRANSFER = {
  ...{id: NUMBER, debit_account_id: NUMBER, credit_account_id: NUMBER, amount: '100', pending_id: '0'},
  ...{user_data_128: '0', user_data_64: '0', user_data_32: 0, timeout: 0, ledger: 1, code: 1, flags: 0},
  timestamp: '1795546437845999999',
}
const ROWS = Array.from({length: EVENTS}, () => TRANSFER)

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown[]
    const results =
      request.url === '/rows'
        ? ROWS
        : body.map((_, index) => ({index, result: 'created', timestamp: '1795546437845999999'}))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ok: true, responsePayload: results}))
  })
})

server.listen(0, '127.0.0.1', () => report((server.address() as AddressInfo).port, ''))
