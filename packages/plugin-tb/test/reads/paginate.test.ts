import {setImmediate} from 'node:timers/promises'
import type {Api, ApiRequest, ApiResponse} from '@parix/kit/api'
import {problemError} from '@parix/kit/api'
import {parseBaseUrl} from '@parix/kit/origin'
import {expect} from 'chai'
import {type PagedRead, paginate} from '../../src/reads/paginate.js'
import {BOOKS, transfer} from '../support/answers.js'

interface Filter {
  limit: number
  timestamp_min?: string
  timestamp_max?: string
  flags: number
}

/** A service in this process, so that the order of requests and reads can be seen. It has transfers at 1, 2, … `last`. */
function service(last: number, {pageMax = Number.POSITIVE_INFINITY, write = JSON.stringify} = {}) {
  const filters: Filter[] = []
  const signals: AbortSignal[] = []
  const memories = new Set<ArrayBufferLike>()
  const request = async ({body, signal, onSent, responseMemory = Buffer.alloc}: ApiRequest): Promise<ApiResponse> => {
    const filter = JSON.parse(String(body)) as Filter
    filters.push(filter)
    if (signal) signals.push(signal)
    const url = new URL('http://127.0.0.1/')
    if (filter.limit > pageMax)
      return {status: 413, headers: {}, body: Buffer.from('{}'), url} as unknown as ApiResponse
    const [min, max] = [Number(filter.timestamp_min ?? 1), Number(filter.timestamp_max ?? last)]
    const all = Array.from({length: Math.max(0, Math.min(max, last) - min + 1)}, (_, index) =>
      transfer({id: String(min + index), timestamp: String(min + index)}),
    )
    const rows = (filter.flags === 1 ? all.reverse() : all).slice(0, filter.limit)
    const text = write({
      ok: true,
      operation: 'query_transfers',
      databaseId: BOOKS,
      requestPayload: [],
      responsePayload: rows,
    })
    // As in a service elsewhere, whoever asks has other work before the response comes.
    onSent?.()
    await setImmediate()
    const whole = responseMemory(text.length)
    memories.add(whole.buffer)
    return {
      status: 200,
      headers: {'content-type': 'application/json'},
      body: whole.subarray(0, whole.write(text, 'latin1')),
      url,
    } as unknown as ApiResponse
  }
  const api = {base: parseBaseUrl('http://127.0.0.1/'), request, refusal: problemError} as unknown as Api
  return {api, filters, signals, memories}
}

function query(api: Api, limit: number, flags = 0n): PagedRead {
  return {
    api,
    databaseId: BOOKS,
    operation: 'query_transfers',
    kind: 'query_filter',
    filter: {limit: BigInt(limit), flags},
  }
}

async function ids(read: PagedRead): Promise<string[]> {
  const found: string[] = []
  for await (const page of paginate(read, ['id']))
    for (let row = 0; row < page.count; row++) found.push(page.text(row, 'id'))
  return found
}

const upTo = (last: number) => Array.from({length: last}, (_, index) => String(index + 1))

describe('the page reader', () => {
  it('reads every row once, forwards and backwards, also where the last page is full', async () => {
    for (const last of [0, 1, 9, 10, 11, 20]) {
      const {api} = service(last)
      expect(await ids(query(api, 10)), `${last}`).to.deep.equal(upTo(last))
      expect(await ids(query(api, 10, 1n)), `${last}`).to.deep.equal(upTo(last).reverse())
    }
  })

  it('asks for half as many rows where the service says that it is too much, and stays there', async () => {
    const {api, filters} = service(25, {pageMax: 3})
    expect(await ids(query(api, 10))).to.deep.equal(upTo(25))
    expect(filters.slice(0, 4).map(({limit}) => limit)).to.deep.equal([10, 5, 3, 3])
    const none = service(5, {pageMax: 0})
    const error = await ids(query(none.api, 2)).catch((thrown: Error) => thrown)
    expect(error).to.have.nested.property('details.status', 413)
  })

  it('has the next page under way while one is read, and no more than that', async () => {
    const {api, filters} = service(30)
    const pages = paginate(query(api, 10))
    await pages.next()
    expect(filters).to.have.length(2)
    await pages.next()
    expect(filters).to.have.length(3)
    await pages.return(undefined)
  })

  it('gives up the page under way when nobody wants it', async () => {
    const {api, signals} = service(30)
    for await (const _ of paginate(query(api, 10))) break
    expect(signals.map(({aborted}) => aborted)).to.deep.equal([true, true])
  })

  it('asks for what follows a large page before its rows are read, and again where its end was misleading', async () => {
    // A last page that is nearly full is taken for a full one.
    for (const [last, requests] of [
      [4000, 3],
      [4200, 3],
      [5800, 4],
      [5999, 4],
    ] as const) {
      const {api, filters} = service(last)
      expect(await ids(query(api, 2000)), `${last}`).to.deep.equal(upTo(last))
      expect(filters, `${last}`).to.have.length(requests)
      expect(await ids(query(api, 2000, 1n)), `${last}`).to.deep.equal(upTo(last).reverse())
    }
    const misled = (timestamp: string) => (value: unknown) => JSON.stringify({...(value as object), after: {timestamp}})
    for (const timestamp of ['7', '0', '99999999999999999999', 'now'])
      expect(await ids(query(service(5000, {write: misled(timestamp)}).api, 2000)), timestamp).to.deep.equal(upTo(5000))
  })

  it('has two large pages in memory, however many there are', async () => {
    const {api, memories} = service(20_000)
    expect(await ids(query(api, 2000))).to.deep.equal(upTo(20_000))
    expect(memories.size).to.be.at.most(2)
  })

  it('leaves a page as it is until the next is asked for, although that has arrived', async () => {
    const {api} = service(12_000)
    const found: string[] = []
    for await (const page of paginate(query(api, 2000), ['id'])) {
      for (let turns = 0; turns < 3; turns++) await setImmediate()
      for (let row = 0; row < page.count; row++) found.push(page.text(row, 'id'))
    }
    expect(found).to.deep.equal(upTo(12_000))
  })

  it('reads rows in any layout, exactly', async () => {
    const write = (value: unknown) => JSON.stringify(value, null, 2)
    expect(await ids(query(service(25, {write}).api, 10))).to.deep.equal(upTo(25))
    const numbers = (value: unknown) => JSON.stringify(value).replaceAll(/"id":"(\d+)"/g, '"id":$1')
    expect(await ids(query(service(25, {write: numbers}).api, 10))).to.deep.equal(upTo(25))
    const first = (value: unknown) => {
      const {responsePayload, ...rest} = value as Record<string, unknown>
      return JSON.stringify({responsePayload, ...rest})
    }
    expect(await ids(query(service(25, {write: first}).api, 10))).to.deep.equal(upTo(25))
  })

  it('does not take the rows of a stub, of another database, or of a page that stands still', async () => {
    const changed = (fields: object) => (value: unknown) => JSON.stringify({...(value as object), ...fields})
    for (const [fields, code] of [
      [{mode: 'stub'}, 'not_persisted'],
      [{ok: false}, 'unreadable_answer'],
      [{databaseId: BOOKS.replace('1', '9')}, 'unreadable_answer'],
      [{responsePayload: Array.from({length: 10}, () => transfer({timestamp: '5'}))}, 'unreadable_answer'],
      [{responsePayload: null}, 'unreadable_answer'],
    ] as const) {
      const error = await ids(query(service(5, {write: changed(fields)}).api, 10)).catch((thrown: Error) => thrown)
      expect(error, JSON.stringify(fields)).to.have.property('code', code)
    }
  })
})
