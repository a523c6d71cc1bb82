import {holdingSignals} from '@parix/kit/signals'
import type {LocalService} from './running.js'
import type {RunningService} from './server/index.js'

export interface ForegroundOptions {
  port: number
  dataDir: string
  log: (line: string) => void
  ready: (service: LocalService) => void
}

/** Runs the service in this process until a signal comes, and closes it then. */
export async function runInForeground(options: ForegroundOptions): Promise<void> {
  const {startService} = await import('./server/index.js')
  const {port, dataDir} = options
  const service = await startService({port, dataDir, log: (level, message) => options.log(`${level}: ${message}`)})
  await holdingSignals(async () => {
    const signal = nextSignal()
    options.ready(describe(service))
    await signal
    await service.close()
  })
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

function describe({baseUrl, user, organization, apiKey, dataDir}: RunningService): LocalService {
  return {baseUrl, user, organization, apiKey, dataDir, pid: process.pid}
}
