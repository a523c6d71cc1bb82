/** What `parix local demo` shows: the books in numbers, where to look at them, and commands to try. */

import type {CommandParts} from '@parix/kit/next-command'
import {render} from '@parix/kit/output'
import {BUSINESSES, type DemoKind} from './businesses.js'
import type {DemoResult} from './make-demo.js'

/** The page of the local service that shows a database. */
export function consoleAddress(baseUrl: string, database: string): string {
  return `${baseUrl}/console/${encodeURIComponent(database)}`
}

interface Shown extends DemoResult {
  console: string
  setup: string
  commands: string[]
}

export function demoView(demo: Shown, kind: DemoKind, heading: (text: string) => string): {painted: string} {
  const {database, ledgers, from, to} = demo
  const title = `${database.name}, ${from} to ${to}: ${BUSINESSES[kind].summary}`
  const table = render({
    columns: ['LEDGER', ...['ACCOUNTS', 'MOVED', 'AT THE BANK', 'HELD', 'EARNED'].map(right), 'BALANCED'],
    rows: ledgers.map(({ledger, accounts, moved, bank, held, fees, balanced}) => [
      ...[ledger, accounts, grouped(moved), grouped(bank), grouped(held), grouped(fees)],
      balanced ? 'yes' : 'NO',
    ]),
    whenEmpty: '',
  })
  const files = render({
    details: [
      ['console', demo.console],
      ['chart', demo.chart],
      ['bank file', demo.bankFile],
    ],
  })
  const commands = [demo.setup, ...demo.commands].map((command) => `  ${command}`).join('\n')
  const again = demo.created ? '' : '\nIt was there already, and is as it was left.'
  return {painted: `${heading(title)}${again}\n\n${table}\n${files}\nTry, in another terminal:\n${commands}\n`}
}

function right(name: string) {
  return {name, align: 'right'} as const
}

/** `1234567.89` as people read it: `1,234,567.89` */
function grouped(money: string): string {
  const [whole = '', ...places] = money.split('.')
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...places].join('.')
}

/**
 * Five commands that show what the books are good for, and the one that makes a shell use them.
 *
 * @param command renders one so that it can be pasted
 */
export function tryCommands(
  {database, to, bankFile}: DemoResult,
  kind: DemoKind,
  command: (words: string, parts?: CommandParts) => string,
): {setup: string; commands: string[]} {
  const bank = `@bank/${BUSINESSES[kind].currencies[0].name.toLowerCase()}`
  const lastWeek = new Date(Date.parse(to) - 6 * 86_400_000).toISOString().slice(0, 10)
  return {
    setup: `eval "$(${command('local env', {flags: {demo: database.name}})})"`,
    commands: [
      command('tb report', {args: ['trial-balance']}),
      command('tb statement', {args: [bank], flags: {from: lastWeek, to}}),
      command('tb pending'),
      command('tb reconcile', {args: [bank], flags: {against: bankFile}}),
      command('tb audit', {flags: {replay: true}}),
    ],
  }
}
