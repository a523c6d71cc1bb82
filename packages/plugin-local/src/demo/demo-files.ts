/** What is written beside demo books: the chart that names them, and the statement that a bank would send. */

import {type Row, timeOf} from '../history.js'
import {BUSINESSES, type Business, type Currency, type DemoKind} from './businesses.js'
import {
  CUSTOMER_CODE,
  customerBase,
  HOUSE,
  type House,
  houseId,
  MERCHANT_CODE,
  merchantBase,
  NUMBERS_MAX,
  TRANSFER_CODES,
} from './demo-accounts.js'

/** `parix.chart.yaml` of these books. */
export function chartText(kind: DemoKind): string {
  const business = BUSINESSES[kind]
  const {customer, merchant, currencies} = business
  const types = {bank: 'asset', fees: 'income', costs: 'expense', capital: 'equity', exchange: 'equity'}
  return `# The demo books "${kind}": ${business.summary}.
version: 1
ledgers:
${currencies.map(({name, ledger, scale}) => `  ${name}: {id: ${ledger}, scale: ${scale}}`).join('\n')}
codes:
  account: ${flow({...HOUSE, [customer]: CUSTOMER_CODE, [merchant]: MERCHANT_CODE})}
  transfer: ${flow(transferCodes(business))}
types: ${flow({...types, [customer]: 'liability', [merchant]: 'liability'})}
accounts:
${([0, 1] as const).map((index) => accountLines(business, index)).join('\n')}
userData:
  transfer: {128: {name: reference, as: uuid}}
`
}

function flow(values: Record<string, string | number>): string {
  return `{${Object.entries(values)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')}}`
}

/** The codes by the names that the business has for them. */
export function transferCodes({words}: Business): Record<string, number> {
  const names = Object.entries(TRANSFER_CODES).map(([what, code]) => [words[what as keyof typeof words] ?? what, code])
  return Object.fromEntries(names) as Record<string, number>
}

function accountLines({customer, merchant, currencies}: Business, index: 0 | 1): string {
  const {name} = currencies[index]
  const unit = name.toLowerCase()
  const house = (Object.keys(HOUSE) as House[]).map((account) => {
    const flags = account === 'bank' ? ', flags: [history]' : ''
    return `  ${account}/${unit}: {id: ${houseId(account, index)}, ledger: ${name}, code: ${account}${flags}}`
  })
  const limited = 'flags: [debits_must_not_exceed_credits, history]'
  const people = [
    [merchant, merchantBase(index)],
    [customer, customerBase(index)],
  ].map(
    ([who, base]) =>
      `  ${who}/${unit}/*: {id: {base: ${base}, plus: n, count: ${NUMBERS_MAX}}, ledger: ${name}, code: ${who}, ${limited}}`,
  )
  return [...house, ...people].join('\n')
}

export interface BankFile {
  /** Account whose statement it is, as the chart names it. */
  account: string
  csv: string
  /** What is wrong with it, each by the line of the file (from 1) or the transfer that it is about. */
  differences: {
    /** Booked, and not on the statement. */
    missing: bigint
    /** On the statement with another amount. */
    amount: {line: number; transfer: bigint}
    /** On the statement, and not booked. */
    unknown: {line: number}
  }
}

const MILLISECOND = 1_000_000n
const BANK_CHARGE = 1490n

/**
 * The bank's statement of the house account in the first currency: one line a movement, positive where money came in. Three
 * lines of it differ from the books, as they do in life.
 */
export function bankFile(kind: DemoKind, transfers: readonly Row[]): BankFile {
  const [currency] = BUSINESSES[kind].currencies
  const bank = houseId('bank', 0)
  const names = Object.fromEntries(Object.entries(transferCodes(BUSINESSES[kind])).map(([name, code]) => [code, name]))
  const movements = transfers.filter((row) => row.debit_account_id === bank || row.credit_account_id === bank)
  const at = (part: number) => Math.floor(movements.length * part)
  const [missing, wrong, charged] = [at(0.35), at(0.6), at(0.8)]
  const lines = ['time,reference,text,amount']
  const differences = {missing: 0n, amount: {line: 0, transfer: 0n}, unknown: {line: 0}}
  for (const [index, row] of movements.entries()) {
    const id = row.id as bigint
    const amount = row.amount as bigint
    const isIn = row.debit_account_id === bank
    if (index === missing) {
      differences.missing = id
      continue
    }
    if (index === charged) {
      differences.unknown.line = lines.push(line(timeOf(row), '', 'account charge', -BANK_CHARGE, currency))
    }
    // Two digits have changed places, so to speak: nine is what such a slip differs by.
    const shown = index === wrong ? amount + 9n : amount
    const written = lines.push(
      line(timeOf(row), uuid(row.user_data_128 as bigint), names[Number(row.code)]!, isIn ? shown : -shown, currency),
    )
    if (index === wrong) differences.amount = {line: written, transfer: id}
  }
  return {account: `bank/${currency.name.toLowerCase()}`, csv: `${lines.join('\n')}\n`, differences}
}

function line(timestamp: bigint, reference: string, text: string, amount: bigint, currency: Currency): string {
  const time = new Date(Number(timestamp / MILLISECOND)).toISOString()
  return [time, reference, text, money(amount, currency)].join(',')
}

/** In the form that the chart has for references. */
function uuid(reference: bigint): string {
  return reference
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** `-1234.50` */
export function money(amount: bigint, {scale}: Pick<Currency, 'scale'>): string {
  const sign = amount < 0n ? '-' : ''
  const digits = String(amount < 0n ? -amount : amount).padStart(scale + 1, '0')
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
