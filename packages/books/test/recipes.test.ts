import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {chain, idsOfKey, joined, type NewTransfer} from '@parix/books/chains'
import {close, closesAccount, NOT_REVERSED, reopen, reversalId, reverse} from '@parix/books/corrections'
import {availableMoves, boundMoves, limitMoves} from '@parix/books/guards'
import {entryMoves, exchange, parseRate, sweep} from '@parix/books/recipes'
import {type Account, AccountFlags, CreateTransferStatus, type Ledger, openLedger} from '@parix/ledger'
import {BLANK_ACCOUNT, BLANK_TRANSFER} from '@parix/ledger/schema'
import {expect} from 'chai'

const CODE = {code: 1}
const ACCOUNT: Account = {...BLANK_ACCOUNT, ledger: 1, code: 1}
const LIMITED = AccountFlags.debits_must_not_exceed_credits
const [A, B, C, X, Y, CONTROL, LIMIT, OPERATOR, BANK] = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]

describe('recipes, on a real ledger', () => {
  let directory: string
  let ledger: Ledger
  let run = 0

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'parix-recipes-'))
    ledger = await openLedger({directory})
    const flags: Record<string, number> = {
      [String(A)]: LIMITED,
      [String(B)]: LIMITED,
      [String(C)]: LIMITED,
      [String(LIMIT)]: LIMITED,
    }
    await ledger.createAccounts([
      ...[A, B, C, X, Y, CONTROL, LIMIT, OPERATOR, BANK].map((id) => ({
        ...ACCOUNT,
        id,
        flags: flags[String(id)] ?? 0,
      })),
      ...[11n, 12n, 13n].map((id) => ({...ACCOUNT, id, ledger: 2})),
    ])
  })
  afterEach(async () => {
    await ledger.close()
    rmSync(directory, {recursive: true})
  })

  const ids = () => idsOfKey('entry', `test ${run++}`)
  const send = async (transfers: readonly NewTransfer[]) => {
    const results = await ledger.createTransfers(transfers.map((transfer) => ({...BLANK_TRANSFER, ...transfer})))
    return results.map(({status}) => CreateTransferStatus[status])
  }
  const fund = (account: bigint, amount: bigint) =>
    send([
      {
        id: BigInt(1_000_000 + run++),
        debit_account_id: BANK,
        credit_account_id: account,
        amount,
        ledger: 1,
        code: 1,
        flags: 0,
      },
    ])
  const balance = async (id: bigint) => {
    const [account] = await ledger.lookupAccounts([id])
    return account!.credits_posted - account!.debits_posted
  }
  type Legs = Parameters<typeof entryMoves>[0]
  const entry = (
    legs: Legs,
    common: typeof CODE,
    chainIds: ReturnType<typeof ids>,
    control: (ledger: number) => bigint | undefined,
  ) => chain(entryMoves(legs, control), common, chainIds)
  const all = (count: number) => Array.from({length: count}, () => 'created')

  it('entry: one debit with many credits, many with one, and many with many through a control account', async () => {
    const legs = (debits: [bigint, bigint][], credits: [bigint, bigint][]) => [
      ...debits.map(([account, amount]) => ({side: 'debit' as const, account, amount, ledger: 1})),
      ...credits.map(([account, amount]) => ({side: 'credit' as const, account, amount, ledger: 1})),
    ]
    const none = () => undefined
    expect(
      await send(
        entry(
          legs(
            [[BANK, 100n]],
            [
              [X, 90n],
              [Y, 10n],
            ],
          ),
          CODE,
          ids(),
          none,
        ),
      ),
    ).to.deep.equal(all(2))
    expect(
      await send(
        entry(
          legs(
            [
              [X, 40n],
              [Y, 10n],
            ],
            [[BANK, 50n]],
          ),
          CODE,
          ids(),
          none,
        ),
      ),
    ).to.deep.equal(all(2))
    expect(
      await send(
        entry(
          legs(
            [
              [BANK, 60n],
              [X, 40n],
            ],
            [
              [Y, 70n],
              [OPERATOR, 30n],
            ],
          ),
          CODE,
          ids(),
          () => CONTROL,
        ),
      ),
    ).to.deep.equal(all(4))
    expect([await balance(CONTROL), await balance(OPERATOR)]).to.deep.equal([0n, 30n])
    expect(() =>
      entry(
        legs(
          [
            [BANK, 60n],
            [X, 40n],
          ],
          [
            [Y, 70n],
            [A, 30n],
          ],
        ),
        CODE,
        ids(),
        none,
      ),
    ).to.throw(/need a control account/)
    expect(() => entry(legs([[BANK, 60n]], [[Y, 70n]]), CODE, ids(), none)).to.throw(
      /not balanced on ledger 1: debits of 60, credits of 70/,
    )
    expect(() => entry(legs([[BANK, 60n]], []), CODE, ids(), none)).to.throw(/not balanced/)
  })

  it('entry: the same key again is answered exists', async () => {
    const legs = [
      {side: 'debit' as const, account: BANK, amount: 5n, ledger: 1},
      {side: 'credit' as const, account: X, amount: 5n, ledger: 1},
    ]
    const make = () => entry(legs, CODE, idsOfKey('entry', 'INV-17'), () => undefined)
    expect(await send(make())).to.deep.equal(['created'])
    expect(await send(make())).to.deep.equal(['exists'])
  })

  it('exchange: two ledgers in one chain, rounded in favour of the liquidity account', async () => {
    const input = {
      from: {account: X, ledger: 1, scale: 2, amount: 10_000n},
      to: {account: 11n, ledger: 2, scale: 2},
      rate: parseRate('--rate', '82.42135'),
      via: {from: OPERATOR, to: 12n},
      fee: {amount: 10n},
    }
    const {transfers, received, remainder} = exchange(input, CODE, ids())
    expect(received).to.equal(824_213n)
    expect(remainder.numerator * 2n).to.equal(remainder.denominator)
    expect(await send(transfers)).to.deep.equal(all(3))
    expect([await balance(11n), await balance(OPERATOR)]).to.deep.equal([824_213n, 10_010n])
    for (const text of ['0', '-1', '1e5', '', '1.', '1,5'])
      expect(() => parseRate('--rate', text), text).to.throw(/positive decimal/)
  })

  it('reverse: the opposite transfer, in parts, never more than the original; a hold is voided', async () => {
    await fund(X, 100n)
    const [original] = await ledger.lookupTransfers([BigInt(1_000_000 + run - 1)])
    const first = reverse(original!, NOT_REVERSED, 30n, 90)
    expect(await send([first])).to.deep.equal(['created'])
    expect(await send([first])).to.deep.equal(['exists'])
    const earlier = await ledger.lookupTransfers([reversalId(original!.id, 0)])
    expect(() => reverse(original!, {earlier, k: 1}, 71n, 90)).to.throw(/70 is left, 71 was asked for/)
    expect(await send([reverse(original!, {earlier, k: 1}, undefined, 90)])).to.deep.equal(['created'])
    expect(await balance(X)).to.equal(0n)
    const hold = {
      ...BLANK_TRANSFER,
      id: 77n,
      debit_account_id: BANK,
      credit_account_id: X,
      amount: 5n,
      ledger: 1,
      code: 1,
      flags: 2,
    }
    await send([hold])
    expect(await send([reverse(hold, NOT_REVERSED, undefined, 90)])).to.deep.equal(['created'])
    expect(() => reverse(hold, NOT_REVERSED, 1n, 90)).to.throw(/as a whole/)
  })

  it('close moves the balance and refuses further transfers; reopen takes them again', async () => {
    await fund(A, 100n)
    const transfers = close({account: A, other: B, ledger: 1}, 'credit', CODE, ids())
    expect(await send(transfers)).to.deep.equal(all(2))
    expect([await balance(A), await balance(B)]).to.deep.equal([0n, 100n])
    expect(await fund(A, 1n)).to.deep.equal(['credit_account_already_closed'])
    const [closing] = await ledger.lookupTransfers([transfers[1]!.id])
    expect(closesAccount(closing!, A)).to.equal(true)
    expect(closesAccount(closing!, B)).to.equal(false)
    expect(await send([reopen(closing!, 4242n)])).to.deep.equal(['created'])
    expect(await fund(A, 1n)).to.deep.equal(['created'])
  })

  it('sweep draws on each account in turn, or on none', async () => {
    await fund(A, 70n)
    await fund(B, 20n)
    await fund(C, 50n)
    const make = (amount: bigint) =>
      sweep({from: [A, B, C], to: X, amount, ledger: 1, setup: CONTROL, limit: LIMIT}, CODE, ids())
    expect(await send(make(100n))).to.deep.equal(all(6))
    expect([await balance(A), await balance(B), await balance(C), await balance(X)]).to.deep.equal([0n, 0n, 40n, 100n])
    expect([await balance(CONTROL), await balance(LIMIT)]).to.deep.equal([0n, 0n])
    expect(await send(make(100n)))
      .to.include('exceeds_credits')
      .and.not.include('created')
    expect(await balance(C)).to.equal(40n)
  })

  it('if-available: made only with the threshold in the source', async () => {
    await fund(A, 60n)
    const make = (threshold: bigint) =>
      chain(
        joined(availableMoves({account: A, side: 'credit', ledger: 1, control: CONTROL, threshold}), [
          {debit: A, credit: X, amount: 10n, ledger: 1},
        ]),
        CODE,
        ids(),
      )
    expect(await send(make(60n))).to.deep.equal(all(3))
    expect(await send(make(60n))).to.include('exceeds_credits')
    expect([await balance(A), await balance(CONTROL)]).to.deep.equal([50n, 0n])
  })

  it('keep-below: made only while the target stays within its bound', async () => {
    await ledger.createAccounts([{...ACCOUNT, id: 20n, flags: AccountFlags.credits_must_not_exceed_debits}])
    const make = (amount: bigint) =>
      chain(
        joined(
          [{debit: BANK, credit: A, amount, ledger: 1}],
          boundMoves({account: A, side: 'credit', ledger: 1, control: 20n, operator: OPERATOR, bound: 100n}),
        ),
        CODE,
        ids(),
      )
    expect(await send(make(100n))).to.deep.equal(all(5))
    expect(await send(make(1n)))
      .to.include('exceeds_debits')
      .and.not.include('created')
    expect([await balance(A), await balance(20n), await balance(OPERATOR)]).to.deep.equal([100n, 0n, 0n])
  })

  it('with-limit: made only while the limit holds for an account that was created without it', async () => {
    await ledger.createAccounts([{...ACCOUNT, id: 21n, flags: AccountFlags.debits_must_not_exceed_credits}])
    const make = (amount: bigint) =>
      chain(
        joined(
          [{debit: A, credit: BANK, amount, ledger: 1}],
          limitMoves({account: A, ledger: 1, limit: 'debits_must_not_exceed_credits', control: 21n}),
        ),
        CODE,
        ids(),
      )
    expect(await send(chain([{debit: BANK, credit: A, amount: 70n, ledger: 1}], CODE, ids()))).to.deep.equal(all(1))
    expect(await send(make(70n))).to.deep.equal(all(3))
    expect(await send(make(1n)))
      .to.include('exceeds_credits')
      .and.not.include('created')
    expect([await balance(A), await balance(21n)]).to.deep.equal([0n, 0n])
  })
})
