import {holdingSignals} from '@parix/kit/signals'
import type {LocalService} from './running.js'
import type {RunningService, ServiceOptions} from './server/index.js'

export interface ForegroundOptions {
  port: number
  dataDir: string
  settings: Partial<ServiceOptions>
  log: (level: string, message: string) => void
  ready: (service: LocalService) => void
}

/** Runs the service in this process until a signal comes, and closes it then. */
export async function runInForeground(options: ForegroundOptions): Promise<void> {
  forgetForeignSettings()
  const {startService} = await import('./server/index.js')
  const {port, dataDir, settings} = options
  const service = await startService({
    ...settings,
    port,
    dataDir,
    log: options.log,
  })
  await holdingSignals(async () => {
    const signal = nextSignal()
    options.ready(describe(service))
    await signal
    await service.close()
  })
}

/**
 * Better Auth reads variables that may be set for another program on this machine: trusted origins, secrets, telemetry.
 * Here its settings are in the code alone.
 */
function forgetForeignSettings(): void {
  for (const name of Object.keys(process.env)) {
    if (name.includes('BETTER_AUTH_')) delete process.env[name]
  }
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

function describe({baseUrl, user, organization, apiKey, dataDir}: RunningService): LocalService {
  return {baseUrl, user, organization, apiKey, dataDir, pid: process.pid}
}
