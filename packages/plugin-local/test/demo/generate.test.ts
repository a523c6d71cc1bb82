import {createHash} from 'node:crypto'
import {compileChart} from '@parix/books/chart/compile'
import {type BankLine, type BookLine, reconcile} from '@parix/books/reconcile'
import {openMemoryLedger, replayHistory, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import {BUSINESSES, DEMO_KINDS} from '../../src/demo/businesses.js'
import {houseId, TRANSFER_CODES} from '../../src/demo/demo-accounts.js'
import {bankFile, chartText, transferCodes} from '../../src/demo/demo-files.js'
import {type DemoOptions, generateBooks} from '../../src/demo/generate.js'
import {encodeHistory} from '../../src/history.js'

const until = BigInt(Date.UTC(2026, 10, 1)) * 1_000_000n
const options = {until, size: 2000, seed: 1}
const DAY_NS = 86_400_000_000_000n

/** Bytes of the history of each business with `options`: change one only knowingly, as everybody's demo changes with it. */
const DIGESTS: Record<string, string> = {
  marketplace: '860b16f7027a6e50',
  wallet: 'b38fcd1b6917689d',
  bank: '4d08c52993ecbcb1',
  cards: '2f7ae7b55f8b7435',
}

function digest(wanted: DemoOptions): string {
  return createHash('sha256')
    .update(encodeHistory(generateBooks(wanted)))
    .digest('hex')
    .slice(0, 16)
}

describe('demo books', () => {
  for (const kind of DEMO_KINDS) {
    it(`${kind}: the same ids, amounts and times in every run, on every machine`, () => {
      expect(digest({...options, kind})).to.equal(DIGESTS[kind])
      expect(digest({...options, kind, seed: 2})).not.to.equal(DIGESTS[kind])
    })

    it(`${kind}: by the rules of the ledger, within a month`, async () => {
      const books = generateBooks({...options, kind})
      const words = new Uint32Array(encodeHistory(books).buffer)
      const split = 4 + books.accounts.length * 32
      const history = {accounts: words.subarray(4, split), transfers: words.subarray(split)}
      const ledger = await openMemoryLedger({now: () => until})
      expect(await replayHistory(ledger, history)).to.deep.equal([])
      await ledger.close()
      expect(books.transfers.length).to.be.within(1200, 2800)
      const times = books.transfers.map(({timestamp}) => timestamp as bigint)
      expect(times[0]! >= until - 30n * DAY_NS && times.at(-1)! < until).to.equal(true)
    })

    it(`${kind}: has everything that there is to see`, () => {
      const {transfers} = generateBooks({...options, kind})
      for (const code of Object.values(TRANSFER_CODES))
        expect(
          transfers.some((row) => row.code === code && (row.amount as bigint) > 0n),
          `code ${code}`,
        ).to.equal(true)
      for (const {ledger} of BUSINESSES[kind].currencies)
        expect(transfers.some((row) => row.ledger === ledger)).to.equal(true)
      const ended = new Map(transfers.map((row) => [row.pending_id, row]))
      const holds = transfers.filter((row) => (Number(row.flags) & TransferFlags.pending) !== 0)
      const states = holds.map((hold) => {
        const end = ended.get(hold.id)
        if (end && (Number(end.flags) & TransferFlags.void_pending_transfer) !== 0) return 'voided'
        if (end) return end.amount === hold.amount ? 'posted' : 'partly posted'
        const ends = (hold.timestamp as bigint) + BigInt(hold.timeout ?? 0) * 1_000_000_000n
        return hold.timeout !== 0 && ends < until ? 'expired' : 'open'
      })
      expect([...new Set(states)]).to.have.members(['voided', 'posted', 'partly posted', 'expired', 'open'])
    })

    it(`${kind}: the chart names every account and code`, () => {
      const chart = compileChart(chartText(kind), {file: 'parix.chart.yaml', readNames: () => ''})
      expect(JSON.stringify(chart)).to.contain(BUSINESSES[kind].customer)
      expect(Object.keys(transferCodes(BUSINESSES[kind]))).to.have.length(Object.keys(TRANSFER_CODES).length)
    })

    it(`${kind}: the bank file differs from the books in the three places that were planted, and in no other`, () => {
      const {transfers} = generateBooks({...options, kind})
      const {csv, differences} = bankFile(kind, transfers)
      const [{scale}] = BUSINESSES[kind].currencies
      const rows = csv.trimEnd().split('\n')
      expect(rows[0]).to.equal('time,reference,text,amount')
      const bank = rows.slice(1).map((row, index): BankLine => {
        const [date = '', reference = '', text = '', amount = ''] = row.split(',')
        const sign = amount.startsWith('-') ? -1n : 1n
        const value = BigInt(amount.replace(/[-.]/g, ''))
        expect(amount).to.match(scale === 0 ? /^-?\d+$/ : /^-?\d+\.\d\d$/)
        const time = BigInt(Date.parse(date)) * 1_000_000n
        return {line: index + 2, time, amount: sign * value, text, ...(reference && {reference})}
      })
      const id = houseId('bank', 0)
      const books = transfers
        .filter((row) => row.debit_account_id === id || row.credit_account_id === id)
        .map((row): BookLine => {
          const amount = row.amount as bigint
          const reference = (row.user_data_128 as bigint).toString(16).padStart(32, '0')
          const dashed = reference.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
          const signed = row.debit_account_id === id ? amount : -amount
          return {id: row.id as bigint, time: row.timestamp as bigint, amount: signed, reference: dashed}
        })
      const found = reconcile(bank, books, DAY_NS)
      expect(found.onlyBooks.map((line) => line.id)).to.deep.equal([differences.missing])
      expect(found.onlyBank.map(({line}) => line)).to.deep.equal([differences.unknown.line])
      expect(found.amountDiffers.map(({bank: {line}, book}) => ({line, transfer: book.id}))).to.deep.equal([
        differences.amount,
      ])
      expect(found.doubled).to.deep.equal([])
    })
  }
})
