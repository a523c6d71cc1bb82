import type {NamedAccount} from '@parix/books/chart'
import {ParixError} from '@parix/kit/errors'
import {AccountFlags} from '@parix/ledger/schema'
import type {Parties, Party} from './parties.js'

export type Limit = 'debits_must_not_exceed_credits' | 'credits_must_not_exceed_debits'

export const LIMITS: readonly Limit[] = ['debits_must_not_exceed_credits', 'credits_must_not_exceed_debits']

/** The limit of an account; undefined where it has none. */
export function limitOf({flags}: {flags: number}): Limit | undefined {
  return LIMITS.find((limit) => (flags & AccountFlags[limit]) !== 0)
}

/**
 * Control and operator accounts, through which a chain moves for a moment: those that were given, else those of the chart
 * whose account code has that name.
 */
export class Controls {
  readonly #given: {control: Party[]; operator: Party[]}

  constructor(
    private readonly parties: Parties,
    flags: {control?: readonly string[] | undefined; operator?: readonly string[] | undefined},
  ) {
    const read = (name: 'control' | 'operator') => (flags[name] ?? []).map((text) => parties.party(`--${name}`, text))
    this.#given = {control: read('control'), operator: read('operator')}
  }

  /** A control account for a compound entry on each of these ledgers, where there is one. Only the chart and flags are asked. */
  async forEntry(ledgers: readonly number[]): Promise<(ledger: number) => bigint | undefined> {
    const given = await this.parties.ledgersOf(this.#given.control)
    const controls = new Map<number, bigint>()
    for (const ledger of ledgers) {
      const own = this.#given.control.find(({id}) => given.get(id) === ledger)?.id
      const id = own ?? this.#ofChart('control', ledger, (limits) => limits.length === 0)?.id
      if (id !== undefined) controls.set(ledger, id)
    }
    return (ledger) => controls.get(ledger)
  }

  /**
   * An account on `ledger` with exactly this limit (`undefined`: with none), as the database has it.
   *
   * @param what it is needed for, for the error
   * @throws ParixError BAD_INPUT where there is none
   */
  async find(role: 'control' | 'operator', ledger: number, limit: Limit | undefined, what: string): Promise<bigint> {
    const given = this.#given[role]
    await this.parties.lookUp(given)
    for (const party of given) {
      const row = await this.parties.row(party)
      if (row.ledger === ledger && limitOf(row) === limit) return party.id
    }
    const named = this.#ofChart(role, ledger, (limits) =>
      limit === undefined ? limits.length === 0 : limits.includes(limit),
    )
    if (named !== undefined) {
      const party = this.parties.party(`@${named.name}`, `@${named.name}`)
      if (limitOf(await this.parties.row(party)) === limit) return named.id
    }
    const having = limit === undefined ? 'without a limit' : `with the flag ${limit}`
    throw new ParixError(
      'BAD_INPUT',
      `${what} needs ${role === 'operator' ? 'an operator' : 'a control'} account ${having} on ledger ${this.parties.unitOf(ledger)?.name ?? ledger}. Name one with --${role}, or give one in the chart the code "${role}". Nothing was sent.`,
      {code: `no_${role}_account`},
    )
  }

  #ofChart(
    code: 'control' | 'operator',
    ledger: number,
    fits: (limits: readonly string[]) => boolean,
  ): NamedAccount | undefined {
    return this.parties.chart
      ?.listed()
      .find(
        (account) =>
          account.codeName === code &&
          account.ledger.id === ledger &&
          fits(account.flags.filter((flag) => (LIMITS as readonly string[]).includes(flag))),
      )
  }
}
