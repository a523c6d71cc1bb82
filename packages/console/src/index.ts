/** @parix/console: the books of a database as pages. See README.md. */

export type {Chart, CompiledChart} from '@parix/books/chart'
export {type ChartSource, chartOf, compileChartSource} from './chart-source.js'
export {createConsole} from './console.js'
export type {
  ConsoleDatabase,
  ConsoleHost,
  ConsoleTool,
  DatabaseCard,
  LedgerCopy,
  LedgerReader,
  LedgerWriter,
  ReadLimits,
  Visitor,
} from './host.js'
export {type ServedConsole, serveConsole} from './serve.js'
export {badge, command, count, type Markup, name} from './view/markup.js'
