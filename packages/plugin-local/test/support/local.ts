import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, type ServiceOptions, startService} from '@parix/plugin-local/server'

export interface LocalFixture {
  /** The running service; tests reach it over real HTTP. */
  readonly service: RunningService
  readonly dataDir: string
  url(path: string): string
  restart(options?: Partial<ServiceOptions>): Promise<void>
}

/** A service of this suite's own, on a free port and in a directory that is gone afterwards. */
export function useLocalService(options: Partial<ServiceOptions> = {}): LocalFixture {
  let service: RunningService | undefined
  let dataDir = ''
  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-local-'))
    service = await startService({port: 0, dataDir, ...options})
  })
  after(async () => {
    await service?.close()
    rmSync(dataDir, {recursive: true, force: true})
  })
  return {
    get service() {
      return service!
    },
    get dataDir() {
      return dataDir
    },
    url: (path) => `${service!.baseUrl}${path}`,
    async restart(changed = {}) {
      await service!.close()
      service = await startService({port: 0, dataDir, ...options, ...changed})
    },
  }
}
