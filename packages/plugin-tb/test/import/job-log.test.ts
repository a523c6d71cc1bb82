import {expect} from 'chai'
import fc from 'fast-check'
import {emptyProgress, type Progress, readLog, type Sent} from '../../src/import/job-log.js'

/** Request `n`, of ten lines and a hundred bytes. */
const sent = (n: number): Sent => ({
  ...{n, lines: [1 + 10 * n, 11 + 10 * n], bytes: [100 * n, 100 * (n + 1)], rows: 10, source: `s${n}`, body: `b${n}`},
})
const done = (n: number) => ({n, created: 7, existed: 2, refused: 1, refusedBytes: 50 * (n + 1)})
const text = (...lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')
const read = (...lines: object[]): Progress => readLog(text(...lines)).progress

describe('the log of an import', () => {
  it('that is empty, or not there, is an import that has not begun', () => {
    expect(readLog()).to.deep.equal({progress: emptyProgress(), length: 0})
    expect(readLog('')).to.deep.equal({progress: emptyProgress(), length: 0})
  })

  it('a request that was noted and has no response is pending: it is sent again as it was', () => {
    const progress = read({send: sent(0)})
    expect([...progress.pending.values()]).to.deep.equal([sent(0)])
    expect(progress).to.include({next: undefined, requests: 0})
    expect(read({send: sent(0)}, {unsent: 0}).pending.size).to.equal(0)
  })

  it('with its response it is behind us: what follows begins where it ends', () => {
    const progress = read({send: sent(0)}, {done: done(0)})
    expect(progress).to.deep.include({next: {line: 11, byte: 100}, requests: 1, refusedBytes: 50})
    expect(progress.totals).to.deep.equal({rows: 10, created: 7, existed: 2, refused: 1})
    expect(progress.pending.size).to.equal(0)
  })

  it('responses in any order: it goes on after the last before which none is missing, and counts all', () => {
    const order = fc
      .integer({min: 1, max: 7})
      .chain((count) => fc.tuple(fc.constant(count), fc.shuffledSubarray(Array.from({length: count}, (_, n) => n))))
    fc.assert(
      fc.property(order, ([count, answered]) => {
        const all = Array.from({length: count}, (_, n) => n)
        const progress = read(...all.map((n) => ({send: sent(n)})), ...answered.map((n) => ({done: done(n)})))
        const gap = all.find((n) => !answered.includes(n)) ?? count
        expect(progress.requests).to.equal(gap)
        expect(progress.next).to.deep.equal(gap === 0 ? undefined : {line: 1 + 10 * gap, byte: 100 * gap})
        expect([...progress.pending.keys()]).to.have.members(all.filter((n) => !answered.includes(n)))
        expect([...progress.ahead.keys()]).to.have.members(answered.filter((n) => n > gap))
        expect(progress.totals.rows).to.equal(10 * answered.length)
        expect(progress.done.map(({n}) => n)).to.have.members(answered)
      }),
    )
  })

  it('cut at any byte by a crash, it is the log up to the last whole line, and says where that ends', () => {
    const lines = [
      {validated: {rows: 30, bytes: 300}},
      {send: sent(0)},
      {send: sent(1)},
      {done: done(0)},
      {ledger: 'ü'},
      {done: done(1)},
    ]
    const whole = Buffer.from(text(...lines))
    fc.assert(
      fc.property(fc.integer({min: 0, max: whole.length}), (cut) => {
        const bytes = whole.subarray(0, cut)
        const end = bytes.lastIndexOf(0x0a) + 1
        const {progress, length} = readLog(bytes.toString())
        expect(length).to.equal(end)
        const kept = end === 0 ? 0 : bytes.subarray(0, end).toString().trimEnd().split('\n').length
        expect(progress).to.deep.equal(read(...lines.slice(0, kept)))
      }),
    )
  })

  it('a response to a request that was never noted counts for nothing', () => {
    expect(read({done: done(5)})).to.deep.equal(emptyProgress())
    expect(read({send: sent(0)}, {done: done(0)}, {done: done(0)}).totals.rows, 'nor does it count twice').to.equal(10)
  })

  it('finished is undone by anything that is sent after it', () => {
    const finished = {bytes: 100, at: '2026-11-27T12:00:00Z'}
    expect(read({send: sent(0)}, {done: done(0)}, {finished}).finished).to.deep.equal(finished)
    expect(read({finished}, {send: sent(0)}, {done: done(0)}).finished).to.equal(undefined)
  })

  it('remembers how many rows were found, which attempt it is, and which ledger the rows go to', () => {
    expect(read({validated: {rows: 3, bytes: 30}}, {attempt: 2}, {ledger: 'a'}, {ledger: 'b'})).to.deep.include({
      ...{validated: {rows: 3, bytes: 30}, attempt: 2, ledger: 'b'},
    })
  })
})
