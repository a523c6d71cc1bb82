import {readdirSync, readFileSync, utimesSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {openSessionStore} from '@parix/kit/session'
import {bundleScript, makeHome, run, type Script, sessionFile, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'

/** Beyond the largest pid that Linux gives out. */
const DEAD_PID = 2 ** 22 + 1

describe('the lock of the session store', () => {
  let home: TestHome
  let script: Script
  before(async () => {
    script = await bundleScript(new URL('../scripts/hold-lock.ts', import.meta.url))
  })
  after(() => script.remove())
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const here = (pid: number) => ({id: 'a', pid, host: hostname()})
  const enter = (lockWaitMaxMs: number) =>
    openSessionStore({environment: home.environment, lockWaitMaxMs}).withLock(async () => 'in')

  it('lets one in at a time within a process too', async () => {
    const store = openSessionStore({environment: home.environment})
    const log: string[] = []
    const work = (name: string) =>
      store.withLock(async () => {
        log.push(`${name} in`)
        await new Promise((resolve) => setImmediate(resolve))
        log.push(`${name} out`)
      })
    await Promise.all(['a', 'b', 'c'].map(work))
    for (let index = 0; index < log.length; index += 2) {
      expect(log[index]?.replace(' in', ' out')).to.equal(log[index + 1])
    }
  })

  it('is released when the work fails', async () => {
    const store = openSessionStore({environment: home.environment})
    await store.withLock(async () => Promise.reject(new Error('no'))).catch(() => {})
    expect(await enter(1000)).to.equal('in')
    expect(readdirSync(join(home.path, '.config/parix'))).to.deep.equal([])
  })

  it('threat 5.3: 16 processes and a lock left by a crash: taken over within seconds, never two inside', async () => {
    const left = home.write('.config/parix/session.lock', here(DEAD_PID))
    utimesSync(left, Date.now() / 1000 - 60, Date.now() / 1000 - 60)
    const log = join(home.path, 'log')
    const processes = Array.from({length: 16}, () => run(process.execPath, [script.path, log], {env: home.environment}))
    const results = await Promise.all(processes)
    expect(results.map(({code, stderr}) => [code, stderr])).to.deep.equal(results.map(() => [0, '']))
    const lines = readFileSync(log, 'utf8').trim().split('\n')
    expect(lines).to.have.length(32)
    for (let index = 0; index < lines.length; index += 2) {
      expect(lines[index]?.replace('enter', 'leave')).to.equal(lines[index + 1])
    }
    expect(readdirSync(join(home.path, '.config/parix'))).to.deep.equal([])
  })

  /** Each in a home of its own, all at once: waiting takes its time. */
  const inOwnHomes = async (holders: [unknown, number][], work: (environment: NodeJS.ProcessEnv) => Promise<void>) => {
    const homes = holders.map(() => makeHome())
    await Promise.all(
      homes.map((own, index) => {
        const [holder, secondsAgo] = holders[index]!
        const path = own.write('.config/parix/session.lock', holder)
        utimesSync(path, Date.now() / 1000 - secondsAgo, Date.now() / 1000 - secondsAgo)
        return work(own.environment)
      }),
    )
    for (const own of homes) own.remove()
  }

  it('threat 5.3, 5.5: taken over: no sign of life for a minute (the pid was reused), or dead for 5 s here', async () => {
    const log = join(home.path, 'log')
    const killed = await run(process.execPath, [script.path, log, 'die'], {env: home.environment})
    expect(killed.signal).to.equal('SIGKILL')
    const leftOver: [unknown, number][] = [
      [here(process.pid), 120],
      [{id: 'a', pid: DEAD_PID, host: 'elsewhere'}, 120],
      [here(DEAD_PID), 10],
      // It crashed before it wrote its name.
      ['', 60],
    ]
    const started = performance.now()
    await Promise.all([
      inOwnHomes(leftOver, async (environment) => {
        expect(await openSessionStore({environment, lockWaitMaxMs: 30_000}).withLock(async () => 'in')).to.equal('in')
      }),
      enter(30_000),
    ])
    expect(performance.now() - started).to.be.lessThan(25_000)
  })

  it('threat 5.4, 5.5: respected: a dead pid with a fresh sign of life (another container), a living one, another host', async () => {
    const held: [unknown, number][] = [
      [here(DEAD_PID), 0],
      [here(process.pid), 30],
      [{id: 'a', pid: DEAD_PID, host: 'elsewhere'}, 30],
    ]
    await inOwnHomes(held, async (environment) => {
      const said: string[] = []
      const store = openSessionStore({environment, lockWaitMaxMs: 3300, say: (text) => said.push(text)})
      const error = await thrown(store.withLock(async () => 'in'))
      expect(error).to.include({kind: 'UNAVAILABLE', code: 'session_locked', exitCode: 75})
      expect(said).to.have.length(1)
      expect(said[0]).to.match(/process \d+/)
    })
  })

  it('threat 4.14: where the directory can not be made, the lock is kept elsewhere', async () => {
    home.write('.config/parix', 'a file')
    expect(await enter(1000)).to.equal('in')
    const store = openSessionStore({environment: home.environment})
    const error = await thrown(store.save(sessionFile(), {activate: true}))
    expect(error).to.include({code: 'session_unreadable', exitCode: 4})
  })
})
