import {reversalId} from '@parix/books/corrections'
import {expect} from 'chai'
import {readReversals} from '../../src/books/read-reversals.js'
import {type MemoryBooks, memoryBooks} from '../support/memory-books.js'

describe('the reversals of transfers', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n})
  })
  afterEach(() => books.close())

  const reversal = (of: bigint, k: number) => books.pay(2n, 1n, 1n, {id: reversalId(of, k)})
  const lookUps = () => books.seen.map(({body}) => body.length as number)

  it('of a transfer without any are none, and the next one is number 0', async () => {
    expect(await readReversals(books.reader, [7n])).to.deep.equal(new Map([[7n, {earlier: [], k: 0}]]))
    expect(await readReversals(books.reader, [])).to.deep.equal(new Map())
  })

  it('come in their order, with the number of the next one after the last', async () => {
    const first = await reversal(7n, 0)
    const second = await reversal(7n, 1)
    expect((await readReversals(books.reader, [7n])).get(7n)).to.deep.equal({earlier: [first, second], k: 2})
  })

  it('are found after numbers that a refusal has used up', async () => {
    await reversal(7n, 0)
    await reversal(7n, 3)
    const {earlier, k} = (await readReversals(books.reader, [7n])).get(7n)!
    expect([earlier.length, k]).to.deep.equal([2, 4])
  })

  it('are looked for until a whole portion of 16 numbers has none', async () => {
    for (let k = 0; k < 16; k++) await reversal(7n, k)
    await reversal(7n, 31)
    expect((await readReversals(books.reader, [7n])).get(7n)!.k).to.equal(32)
    expect(lookUps()).to.deep.equal([16, 16, 16])
    books.seen.length = 0
    await reversal(7n, 48)
    expect((await readReversals(books.reader, [7n])).get(7n)!.k, 'one after an empty portion is out of sight').to.equal(
      32,
    )
  })

  it('after numbers that are known to be used up are found as well, however many', async () => {
    await reversal(7n, 40)
    expect((await readReversals(books.reader, [7n])).get(7n)!.k).to.equal(0)
    expect((await readReversals(books.reader, [7n], new Map([[7n, 40]]))).get(7n)).to.deep.include({k: 41})
    books.seen.length = 0
    await readReversals(books.reader, [7n], new Map([[7n, 16]]))
    expect(lookUps(), 'numbers 0 to 15 are used up: the next portion is not').to.deep.equal([16, 16])
  })

  it('of several transfers are looked up together, and only of those that go on', async () => {
    for (let k = 0; k < 16; k++) await reversal(8n, k)
    const found = await readReversals(books.reader, [7n, 8n, 9n])
    expect([...found].map(([id, {k}]) => [id, k])).to.deep.equal([
      [7n, 0],
      [8n, 16],
      [9n, 0],
    ])
    expect(lookUps()).to.deep.equal([48, 16])
  })
})
