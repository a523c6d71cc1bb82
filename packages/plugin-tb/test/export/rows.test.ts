import {parseJson} from '@parix/kit/json'
import {expect} from 'chai'
import fc from 'fast-check'
import {createTally, headerOf, rowBytes, rowForm} from '../../src/export/rows.js'
import {type Page, ParsedPage} from '../../src/reads/page.js'
import type {Row} from '../../src/reads/rows.js'
import {PageScanner} from '../../src/reads/scan-page.js'
import {FIELDS} from '../../src/records/kinds.js'
import {account, transfer} from '../support/answers.js'
import {refused, textOf} from '../support/refusal.js'

const AMOUNT = fc.oneof(
  fc.bigInt({min: 0n, max: 1000n}),
  fc.bigInt({min: 2n ** 52n, max: 2n ** 54n}),
  fc.bigInt({min: 0n, max: 2n ** 128n - 1n}),
)
const transfers = fc
  .array(fc.record({amount: AMOUNT, ledger: fc.constantFrom(1, 700, 978)}), {maxLength: 20})
  .map((found) =>
    found.map(
      ({amount, ledger}, index) =>
        transfer({
          id: String(index + 1),
          amount: String(amount),
          ledger,
          timestamp: String(1_700_000_000_000_000_000n + BigInt(index)),
        }) as Row,
    ),
  )

/** The same rows as the quick scanner and as the exact parser have them. */
function pagesOf(kind: 'account' | 'transfer', rows: Row[], columns: readonly string[]): Page[] {
  const body = Buffer.from(`${JSON.stringify(rows)} `)
  return [new ParsedPage(rows), new PageScanner(kind, columns).scan(body, 0)!.page]
}

describe('the rows of an export', () => {
  it('are every field in the order of the record, or those that were asked for in that order', () => {
    expect(rowForm('transfer', 'csv', undefined).columns).to.deep.equal(Object.keys(FIELDS.transfer))
    expect(rowForm('transfer', 'csv', ' amount , id').columns).to.deep.equal(['amount', 'id'])
  })

  it('a field that they do not have is refused with the one that was probably meant', () => {
    const error = refused(() => rowForm('account', 'csv', 'id,amount'))
    expect(error).to.include({kind: 'USAGE', code: 'unknown_field', exitCode: 2})
    expect(textOf(refused(() => rowForm('transfer', 'csv', 'amuont')))).to.contain('Did you mean amount?')
    expect(() => rowForm('transfer', 'csv', 'id,,amount')).to.throw('no field ""')
  })

  it('of CSV begin with the names; those of NDJSON with nothing', () => {
    expect(Buffer.from(headerOf(rowForm('transfer', 'csv', 'id,amount'))).toString()).to.equal('id,amount\r\n')
    expect(headerOf(rowForm('transfer', 'ndjson', 'id'))).to.have.length(0)
  })

  it('have every digit, in each form, whoever read the page', () => {
    fc.assert(
      fc.property(
        transfers,
        fc.constantFrom('id,amount,ledger', 'ledger', 'timestamp,amount', undefined),
        (rows, fields) => {
          for (const format of ['csv', 'ndjson'] as const) {
            const form = rowForm('transfer', format, fields)
            for (const page of pagesOf('transfer', rows, form.columns)) {
              const text = Buffer.from(rowBytes(form, page)).toString()
              const lines = text.split(/\r?\n/).slice(0, -1)
              expect(lines).to.have.length(rows.length)
              const found = lines.map((line) => {
                if (format === 'ndjson') return form.columns.map((name) => String((parseJson(line) as Row)[name]))
                return line.split(',')
              })
              expect(found).to.deep.equal(rows.map((row) => form.columns.map((name) => String(row[name]))))
            }
          }
        },
      ),
      {numRuns: 60},
    )
  })
})

describe('what is counted while rows go by', () => {
  it('the sums of each ledger are exact, beyond 2^53 as well, whoever read the page', () => {
    fc.assert(
      fc.property(transfers, fc.integer({min: 1, max: 20}), (rows, size) => {
        const sums = new Map<number, bigint>()
        for (const row of rows)
          sums.set(row.ledger as number, (sums.get(row.ledger as number) ?? 0n) + BigInt(row.amount as string))
        const expected = [...sums]
          .sort(([a], [b]) => a - b)
          .map(([ledger, amount]) => ({ledger, amount: String(amount)}))
        for (const which of [0, 1]) {
          const tally = createTally('transfer')
          for (let at = 0; at < rows.length; at += size)
            tally.add(pagesOf('transfer', rows.slice(at, at + size), tally.columns)[which]!)
          expect(tally.sums()).to.deep.equal(expected)
          expect(tally.rows).to.equal(rows.length)
          expect(tally.last).to.equal(rows.length === 0 ? undefined : BigInt(rows.at(-1)!.timestamp as string))
        }
        const resumed = createTally('transfer')
        for (const row of rows)
          resumed.addWritten(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)])))
        expect(resumed.sums()).to.deep.equal(expected)
      }),
    )
  })

  it('of a page whose sum no number holds, although each of its amounts is one', () => {
    const tally = createTally('transfer')
    const rows = Array.from({length: 19}, (_, index) =>
      transfer({amount: '999999999999999', timestamp: String(5 + index)}),
    )
    tally.add(pagesOf('transfer', rows as Row[], tally.columns)[1]!)
    expect(tally.sums()).to.deep.equal([{ledger: 1, amount: String(19n * 999_999_999_999_999n)}])
  })

  it('of accounts all four balances are summed', () => {
    const tally = createTally('account')
    tally.add(new ParsedPage([account({debits_posted: '5', credits_pending: '7', ledger: 700}) as Row]))
    expect(tally.sums()).to.deep.equal([
      {ledger: 700, debits_posted: '5', credits_posted: '0', debits_pending: '0', credits_pending: '7'},
    ])
  })

  it('rows that do not rise in time are never taken: one came twice, or in another place', () => {
    const at = (timestamp: string) => new ParsedPage([transfer({timestamp}) as Row])
    for (const next of ['5', '4']) {
      const tally = createTally('transfer')
      tally.add(at('5'))
      expect(
        refused(() => tally.add(at(next))),
        next,
      ).to.include({kind: 'UNAVAILABLE', code: 'unreadable_answer'})
      expect([tally.rows, tally.last], 'its page is not counted').to.deep.equal([1, 5n])
    }
  })

  it('rows of an earlier run without the fields for it leave no sums, rather than wrong ones', () => {
    const tally = createTally('transfer')
    tally.addWritten({timestamp: '5', ledger: '700'})
    tally.add(new ParsedPage([transfer({timestamp: '6'}) as Row]))
    expect([tally.rows, tally.sums()]).to.deep.equal([2, []])
  })
})
