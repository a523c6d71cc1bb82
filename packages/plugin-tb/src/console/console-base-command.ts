import {currentDirectory} from '@parix/files/paths'
import {findChart} from '@parix/kit/chart-names'
import {chooseDatabase} from '@parix/kit/settings'
import {type ChartFlagValues, TbCommand} from '../tb-command.js'
import type {ConsoleAddress} from './console-command.js'

interface Wanted {
  database: string | undefined
  flags: ChartFlagValues
  port: number
  /** Whether the page is opened in a browser. */
  open: boolean
}

/** What `parix console` and `parix open` share. */
export abstract class ConsoleBaseCommand extends TbCommand<ConsoleAddress> {
  protected async present({database: argument, flags, port, open}: Wanted): Promise<ConsoleAddress> {
    const chart = await this.loadedChart(flags)
    const api = await this.api()
    const chosen = chooseDatabase({
      argument,
      origin: api.base.origin,
      organization: api.base.inPrint?.organizationId,
      environment: process.env,
    })
    if (chosen !== undefined) this.chosen(chosen)
    const {hasConsole, localConsole, openPage, servedConsole} = await import('./console-command.js')
    const call = {api, database: chosen?.database, chart, port}
    const served = (await hasConsole(api)) ? undefined : await servedConsole(call, (text) => this.debugLine(text))
    const address = {
      url: served?.url ?? (await localConsole(call)),
      service: api.base.origin,
      served: served !== undefined,
    }
    this.show(`${address.url}\n`)
    const failure = open ? await openPage(address.url) : undefined
    if (failure !== undefined) this.terminal.warn(`No browser is opened: ${failure}. Open the address yourself.`)
    if (served === undefined) return address
    // The result is needed while the pages are served, not after.
    if (this.jsonEnabled()) this.logJson(address)
    this.terminal.say('The address works once. Ctrl-C ends the console.')
    await served.idle
    this.terminal.say('Nobody asked for anything for 30 minutes: the console has ended.')
    await served.close()
    return this.exit(0)
  }

  private async loadedChart(flags: ChartFlagValues) {
    const question = {
      flag: flags.chart,
      none: flags['no-chart'] === true,
      environment: process.env,
      cwd: currentDirectory(),
    }
    if (findChart(question) === undefined) return undefined
    const {loadChart} = await import('../chart/load-chart.js')
    return loadChart(question)
  }
}
