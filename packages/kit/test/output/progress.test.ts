import {expect} from 'chai'
import fc from 'fast-check'
import {displayWidth, progressLine, startProgress} from '../../src/output/index.js'

describe('progress', () => {
  it('off a terminal: a plain line at once, at every change, and never an escape', () => {
    const lines: string[] = []
    const progress = startProgress({say: (text) => lines.push(text)}, {text: 'books is QUEUED'}, {now: () => 0})
    progress.update({text: 'books is QUEUED'})
    progress.update({text: 'books is PROVISIONING'})
    progress.end()
    expect(lines).to.deep.equal(['books is QUEUED', 'books is PROVISIONING'])
  })

  it('threat 7.9: what the service calls a thing is shown without its escape sequences', () => {
    const said: string[] = []
    const text = 'Waiting for \u001b]52;c;eA\u0007\u202ebooks\r'
    startProgress({say: (line) => said.push(line)}, {text}).end()
    expect(said).to.deep.equal(['Waiting for \\u001b]52;c;eA\\u0007\\u202ebooks\\u000d'])
  })

  it('off a terminal: says every few seconds that it continues', async () => {
    let progress: {end(): void} | undefined
    const lines = await new Promise<string[]>((resolve) => {
      const seen: string[] = []
      const say = (text: string) => {
        seen.push(text)
        if (seen.length === 3) resolve(seen)
      }
      progress = startProgress({say}, {text: 'still at it'}, {everyMs: 5, now: () => 0})
      // The progress alone does not keep a process alive; this test must.
      setTimeout(() => {}, 1000).unref?.()
      setImmediate(function alive() {
        if (seen.length < 3) setImmediate(alive)
      })
    })
    progress?.end()
    expect(lines).to.deep.equal(Array(3).fill('still at it'))
  })

  it('on a terminal: one line that is drawn, and taken off at the end', () => {
    const drawn: string[] = []
    const say = () => expect.fail('nothing is said where it can be drawn')
    const progress = startProgress({say, draw: (line) => drawn.push(line), columns: 80}, {text: 'waiting'})
    progress.end()
    expect(drawn[0]).to.match(/^⠋ waiting/)
    expect(drawn.at(-1)).to.equal('')
  })

  it('tells how far, how fast, and how long still', () => {
    const state = {text: 'Sending', done: 5000, total: 20_000, unit: 'transfers'}
    expect(progressLine(state, 10_000)).to.equal('Sending 5000/20000 transfers · 25 % · 500/s · 30 s left')
    expect(progressLine(state, 10_000, {columns: 100})).to.include('██████░░░░')
    expect(progressLine({...state, done: 0}, 100)).to.equal('Sending 0/20000 transfers · 0 %')
    expect(progressLine({...state, done: 0, total: 0}, 100)).to.include('100 %')
  })

  it('without a total: how long it takes; the text gives way where the terminal is narrow', () => {
    const text = 'a-database-with-a-long-name is PROVISIONING'
    expect(progressLine({text}, 185_000)).to.equal(`${text} (3 min 05 s)`)
    expect(progressLine({text}, 999)).to.equal(text)
    expect(progressLine({text}, 185_000, {columns: 40})).to.equal('a-database-with-a-lon… (3 min 05 s)')
  })

  it('the bar never makes a line too wide', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.integer({min: 60, max: 300}), (a, b, columns) => {
        const [done, total] = a < b ? [a, b] : [b, a]
        const line = progressLine({text: 'Sending', done, total}, 5000, {columns})
        expect(displayWidth(line)).to.be.below(columns)
      }),
    )
  })
})
