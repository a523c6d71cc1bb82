import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {openCursor, type Position} from '../../src/watch/cursor.js'
import {refused} from '../support/refusal.js'

const SUBJECT = {service: 'https://parix.io', database: 'db', account: null, ledger: '700'}

describe('where a watch continues', () => {
  let home: TestHome
  let path: string
  beforeEach(() => {
    home = makeHome()
    path = join(home.path, 'c.json')
  })
  afterEach(() => home.remove())

  const saved = (position: Position) => {
    const cursor = openCursor(path, SUBJECT)
    cursor.save(position)
    cursor.release()
  }
  const found = (subject = SUBJECT) => {
    const cursor = openCursor(path, subject)
    cursor.release()
    return cursor.position
  }

  it('what was saved is what the next run begins with, to the nanosecond', () => {
    const time = fc.bigInt({min: 0n, max: 2n ** 63n - 1n})
    fc.assert(
      fc.property(fc.record({last: time, expired: time, holdsFrom: fc.option(time, {nil: undefined})}), (position) => {
        saved(position)
        expect(found()).to.deep.equal(position)
      }),
      {numRuns: 20},
    )
  })

  it('a file that is not there is a new one', () => {
    expect(found()).to.equal(undefined)
  })

  for (const change of [{database: 'other'}, {account: '1'}, {ledger: null}] as const) {
    it(`a cursor of another watch (${JSON.stringify(change)}) is refused: events would be left out without a word`, () => {
      saved({last: 5n, expired: 5n, holdsFrom: undefined})
      const before = readFileSync(path, 'utf8')
      const error = refused(() => openCursor(path, {...SUBJECT, ...change} as never))
      expect(error).to.include({kind: 'BAD_INPUT', code: 'cursor_differs'})
      expect(error.message).to.contain(Object.keys(change)[0])
      expect(readFileSync(path, 'utf8')).to.equal(before)
      expect(found(), 'and it is not held').to.include({last: 5n})
    })
  }

  for (const [title, text] of [
    ['empty', ''],
    ['no JSON', 'hello'],
    ['of another format', '{"format":"parix-cursor/2","last":"1","expired":"1","holdsFrom":null}'],
    ['without a position', '{"format":"parix-cursor/1","expired":"1","holdsFrom":null}'],
    ['with a number for a position', '{"format":"parix-cursor/1","last":1,"expired":"1","holdsFrom":null}'],
    ['with a position below 0', '{"format":"parix-cursor/1","last":"-1","expired":"1","holdsFrom":null}'],
    ['without the oldest hold', '{"format":"parix-cursor/1","last":"1","expired":"1"}'],
    ['null', 'null'],
  ]) {
    it(`a file that is ${title} is not a cursor, and is left as it is`, () => {
      writeFileSync(path, text!)
      expect(refused(() => openCursor(path, SUBJECT))).to.include({kind: 'BAD_INPUT', code: 'bad_cursor', exitCode: 2})
      expect(readFileSync(path, 'utf8')).to.equal(text)
    })
  }

  it('two watches never use one cursor', () => {
    const cursor = openCursor(path, SUBJECT)
    expect(refused(() => openCursor(path, SUBJECT))).to.include({kind: 'CONFLICT', code: 'cursor_in_use'})
    cursor.release()
    expect(found()).to.equal(undefined)
  })

  it('one that can not be written is an error before the next batch', () => {
    const blocked = join(home.path, 'c.json', 'below')
    writeFileSync(path, '')
    expect(refused(() => openCursor(blocked, SUBJECT))).to.include({kind: 'FAILED', code: 'cursor_failed', exitCode: 1})
  })
})
