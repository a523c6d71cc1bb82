import {ChangeStream, ChangingAccounts, changeEvent} from '@parix/books/change-events'
import {expect} from 'chai'
import {randomHistory, seeded} from './random-ledger.js'

describe('change events', () => {
  for (const seed of [1, 2, 3]) {
    it(`seed ${seed}: all changes together, expiries included, make the accounts of the ledger`, async () => {
      const {accounts, transfers, now} = await randomHistory(seeded(seed), 150)
      const stream = new ChangeStream()
      const changing = new ChangingAccounts()
      for (const account of accounts.values()) changing.start(account)
      const changes = [...transfers.flatMap((transfer) => stream.add(transfer)), ...stream.expire(now)]
      for (const change of changes) changing.apply(change)
      for (const account of accounts.values()) {
        expect(changing.of(account.id)).to.include({
          debits_pending: String(account.debits_pending),
          debits_posted: String(account.debits_posted),
          credits_pending: String(account.credits_pending),
          credits_posted: String(account.credits_posted),
          flags: account.flags,
        })
      }
      expect(changes.some(({type}) => type === 'two_phase_expired')).to.equal(true)
      const times = changes.map(({timestamp}) => timestamp)
      expect(times).to.deep.equal([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
    })

    it(`seed ${seed}: a stream that continues from any row returns the rest, and nothing twice`, async () => {
      const {transfers, now} = await randomHistory(seeded(seed), 60)
      const label = ({type, transfer}: {type: string; transfer: {id: bigint}}) => `${type} ${transfer.id}`
      const whole = new ChangeStream()
      const all = [...transfers.flatMap((transfer) => whole.add(transfer)), ...whole.expire(now)].map(label)
      for (let cut = 1; cut < transfers.length; cut += 7) {
        const first = new ChangeStream()
        const before = transfers.slice(0, cut).flatMap((transfer) => first.add(transfer))
        const last = transfers[cut - 1]!.timestamp
        const second = new ChangeStream(last)
        const oldest = first.oldestHold()
        for (const transfer of transfers.slice(0, cut))
          if (oldest !== undefined && transfer.timestamp >= oldest) second.remember(transfer)
        const after = [...transfers.slice(cut).flatMap((transfer) => second.add(transfer)), ...second.expire(now)]
        expect([...before, ...after].map(label), `cut at ${cut}`).to.deep.equal(all)
      }
    })
  }

  it('an expiry is derived: the pending transfer, at the time at which it was due', async () => {
    const {transfers} = await randomHistory(seeded(4), 40)
    const hold = transfers.find(({flags, timeout}) => (flags & 2) !== 0 && timeout > 0)!
    const stream = new ChangeStream()
    stream.add(hold)
    const [change] = stream.expire(hold.timestamp + BigInt(hold.timeout) * 1_000_000_000n)
    const {type, timestamp, derived, transfer} = changeEvent(change!)
    expect({type, timestamp, derived, id: transfer.id}).to.deep.equal({
      type: 'two_phase_expired',
      timestamp: String(hold.timestamp + BigInt(hold.timeout) * 1_000_000_000n),
      derived: true,
      id: String(hold.id),
    })
  })
})
