import {expect} from 'chai'
import {type History, randomHistory, seeded} from '../../../books/test/random-ledger.js'
import {Replay} from '../../src/books/replay.js'

async function replayed({accounts, transfers, now}: History) {
  const replay = await Replay.open()
  try {
    replay.accounts(accounts.values())
    for (let from = 0; from < transfers.length; from += 100) await replay.transfers(transfers.slice(from, from + 100))
    return await replay.compare(accounts, now)
  } finally {
    await replay.close()
  }
}

describe('history executed again', function () {
  this.timeout(60_000)
  const has = new Set<string>()

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`seed ${seed}: holds, expiries, closings and chains give the same books, in all four columns`, async () => {
      const history = await randomHistory(seeded(seed), 250, true)
      expect(await replayed(history)).to.deep.equal([])
      const resolved = new Set(history.transfers.map(({pending_id}) => pending_id))
      for (const {id, flags, timeout, timestamp} of history.transfers) {
        if ((flags & 1) !== 0) has.add('chain')
        if ((flags & 2) !== 0) has.add('hold')
        if ((flags & 4) !== 0) has.add('post')
        if ((flags & 8) !== 0) has.add('void')
        if ((flags & (16 | 32)) !== 0) has.add('balancing')
        if ((flags & (64 | 128)) !== 0) has.add('closing')
        if (timeout > 0 && !resolved.has(id) && timestamp + BigInt(timeout) * 1_000_000_000n < history.now)
          has.add('expiry')
      }
    })
  }

  it('there was something of everything in them', () => {
    expect([...has].sort()).to.deep.equal(['balancing', 'chain', 'closing', 'expiry', 'hold', 'post', 'void'])
  })

  it('a row that the rules would refuse, or that moves something else, is named', async () => {
    const history = await randomHistory(seeded(7), 60)
    const at = history.transfers.findIndex(({flags, amount}) => flags === 0 && amount > 0n)
    const wrong = (edit: object) => ({
      ...history,
      transfers: history.transfers.map((row, index) => (index === at ? {...row, ...edit} : row)),
    })
    const {id, debit_account_id, amount} = history.transfers[at]!
    const differs = await replayed(wrong({amount: amount + 1n}))
    expect(differs.map(({message}) => message).join()).to.contain(`account ${debit_account_id}: debits_posted is`)
    const refused = await replayed(wrong({debit_account_id: 99n}))
    expect(refused[0]!.message).to.match(new RegExp(`transfer ${id} would be refused: debit_account_not_found`))
  })
})
