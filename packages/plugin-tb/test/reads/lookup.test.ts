import {expect} from 'chai'
import {addPendingStates, lookUpAccount, lookUpIds} from '../../src/reads/lookup.js'
import type {ReadResult} from '../../src/reads/rows.js'
import {type MemoryService, startMemoryService} from '../support/memory-service.js'
import {refusalOf, textOf} from '../support/refusal.js'

describe('looking up by ids', () => {
  let books: MemoryService
  before(async () => {
    books = await startMemoryService()
  })
  after(() => books.stop())

  const lookUp = (kind: 'account' | 'transfer', ids: bigint[]) =>
    lookUpIds(books.api, {id: books.database, name: 'books'} as never, kind, ids)
  const found = ({responsePayload}: ReadResult) => responsePayload.map(({id}) => Number(id))

  it('what is there comes in the order that was asked for, and what is not is named', async () => {
    const answer = await lookUp('account', [4n, 77n, 1n, 78n])
    expect(found(answer)).to.deep.equal([4, 1])
    expect(answer.missing).to.deep.equal(['77', '78'])
    expect(await lookUp('account', [1n])).not.to.have.property('missing')
  })

  it('none of them is not found; five are named, and of more how many', async () => {
    const one = await refusalOf(() => lookUp('account', [77n]))
    expect(one).to.include({kind: 'NOT_FOUND', code: 'account_not_found', message: 'There is no account 77 in books.'})
    const many = await refusalOf(() => lookUp('account', [71n, 72n, 73n, 74n, 75n, 76n, 77n]))
    expect(many.message).to.equal('There are no accounts 71, 72, 73, 74, 75 and 2 more in books.')
    expect(many.details.ids).to.have.length(7)
  })

  it('of a transfer that is not there it is said that a refused one leaves nothing, and where else to look', async () => {
    const error = await refusalOf(() => lookUp('transfer', [77n]))
    expect(textOf(error))
      .to.contain('A refused transfer leaves nothing in the ledger.')
      .and.contain('parix tb outbox list')
  })

  it('more ids than one request takes are asked for in several, and all come back', async () => {
    const id = await books.pay(1, 2, 5)
    const ids = [...Array.from({length: 8189}, (_, index) => BigInt(10 ** 9 + index)), BigInt(id)]
    const answer = await lookUp('transfer', ids)
    expect(found(answer)).to.deep.equal([id])
    expect(answer.missing).to.have.length(8189)
  })

  it('the state is added to the first ten pending transfers, and to no other', async () => {
    const ids: bigint[] = [BigInt(await books.pay(1, 2, 5))]
    for (let index = 0; index < 11; index++) ids.push(BigInt(await books.pay(1, 2, 1, {flags: 2})))
    const answer = await lookUp('transfer', ids)
    await addPendingStates(books.api, books.database, answer)
    expect(answer.responsePayload.map(({pending_state: state}) => state)).to.deep.equal([
      undefined,
      ...Array.from({length: 10}, () => 'pending'),
      undefined,
    ])
  })

  it('one account is its row, or is not found', async () => {
    expect(await lookUpAccount(books.api, books.database, 'books', 1n)).to.include({id: '1', code: 10})
    expect(await refusalOf(() => lookUpAccount(books.api, books.database, 'books', 77n))).to.include({
      kind: 'NOT_FOUND',
    })
  })
})
