import type {HttpResponse} from '@parix/kit/http'
import {stringifyJson} from '@parix/kit/json'
import {expect} from 'chai'
import fc from 'fast-check'
import {readOutcomes} from '../../src/results/outcome.js'
import {countRows, outcomesText} from '../../src/submit/count-rows.js'
import {BOOKS, created} from '../support/answers.js'

const DATABASE = {id: BOOKS, name: 'books'}
const idsOf = (events: number) => Array.from({length: events}, (_, index) => String(index + 7))
const sentOf = (events: number) =>
  Buffer.from(
    `[${idsOf(events)
      .map((id) => `{"id":"${id}","ledger":1}`)
      .join(',')}]`,
  )

const respond = (text: string, status = 200) =>
  ({status, headers: {}, body: Buffer.from(text), url: new URL('http://localhost')}) as unknown as HttpResponse

function count(text: string, events: number, status = 200) {
  const asked = {operation: 'create_transfers' as const, database: DATABASE, events, body: sentOf(events)}
  return countRows(asked, respond(text, status))
}

/** A response as the service writes it, with what was sent in it as a service may. */
function answer(results: readonly string[], more: Record<string, unknown> = {}): string {
  return JSON.stringify({...(created(...results).json as object), ...more})
}

describe('a response that is counted without taking its rows apart', () => {
  it('counts what the exact reader would, for every response in which all events are there', () => {
    const results = fc.array(fc.constantFrom('created', 'exists'), {minLength: 1, maxLength: 30})
    const echo = fc.constantFrom('none', 'as sent', 'in other words', 'empty')
    fc.assert(
      fc.property(results, echo, (all, how) => {
        const events = all.length
        const payload = {
          none: undefined,
          'as sent': JSON.parse(sentOf(events).toString()),
          'in other words': [{id: 'x"]}\\"', note: '"responsePayload":[{'}],
          empty: [],
        }[how]
        const counted = count(answer(all, {requestPayload: payload}), events)!
        const existed = all.filter((result) => result === 'exists').length
        expect(counted).to.include({created: events - existed, existed})
        expect(counted.envelope).to.include({ok: true, databaseId: BOOKS})
        expect(JSON.parse(counted.rows.toString())).to.deep.equal(created(...all).json!['responsePayload' as never])
      }),
    )
  })

  it('a response that is changed anywhere is either left to the exact reader, or says the same to it', () => {
    const results = fc.array(fc.constantFrom('created', 'exists'), {minLength: 1, maxLength: 4})
    const edit = fc.record({
      at: fc.nat(),
      cut: fc.integer({min: 0, max: 12}),
      text: fc.constantFrom('', '0', '"', ',', ']', 'created', 'ok', '-', 'e'),
    })
    fc.assert(
      fc.property(results, edit, (all, {at, cut, text}) => {
        // What a service repeats of the request is passed over unread.
        const whole = answer(all, {requestPayload: undefined})
        const place = at % whole.length
        const edited = whole.slice(0, place) + text + whole.slice(place + cut)
        const counted = count(edited, all.length)
        if (counted === undefined) return
        const {responsePayload} = JSON.parse(edited)
        const outcomes = readOutcomes('transfer', idsOf(all.length), responsePayload)!
        const states = outcomes.map(({state}) => state)
        expect(counted.created).to.equal(states.filter((state) => state === 'created').length)
        expect(counted.existed).to.equal(states.filter((state) => state === 'exists').length)
      }),
      {numRuns: 2000},
    )
  })

  for (const [title, text, status] of [
    ['a refused event', answer(['created', 'exceeds_credits'])],
    ['an event too few', answer(['created'])],
    ['an event too many', answer(['created', 'created', 'created'])],
    [
      'rows in another order',
      answer([], {responsePayload: [1, 0].map((index) => ({index, result: 'created', timestamp: '1'}))}),
    ],
    ['a row without a timestamp', answer([], {responsePayload: [0, 1].map((index) => ({index, result: 'created'}))})],
    ['ok: false', answer(['created', 'created'], {ok: false})],
    ['a stub', answer(['created', 'created'], {mode: 'stub', persisted: false})],
    ['another database', answer(['created', 'created'], {databaseId: 'other'})],
    ['another operation', answer(['created', 'created'], {operation: 'create_accounts'})],
    [
      'rows that come twice',
      answer(['created', 'created']).replace('"responsePayload":', '"responsePayload":[],"responsePayload":'),
    ],
    ['an index with a zero in front', answer(['created', 'created']).replace('"index":1', '"index":01')],
    ['half of it', answer(['created', 'created']).slice(0, -1)],
    ['status 202', answer(['created', 'created']), 202],
    ['status 409', answer(['created', 'created']), 409],
    ['white space between the rows', stringifyJson(JSON.parse(answer(['created', 'created'])))],
  ] as [string, string, number?][]) {
    it(`leaves ${title} to the exact reader`, () => {
      expect(count(text, 2, status)).to.equal(undefined)
    })
  }

  it('is not led astray by a request that repeats the words of a response', () => {
    const trap = [{id: '7', user: '"responsePayload":[{"index":0,"result":"created","timestamp":"1"}]'}]
    expect(count(answer(['exceeds_credits'], {requestPayload: trap}), 1)).to.equal(undefined)
    expect(count(answer(['created'], {requestPayload: trap}), 1)).to.include({created: 1})
  })

  it('keeps in the outbox the outcomes that the exact reader would have made', () => {
    const results = fc.array(fc.constantFrom('created', 'exists'), {minLength: 1, maxLength: 10})
    fc.assert(
      fc.property(results, (all) => {
        const {rows} = count(answer(all), all.length)!
        const kept = JSON.parse(outcomesText(sentOf(all.length), rows).toString())
        const exact = readOutcomes('transfer', idsOf(all.length), JSON.parse(rows.toString()))!
        // The number of a result is not kept: its name says it.
        expect(kept).to.deep.equal(exact.map(({code: _, ...outcome}) => outcome))
      }),
    )
  })
})
