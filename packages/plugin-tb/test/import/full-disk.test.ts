import fs, {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type TbResult, tb} from '../support/tb.js'

type FileFunction = (...args: unknown[]) => unknown

/** Every write and sync below `directory` after the first `allowed` fails as on a full disk. */
function fillDisk(directory: string, allowed: number): {restore(): void; refused(): number} {
  const functions = fs as unknown as Record<string, FileFunction>
  const descriptors = new Set<unknown>()
  let left = allowed
  let refused = 0
  const originals = new Map<string, FileFunction>()
  const replace = (name: string, replacement: (original: FileFunction) => FileFunction) => {
    const original = functions[name]!
    originals.set(name, original)
    functions[name] = replacement(original)
  }
  replace('openSync', (original) => (...args) => {
    const descriptor = original(...args)
    if (String(args[0]).startsWith(directory)) descriptors.add(descriptor)
    return descriptor
  })
  replace('closeSync', (original) => (...args) => {
    descriptors.delete(args[0])
    return original(...args)
  })
  for (const name of ['writeSync', 'fdatasyncSync', 'fsyncSync'])
    replace(name, (original) => (...args) => {
      if (!descriptors.has(args[0]) || left-- > 0) return original(...args)
      refused++
      throw Object.assign(new Error(`ENOSPC: no space left on device, ${name}`), {code: 'ENOSPC'})
    })
  replace('fdatasync', (original) => (...args) => {
    if (!descriptors.has(args[0]) || left-- > 0) return original(...args)
    refused++
    const done = args[1] as (error: Error) => void
    setImmediate(() => done(Object.assign(new Error('ENOSPC: no space left on device, fdatasync'), {code: 'ENOSPC'})))
    return undefined
  })
  syncBuiltinESMExports()
  return {
    restore() {
      for (const [name, original] of originals) functions[name] = original
      syncBuiltinESMExports()
    },
    refused: () => refused,
  }
}

describe('an import on a full disk', function () {
  this.timeout(120_000)
  let dataDir: string
  let service: RunningService
  let home: TestHome

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-full-disk-'))
    service = await startService({port: 0, dataDir, provisionDelayMs: 0})
  })
  after(async () => {
    await service?.close()
    rmSync(dataDir, {recursive: true, force: true})
  })
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const run = (words: string): Promise<TbResult> =>
    tb(words, {home, service, env: {PARIX_API_KEY: service.apiKey, PARIX_RETRY_FOR: '1s'}, cwd: home.path})

  async function database(name: string): Promise<void> {
    const headers = {'content-type': 'application/json', 'x-api-key': service.apiKey}
    await fetch(`${service.baseUrl}/api/v1/databases`, {method: 'POST', headers, body: JSON.stringify({name})})
    const accounts = '{"id":1,"ledger":700,"code":1}\n{"id":2,"ledger":700,"code":1}\n'
    writeFileSync(join(home.path, 'accounts.ndjson'), accounts)
    for (let code = 75; code !== 0; ) ({code} = await run(`create-accounts ${name} --file accounts.ndjson`))
  }

  it('stops at whichever write finds no space, loses nothing, and goes on when there is some', async () => {
    const lines = Array.from({length: 30}, (_, i) => `${i + 1},1,2,${i + 1},700,1`)
    let reached = 0
    for (let allowed = 0; ; allowed++) {
      const name = `full${allowed}`
      await database(name)
      writeFileSync(join(home.path, 't.csv'), `${['id,from,to,amount,ledger,code', ...lines].join('\n')}\n`)
      const words = `import transfers t.csv ${name} --batch-size 10 --json`
      const disk = fillDisk(join(home.path, '.local/state/parix/import'), allowed)
      const first = await run(words).finally(disk.restore)
      if (disk.refused() === 0) {
        expect(first.code).to.equal(0)
        break
      }
      reached++
      if (first.code !== 0) {
        expect(first.code, first.stdout).to.equal(1)
        expect(first.json().error.message)
          .to.match(/can't be (written|noted down)/)
          .and.to.match(/ENOSPC|disk is full/)
      }
      const second = await run(words)
      expect(second.code, second.stderr + second.stdout).to.equal(0)
      expect(second.json()).to.include({rows: 30, refused: 0, complete: true})
      const balance = (await run(`balance ${name} 2 --json`)).json()
      expect(balance.credits_posted, `after ${allowed} writes`).to.equal(String((30 * 31) / 2))
    }
    expect(reached).to.be.greaterThan(8)
  })
})
