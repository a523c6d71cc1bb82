import {chain} from '@parix/books/chains'
import {type Chart, hashId} from '@parix/books/chart'
import {ParixError} from '@parix/kit/errors'
import type {FlagTexts} from '../events/read-events.js'
import {readEvents} from '../events/read-events.js'
import {hasFlag} from '../records/flags.js'
import {createIdSource} from '../records/id.js'
import type {GuardFlagValues} from './chain-flags.js'
import {Parties} from './parties.js'
import {guardedChain} from './plan-guards.js'
import type {ChainPlan, Reading} from './run-chain.js'

/** A transfer by flags, with the conditions that the ledger checks along with it. @throws ParixError BAD_INPUT */
export async function planGuardedTransfer(
  flags: FlagTexts & GuardFlagValues,
  chart: Chart | undefined,
  read: Reading,
  say: (sentence: string) => void,
): Promise<ChainPlan> {
  const next = createIdSource()
  const {records, generated: ownIds} = readEvents('transfer', undefined, flags, next, say, chart)
  const record = records[0]!
  for (const name of ['linked', 'post_pending_transfer', 'void_pending_transfer', 'imported'])
    if (hasFlag('transfer', record.flags, name))
      throw new ParixError('BAD_INPUT', `A transfer with the flag ${name} can't have conditions. Nothing was sent.`)
  const {id = 0n, debit_account_id = 0n, credit_account_id = 0n, amount = 0n, ledger = 0n, timeout = 0n} = record
  const parties = new Parties(chart, read)
  const accounts = {
    debits: [parties.party('--from', String(flags.from))],
    credits: [parties.party('--to', String(flags.to))],
  }
  const move = {
    debit: debit_account_id,
    credit: credit_account_id,
    amount,
    ledger: Number(ledger),
    flags: Number(record.flags ?? 0n),
    timeout: Number(timeout),
  }
  const {moves, start} = await guardedChain({...accounts, moves: [move]}, flags, parties)
  const {user_data_128 = 0n, user_data_64 = 0n, user_data_32 = 0n, code = 0n} = record
  const common = {code: Number(code), user_data_128, user_data_64, user_data_32: Number(user_data_32)}
  // The transfer has the id that was given or announced; where it was given, those of the conditions follow from it.
  const isGenerated = ownIds.has(id)
  const ids = moves.map((_, index) =>
    index === start ? id : isGenerated ? next() : hashId('parix-guard/1', String(id), String(index)),
  )
  return {transfers: chain(moves, common, (index) => ids[index]!), generated: new Set(isGenerated ? ids : [])}
}
