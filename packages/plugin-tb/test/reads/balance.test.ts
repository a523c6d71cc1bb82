import {expect} from 'chai'
import fc from 'fast-check'
import {readBalance} from '../../src/reads/balance.js'
import {type MemoryService, startMemoryService} from '../support/memory-service.js'
import {refusalOf} from '../support/refusal.js'

describe('what an account holds', () => {
  let books: MemoryService
  before(async () => {
    books = await startMemoryService()
  })
  after(() => books.stop())

  const balance = (id: number | bigint, at?: bigint) =>
    readBalance(books.api, {id: books.database, name: 'books'} as never, BigInt(id), at)
  const timeOf = async (transfer: number) =>
    BigInt((await books.operate('lookup_transfers', [transfer]))[0]!.timestamp!)
  async function account(flags = 0): Promise<number> {
    const id = books.id()
    await books.operate('create_accounts', [{id, ledger: 700, code: 10, flags}])
    return id
  }

  it('now: both sides, posted and pending, and what credits are more than debits', async () => {
    const id = await account()
    await books.pay(1, id, 100)
    await books.pay(id, 1, 30)
    await books.pay(id, 1, 20, {flags: 2})
    expect(await balance(id)).to.deep.include({
      ...{id: String(id), ledger: 700, code: 10, flags: 0, at: null, available: null},
      ...{
        debits_posted: '30',
        debits_pending: '20',
        credits_posted: '100',
        credits_pending: '0',
        credits_less_debits: '70',
      },
    })
  })

  it('what a limit leaves counts pending amounts as spent, on either side', async () => {
    const [debits, credits] = [await account(2), await account(4)]
    await books.pay(1, debits, 100)
    await books.pay(debits, 1, 20, {flags: 2})
    expect((await balance(debits)).available).to.equal('80')
    await books.pay(credits, 1, 100)
    await books.pay(1, credits, 30)
    expect((await balance(credits)).available).to.equal('70')
    expect((await balance(credits)).credits_less_debits).to.equal('-70')
  })

  it('what is available is exactly what the ledger still lets go', () =>
    fc.assert(
      fc.asyncProperty(fc.nat({max: 50}), fc.nat({max: 50}), fc.nat({max: 20}), async (paid, spent, held) => {
        const id = await account(2)
        if (paid > 0) await books.pay(1, id, paid)
        if (spent > 0 && spent <= paid) await books.pay(id, 1, spent)
        if (held > 0 && held + (spent <= paid ? spent : 0) <= paid) await books.pay(id, 1, held, {flags: 2})
        const available = Number((await balance(id)).available)
        const more = await books.pay(id, 1, available + 1).catch(() => 'refused')
        expect(more).to.equal('refused')
        await books.pay(id, 1, available)
      }),
      {numRuns: 8},
    ))

  it('at a moment: with a history of balances and without, the same', async () => {
    const [kept, added] = [await account(8), await account(0)]
    const times: bigint[] = []
    for (const id of [kept, added]) {
      const first = await books.pay(1, id, 100)
      await books.pay(id, 1, 40)
      times.push(await timeOf(first))
    }
    const [then, before] = [await balance(kept, times[0]), await balance(added, times[1])]
    for (const one of [then, before]) expect(one).to.include({credits_posted: '100', debits_posted: '0'})
    expect(then).not.to.have.property('folded')
    expect(before).to.include({folded: 1})
    expect((await balance(added, times[1]! + 10n ** 18n)).debits_posted).to.equal('40')
  })

  it('a hold counts until it expires, and not at the moment after', async () => {
    const id = await account()
    const hold = await books.pay(id, 1, 20, {flags: 2, timeout: 1000})
    const made = await timeOf(hold)
    expect((await balance(id, made + 999_000_000_000n)).debits_pending).to.equal('20')
    expect((await balance(id, made + 1_001_000_000_000n)).debits_pending).to.equal('0')
  })

  it('before the account was there, and of one that is not, is not found', async () => {
    const id = await account()
    const error = await refusalOf(() => balance(id, 5n))
    expect(error).to.include({kind: 'NOT_FOUND', exitCode: 3, code: 'account_not_found'})
    expect(error.message).to.match(new RegExp(`^Account ${id} did not exist at 1970-.*: it was created at 20`))
    expect(await refusalOf(() => balance(77))).to.include({
      kind: 'NOT_FOUND',
      message: 'There is no account 77 in books.',
    })
  })
})
