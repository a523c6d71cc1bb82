import {makeHome, type TestHome} from '@parix/testkit'
import {CHART_TEXT} from './chart.js'
import {type LocalLedger, startLocalLedger} from './local-ledger.js'
import {ACCOUNTS} from './memory-service.js'
import {command, type TbOptions, type TbResult} from './tb.js'

/** What a test of a command needs: a real service with books in it, and a home, for all tests of one file. */
export interface Books {
  ledger: LocalLedger
  home: TestHome
  /** Runs a command on `books`, by its words, such as `tb trace 5`. */
  run(words: string | readonly string[], more?: Partial<TbOptions>): Promise<TbResult>
  /** As `run`, in a directory with the chart of `support/chart.ts`. */
  named(words: string | readonly string[], more?: Partial<TbOptions>): Promise<TbResult>
  /** An id that no test had before. */
  id(): number
  /** A transfer that is in the ledger; its id. */
  pay(from: number, to: number, amount: number | string, more?: Record<string, unknown>): Promise<number>
  /** Posted debits and credits of an account, and what is pending. */
  balance(id: number): Promise<{debits: number; credits: number; pending: number}>
  stop(): Promise<void>
}

export async function startBooks(): Promise<Books> {
  const ledger = await startLocalLedger()
  const home = makeHome()
  let next = 1000
  await ledger.operate('create_accounts', ACCOUNTS)
  home.write('named/parix.chart.yaml', CHART_TEXT)
  const run = (words: string | readonly string[], more: Partial<TbOptions> = {}) =>
    command(words, {
      home,
      ...more,
      env: {PARIX_API_KEY: ledger.apiKey, PARIX_BASE_URL: ledger.baseUrl, PARIX_DATABASE: 'books', ...more.env},
    })
  return {
    ledger,
    home,
    run,
    named: (words, more) => run(words, {cwd: `${home.path}/named`, ...more}),
    id: () => next++,
    async pay(from, to, amount, more = {}) {
      const id = next++
      const record = {id, debit_account_id: from, credit_account_id: to, amount, ledger: 700, code: 1, ...more}
      await ledger.operate('create_transfers', [record])
      return id
    },
    async balance(id) {
      const [row] = await ledger.operate('lookup_accounts', [id])
      return {
        debits: Number(row!.debits_posted),
        credits: Number(row!.credits_posted),
        pending: Number(row!.debits_pending) + Number(row!.credits_pending),
      }
    },
    async stop() {
      await ledger.stop()
      home.remove()
    },
  }
}
