import type {Chart, NamedAccount} from '@parix/books/chart'
import {amountLabel} from '@parix/books/present'
import {translateFields} from '@parix/books/translate'
import {ParixError} from '@parix/kit/errors'
import {parseUint} from '@parix/kit/integers'
import type {Account} from '@parix/ledger/schema'
import {accountsById} from '../books/read-books.js'
import {parseId} from '../database-and-id.js'
import type {Reading} from './run-chain.js'

/** An account as it was written, and what the chart knows of it. */
export interface Party {
  /** For errors: `--debit`. */
  label: string
  text: string
  id: bigint
  named: NamedAccount | undefined
}

/** The accounts of a chain: which ones are meant, on which ledger they are, what their rows say. */
export class Parties {
  readonly #rows = new Map<bigint, Account>()
  readonly #ledger: number | undefined

  /** @param ledger `--ledger`, where it was given @throws ParixError BAD_INPUT */
  constructor(
    readonly chart: Chart | undefined,
    private readonly read: Reading,
    ledger?: string,
  ) {
    if (ledger === undefined) return
    const {ledger: text = ledger} = translateFields({ledger}, chart, {
      kind: 'query_filter',
      label: () => '--ledger',
      typed: true,
    })
    this.#ledger = Number(parseUint('--ledger', text, 32))
    if (this.#ledger === 0) throw new ParixError('BAD_INPUT', '--ledger must not be 0.')
  }

  /** @throws ParixError BAD_INPUT when `text` is neither an id nor a name of the chart */
  party(label: string, text: string): Party {
    const id = parseId(label, text.trim(), 'account', this.chart)
    const name = text.trim().startsWith('@') ? text.trim().slice(1) : this.chart?.nameOf(id)
    return {label, text: text.trim(), id, named: name === undefined ? undefined : this.chart?.account(name)}
  }

  /** `ACCOUNT=AMOUNT`; the amount is read when the ledger is known. @throws ParixError BAD_INPUT */
  withAmount(label: string, text: string): {party: Party; amountText: string} {
    const at = text.indexOf('=')
    if (at < 1 || text.slice(at + 1).trim() === '')
      throw new ParixError(
        'BAD_INPUT',
        `${label} must be ACCOUNT=AMOUNT, such as @cash=12.50, not ${JSON.stringify(text.slice(0, 60))}.`,
      )
    return {party: this.party(label, text.slice(0, at)), amountText: text.slice(at + 1).trim()}
  }

  /**
   * The ledger of an account: of the chart, of `--ledger`, or as the database has it.
   *
   * @throws ParixError BAD_INPUT where the chart and `--ledger` differ; NOT_FOUND where there is no such account
   */
  async ledgerOf(party: Party): Promise<number> {
    const {named, label, text} = party
    if (named !== undefined) {
      if (this.#ledger !== undefined && this.#ledger !== named.ledger.id)
        throw new ParixError(
          'BAD_INPUT',
          `${label}: ${text} is on ledger ${named.ledger.name}, --ledger is another one.`,
        )
      return named.ledger.id
    }
    return this.#ledger ?? (await this.row(party)).ledger
  }

  /** Looks up what is not known of these accounts, in one request. @throws ParixError NOT_FOUND */
  async lookUp(parties: readonly Party[]): Promise<void> {
    const missing = parties.filter(({id}) => !this.#rows.has(id))
    if (missing.length === 0) return
    await this.read(async (reader, {name}) => {
      const rows = await accountsById(
        reader,
        missing.map(({id}) => id),
      )
      const absent = missing.find(({id}) => !rows.has(id))
      if (absent !== undefined)
        throw new ParixError(
          'NOT_FOUND',
          `${absent.label}: there is no account ${absent.text} in ${name}. Nothing was sent.`,
          {code: 'account_not_found', ids: [String(absent.id)]},
        )
      for (const [id, row] of rows) this.#rows.set(id, row)
    })
  }

  /** The ledgers of several accounts; one request at most. */
  async ledgersOf(parties: readonly Party[]): Promise<Map<bigint, number>> {
    await this.lookUp(parties.filter(({named}) => named === undefined && this.#ledger === undefined))
    const ledgers = new Map<bigint, number>()
    for (const party of parties) ledgers.set(party.id, await this.ledgerOf(party))
    return ledgers
  }

  /** @throws ParixError NOT_FOUND */
  async row(party: Party): Promise<Account> {
    await this.lookUp([party])
    return this.#rows.get(party.id)!
  }

  /** An amount as people write it. @throws ParixError BAD_INPUT for a bare integer where the ledger has decimal places */
  amount(label: string, text: string, ledger: number, raw?: string): bigint {
    const fields = {amount: text, ledger: String(ledger)}
    const options = {kind: 'transfer', label: () => label, typed: true, ...(raw !== undefined && {raw})} as const
    return parseUint(label, translateFields(fields, this.chart, options).amount ?? text, 128)
  }

  /** @throws ParixError BAD_INPUT */
  integer(label: string, text: string): bigint {
    return parseUint(label, text, 128)
  }

  readonly amountText = (amount: bigint, ledger: number): string => amountLabel(amount, ledger, this.chart)

  /** Decimal places and name of a ledger; undefined where the chart does not have it. */
  unitOf(ledger: number): {name: string; scale: number} | undefined {
    return this.chart?.ledgerOf(ledger)
  }
}
