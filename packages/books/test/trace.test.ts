import {chainOf, trace, traceMermaid, traceTree} from '@parix/books/trace'
import {BLANK_TRANSFER, type Transfer} from '@parix/ledger'
import {expect} from 'chai'
import {exampleChart} from './chart/example.js'
import {randomHistory, seeded} from './random-ledger.js'

const BASE: Transfer = {
  ...BLANK_TRANSFER,
  id: 1n,
  debit_account_id: 1n,
  credit_account_id: 2n,
  amount: 1250n,
  ledger: 700,
  code: 1,
  timestamp: 1_700_000_000_000_000_000n,
}
const at = (id: bigint, offset: bigint, flags = 0): Transfer => ({
  ...BASE,
  id,
  flags,
  timestamp: BASE.timestamp + offset,
})

describe('a trace', () => {
  it('finds the chain from any of its transfers, and no neighbours that are not in it', () => {
    const rows = [at(1n, 0n), at(2n, 1n, 1), at(3n, 2n, 1), at(4n, 3n), at(5n, 4n), at(6n, 9n, 1), at(7n, 10n)]
    const ids = (id: bigint) => chainOf(rows.find((row) => row.id === id)!, rows).map((row) => row.id)
    for (const id of [2n, 3n, 4n]) expect(ids(id)).to.deep.equal([2n, 3n, 4n])
    expect([ids(1n), ids(5n), ids(7n)]).to.deep.equal([[1n], [5n], [6n, 7n]])
  })

  it('puts every transfer of a random history into exactly one chain', async () => {
    const {transfers} = await randomHistory(seeded(41), 60)
    for (const transfer of transfers) {
      const chain = chainOf(transfer, transfers)
      expect(chain.map(({id}) => id)).to.include(transfer.id)
      expect(chain.slice(0, -1).every(({flags}) => (flags & 1) !== 0)).to.equal(true)
      for (const other of chain) expect(chainOf(other, transfers)).to.deep.equal(chain)
    }
  })

  it('says what became of a hold', () => {
    const hold = {...at(1n, 0n, 2), timeout: 10}
    const post = {...at(2n, 5n, 4), pending_id: 1n}
    const input = {around: [], reversals: [], related: [], now: hold.timestamp + 1n}
    expect(trace({...input, transfer: hold}).outcome).to.deep.include({state: 'open'})
    expect(trace({...input, transfer: hold, now: hold.timestamp + 10_000_000_000n}).outcome).to.deep.equal({
      state: 'lapsed',
      at: hold.timestamp + 10_000_000_000n,
    })
    expect(trace({...input, transfer: hold, resolution: post}).outcome).to.deep.include({state: 'posted', by: post})
    expect(trace({...input, transfer: {...post, flags: 8}, hold}).outcome).to.deep.include({state: 'voided'})
  })

  it('is drawn as a tree and as a flowchart, with names', () => {
    const rows = [at(2n, 0n, 1), at(3n, 1n)]
    const found = trace({
      transfer: rows[1]!,
      around: rows,
      reversals: [at(9n, 7n)],
      related: [at(8n, 5n)],
      now: BASE.timestamp,
    })
    const tree = traceTree(found, exampleChart())
    expect(tree).to.match(/^3 {2}12\.50 USD {2}@bank → @sales\/eu/)
    expect(tree).to.contain('chain: 2 of 2').and.to.contain('reversed by 9')
    const mermaid = traceMermaid(found, undefined)
    expect(mermaid).to.match(/^flowchart LR\n/)
    expect(mermaid).to.contain('t2 -- linked --> t3').and.to.contain('t3 -- reversed --> t9')
  })
})
