import type {CodeForm} from '@parix/books/chain-code'
import type {NewTransfer} from '@parix/books/chains'
import type {Effect} from '@parix/kit/command'
import {TransportError} from '@parix/kit/http'
import {render, type View} from '@parix/kit/output'
import {BLANK_TRANSFER, TransferFlags} from '@parix/ledger'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {idsFor} from '../../src/chains/chain-fields.js'
import {planEntry} from '../../src/chains/plan-entry.js'
import {reversalPlanner} from '../../src/chains/plan-reverse.js'
import {type ChainCall, type ChainPlan, runChain} from '../../src/chains/run-chain.js'
import {entryFiles} from '../support/answers.js'
import {CHAIN_CHART, chainBooks} from '../support/chains.js'
import {withEnvironment} from '../support/environment.js'
import type {MemoryBooks} from '../support/memory-books.js'
import {refusalOf, textOf} from '../support/refusal.js'
import {type TestTerminal, testTerminal} from '../support/terminal.js'

const LOST = () => new TransportError('connection_lost', 'The connection was lost.', 'maybe')

describe('a chain that is planned, shown and sent', () => {
  let books: MemoryBooks
  let home: TestHome
  let screen: TestTerminal
  let shown: string[]
  let effects: Effect[]
  let receipts: string[]

  beforeEach(async () => {
    books = await chainBooks()
    home = makeHome()
    screen = testTerminal()
    shown = []
    effects = []
    receipts = []
  })
  afterEach(async () => {
    await books.close()
    home.remove()
  })

  const transfers = (...amounts: bigint[]): NewTransfer[] =>
    amounts.map((amount, index) => ({
      ...{id: BigInt(70 + index), debit_account_id: 1n, credit_account_id: 6n, amount, ledger: 700, code: 2},
      flags: index < amounts.length - 1 ? TransferFlags.linked : 0,
    }))
  const run = (call: Partial<ChainCall>) =>
    withEnvironment({...home.environment, PARIX_RETRY_DELAY: '1ms'}, () =>
      runChain(
        {
          inDatabase: (work) => work(books.api, books.database),
          terminal: screen.terminal,
          show: (view: View) => shown.push(render(view)),
          announce: (effect) => effects.push(effect),
          command: 'tb entry',
          openReceipt: async () => {
            receipts.push('opened')
            return undefined
          },
        },
        {database: 'books', flags: {}, chart: CHAIN_CHART, plan: async () => ({transfers: transfers(100n)}), ...call},
      ),
    )
  /** As a command does when the result was written. */
  const settle = () => {
    for (const {shown: written} of effects.splice(0)) written?.()
  }
  const created = () => books.seen.filter(({operation}) => operation === 'create_transfers')

  it('says the chain with its ids before it sends it, then shows what was created', async () => {
    const result = await run({plan: async () => ({transfers: transfers(100n, 250n), notes: ['A note.']})})
    expect(result).to.deep.include({ok: true, operation: 'create_transfers', databaseName: 'books', attempts: 1})
    expect(screen.said())
      .to.match(
        /# +ID +FROM +TO +AMOUNT +LEDGER +FLAGS\n *1 +70 +@bank\/usd +@owner +1\.00 USD +USD +linked *\n *2 +71 /,
      )
      .and.contain('A note.')
    expect(shown).to.have.length(1)
    expect(shown[0]).to.match(/70[\s\S]*71/)
    expect((await books.columns())[6]![1]).to.equal(350n)
    expect(created().map(({body}) => body.length)).to.deep.equal([2])
  })

  it('names what a transfer of the chain voids by its number, and one from elsewhere by its id', async () => {
    const hold = await books.pay(1n, 6n, 5n, {flags: TransferFlags.pending})
    const voids = (id: bigint, pending_id: bigint, flags = 0) => ({id, amount: 0n, pending_id, flags: 8 | flags})
    const [held] = transfers(100n)
    await run({
      plan: async () => ({transfers: [{...held!, flags: 3, timeout: 60}, voids(80n, 70n, 1), voids(81n, hold.id)]}),
    })
    expect(screen.said())
      .to.match(/1\.00 USD +USD +linked pending for 60 s/)
      .and.match(/ all +- +linked void_pending_transfer of 1\s/)
      .and.match(new RegExp(` all +- +void_pending_transfer of ${hold.id}\\s`))
  })

  it('sends nothing where there is nothing to send, and shows why', async () => {
    const nothing: ChainPlan = {
      nothing: {result: {ok: true, responsePayload: []} as never, view: 'It is so already.', notices: ['A notice.']},
    }
    await run({plan: async () => nothing})
    expect([shown.join(), created()]).to.deep.equal(['It is so already.\n', []])
    expect(screen.said()).to.contain('A notice.')
  })

  it('that the ledger refuses is an error with the reason, and stores nothing of it', async () => {
    const before = await books.columns()
    const [first, second] = transfers(100n, 250n)
    const error = await refusalOf(() =>
      run({plan: async () => ({transfers: [first!, {...second!, debit_account_id: 1003n}]})}),
    )
    expect(error).to.include({kind: 'REFUSED', exitCode: 6, code: 'exceeds_credits'})
    expect(error.details.tbResults!.map(({result}) => result)).to.deep.equal(['linked_event_failed', 'exceeds_credits'])
    expect(await books.columns()).to.deep.equal(before)
    expect(shown).to.deep.equal([])
  })

  it('that breaks a rule which needs no ledger is refused before it is sent', async () => {
    const [one] = transfers(100n)
    for (const wrong of [{credit_account_id: 1n}, {timeout: 5}, {code: 0}, {ledger: 0}, {flags: 1}]) {
      const error = await refusalOf(() => run({plan: async () => ({transfers: [{...one!, ...wrong}]})}))
      expect(error.kind, Object.keys(wrong).join()).to.equal('BAD_INPUT')
      expect(textOf(error)).to.contain('transfer 1 of the chain: ')
    }
    expect(created()).to.deep.equal([])
  })

  it('is sent again with the same bytes where the response was lost, and created once', async () => {
    let losses = 2
    books.before = async ({operation}) => {
      if (operation !== 'create_transfers' || losses-- <= 0) return
      // The second request was carried out, and its response is lost.
      if (losses === 0) await books.ledger.createTransfers([{...BLANK_TRANSFER, ...transfers(100n)[0]!}])
      throw LOST()
    }
    const result = await run({plan: async () => ({transfers: transfers(100n)})})
    expect(result).to.deep.include({retried: true, attempts: 3})
    expect((await books.columns())[6]![1]).to.equal(100n)
    const [first, ...more] = created().map(({body}) => JSON.stringify(body))
    expect(more).to.deep.equal([first, first])
  })

  it('without an outcome stays in the outbox, and the same key resumes it with its own ids', async () => {
    const planOnce = async () => ({transfers: transfers(100n)})
    books.before = ({operation}) => {
      if (operation === 'create_transfers') throw LOST()
    }
    const lost = await refusalOf(() => run({plan: planOnce, key: 'reverse 7', flags: {'retry-for': '1ms'}}))
    expect(lost).to.include({kind: 'OUTCOME_UNKNOWN', exitCode: 75})
    books.before = () => {}
    let plans = 0
    const result = await run({
      key: 'reverse 7',
      plan: async () => {
        plans++
        return {transfers: transfers(999n)}
      },
    })
    expect(plans, 'what was planned then is what is sent').to.equal(0)
    expect(result).to.deep.include({retried: true})
    expect((await books.columns())[6]![1]).to.equal(100n)
    settle()
    await run({key: 'reverse 7', plan: async () => ({transfers: [{...transfers(5n)[0]!, id: 90n}]})})
    expect((await books.columns())[6]![1], 'and then it is a new call').to.equal(105n)
  })

  it('is planned again as long as it says so, with what the ledger has by then', async () => {
    const {id} = await books.pay(1n, 6n, 1000n)
    const planner = reversalPlanner(id, {amount: '3.00'}, CHAIN_CHART)
    let others = 3
    books.before = async ({operation}) => {
      // Somebody else reverses a smaller part, in between each of our plans and our request.
      if (operation === 'create_transfers' && others-- > 0) {
        const other = await reversalPlanner(
          id,
          {amount: '1.00'},
          CHAIN_CHART,
        )((work) => work(books.reader, books.database))
        if ('transfers' in other) await books.transfers(...other.transfers)
      }
    }
    const result = await run({plan: planner})
    expect(result).to.have.nested.property('responsePayload[0].result', 'created')
    expect((await books.columns())[6]![0]).to.equal(600n)
    expect(created()).to.have.length(4)
    settle()
    expect(entryFiles(home), 'refusals that were dealt with leave nothing in the outbox').to.deep.equal([])
  })

  it('is not planned for ever', async () => {
    let plans = 0
    const error = await refusalOf(() =>
      run({
        plan: async () => {
          plans++
          return {
            transfers: [{...transfers(100n)[0]!, id: BigInt(500 + plans), debit_account_id: 1003n}],
            again: () => true,
          }
        },
      }),
    )
    expect([error.code, plans]).to.deep.equal(['exceeds_credits', 50])
  })

  it('says afterwards what follows from it', async () => {
    await run({afterwards: async ({result}) => [`Afterwards: ${result.responsePayload.length}`]})
    expect(screen.said()).to.contain('Afterwards: 1')
  })

  describe('as a dry run', () => {
    const dry = async (call: Partial<ChainCall> & {as?: CodeForm} = {}) =>
      run({...call, flags: {'dry-run': true, ...(call.as && {as: call.as})}})

    it('shows the chain and sends nothing; the result has the request', async () => {
      const result = await dry({plan: async () => ({transfers: transfers(100n, 250n), notes: ['A note.']})})
      expect(result).to.deep.include({dryRun: true, operation: 'create_transfers'})
      expect((result as {requests: unknown[][]}).requests[0]).to.have.length(2)
      expect(shown[0]).to.match(/# +ID +FROM/)
      expect(screen.said()).to.equal('A note.\nNothing was sent.\n')
      expect([created(), receipts, effects]).to.deep.equal([[], [], []])
    })

    it('has amounts of 128 bits in its request, exactly', async () => {
      const max = 2n ** 128n - 1n
      const result = await dry({
        plan: async () => ({transfers: [{...transfers(max)[0]!, flags: TransferFlags.balancing_debit}]}),
      })
      expect((result as {requests: object[][]}).requests[0]![0]).to.include({amount: String(max)})
      expect(shown[0]).to.match(/ max +USD +balancing_debit/)
    })

    it('says that the ids of each run are others, where they are generated', async () => {
      const {ids, generated} = idsFor('entry', undefined)
      await dry({plan: async () => ({transfers: [{...transfers(1n)[0]!, id: ids(0)}], generated})})
      expect(screen.said()).to.contain('The ids are generated: each run has others.')
    })

    it('shows code in place of the table, and has it in the result', async () => {
      for (const as of ['repl', 'json', 'node', 'go', 'python'] as const) {
        shown.length = 0
        const result = (await dry({as})) as {code: {form: string; text: string}}
        expect(result.code.form).to.equal(as)
        expect(shown[0]).to.equal(result.code.text.endsWith('\n') ? result.code.text : `${result.code.text}\n`)
        expect(result.code.text).to.contain('70')
      }
    })

    it('is refused by the same rules, and connects to nothing that it does not need', async () => {
      books.seen.length = 0
      await dry({
        plan: (read) =>
          planEntry(
            {code: '1', debit: ['@bank/usd=1.00'], credit: ['@owner=1.00']},
            CHAIN_CHART,
            read,
            screen.terminal,
          ),
      })
      expect(books.seen).to.deep.equal([])
      expect(
        await refusalOf(() => dry({plan: async () => ({transfers: [{...transfers(1n)[0]!, ledger: 0}]})})),
      ).to.include({
        kind: 'BAD_INPUT',
      })
    })

    it('of what needs nothing shows that', async () => {
      const {id} = await books.pay(1n, 6n, 5n)
      const planner = reversalPlanner(id, {}, CHAIN_CHART)
      await run({plan: planner})
      settle()
      shown.length = 0
      await dry({plan: reversalPlanner(id, {}, CHAIN_CHART)})
      expect(screen.said()).to.contain(`Transfer ${id} was reversed at`)
      expect(shown).to.have.length(1)
    })
  })
})
