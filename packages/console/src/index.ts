/** @parix/console: the books of a database as pages. See README.md. */

import {Chart, type CompiledChart} from '@parix/books/chart'

export type {Chart, CompiledChart} from '@parix/books/chart'
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

/** A chart of accounts as a host receives it: the text of the file, and of the files of names that it refers to. */
export interface ChartSource {
  text: string
  /** By the names that the chart has for them. */
  names: Readonly<Record<string, string>>
}

/** @throws ParixError BAD_INPUT when the chart is wrong */
export async function compileChartSource({text, names}: ChartSource): Promise<CompiledChart> {
  // Only who compiles a chart needs the parser.
  const {compileChart} = await import('@parix/books/chart/compile')
  return compileChart(text, {
    file: 'parix.chart.yaml',
    readNames: (file) => {
      if (!Object.hasOwn(names, file)) throw new Error(`the file ${file} was not sent with the chart.`)
      return names[file]!
    },
  })
}

export function chartOf(compiled: CompiledChart): Chart {
  return new Chart(compiled)
}
