import {
  existsSync,
  lutimesSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {hostname, tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Clock} from '@parix/files/clock'
import {acquireLock, describeHolder, type Lock, lockHolder, tryLock} from '@parix/files/lock'
import {ownIdentity} from '@parix/files/process-identity'
import {bundleScript, run, type Script} from '@parix/testkit'
import {expect} from 'chai'

/** Beyond the largest PID that Linux gives out. */
const DEAD_PID = 2 ** 22 + 1

/** Time that passes only while somebody waits. */
function fakeClock(): Clock & {advance(ms: number): void} {
  let passed = 0
  let work: (() => void)[] = []
  const start = Date.now()
  const advance = (ms: number) => {
    for (let left = ms; left > 0; left -= 1000) {
      passed += Math.min(left, 1000)
      for (const one of work) one()
    }
  }
  return {
    wallMs: () => start + passed,
    monotonicMs: () => passed,
    delay: async (ms) => advance(Math.max(ms, 250)),
    every: (_ms, beat) => {
      work.push(beat)
      return () => {
        work = work.filter((one) => one !== beat)
      }
    },
    advance,
  }
}

describe('the lock', () => {
  let directory: string
  let path: string
  let clock: ReturnType<typeof fakeClock>
  const held: Lock[] = []
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-lock-'))
    path = join(directory, 'a.lock')
    clock = fakeClock()
  })
  afterEach(() => {
    for (const lock of held.splice(0)) lock.release()
    rmSync(directory, {recursive: true})
  })

  const take = (stale: 'heartbeat' | 'process' = 'heartbeat'): Lock | undefined => {
    const attempt = tryLock(path, {stale, clock})
    if ('heldBy' in attempt) return undefined
    held.push(attempt.lock)
    return attempt.lock
  }
  const wait = async (waitMaxMs: number, onWait?: (who: string) => void) => {
    const attempt = await acquireLock(path, {
      stale: 'heartbeat',
      clock,
      waitMaxMs,
      onWait: (holder) => onWait?.(describeHolder(holder)),
    })
    if ('lock' in attempt) held.push(attempt.lock)
    return attempt
  }
  /** A lock as another process left it, last touched `secondsAgo`. */
  const left = (holder: object | string, secondsAgo = 0) => {
    writeFileSync(
      path,
      typeof holder === 'string' ? holder : JSON.stringify({id: 'other', host: hostname(), ...holder}),
    )
    const at = clock.wallMs() / 1000 - secondsAgo
    utimesSync(path, at, at)
  }

  it('is held by one at a time, and free again after release', () => {
    const lock = take()
    expect(lock?.isHeld()).to.equal(true)
    expect(take()).to.equal(undefined)
    lock?.release()
    lock?.release()
    expect(take()?.isHeld()).to.equal(true)
  })

  it('names its holder, who cannot be mistaken for a later process with the same PID', () => {
    take()
    expect(JSON.parse(readFileSync(path, 'utf8'))).to.include({pid: process.pid, host: hostname()})
    expect(lockHolder(path, {stale: 'process'})).to.include(ownIdentity())
  })

  it('is private, and leaves nothing beside it', () => {
    const lock = take()
    expect(statSync(path).mode & 0o777).to.equal(0o600)
    expect(readdirSync(directory)).to.deep.equal(['a.lock'])
    lock?.release()
    expect(readdirSync(directory)).to.deep.equal([])
  })

  it('makes its directory, 0700', () => {
    path = join(directory, 'new', 'deep', 'a.lock')
    expect(take()?.isHeld()).to.equal(true)
    expect(statSync(join(directory, 'new')).mode & 0o777).to.equal(0o700)
  })

  it('release removes no lock that is somebody else’s by now', () => {
    const lock = take()
    left({pid: process.pid})
    expect(lock?.isHeld()).to.equal(false)
    lock?.release()
    expect(existsSync(path)).to.equal(true)
  })

  describe('whose process is certainly gone', () => {
    const {boot, namespace} = ownIdentity()
    const certain = process.platform === 'linux' ? it : it.skip

    for (const stale of ['heartbeat', 'process'] as const) {
      certain(`is taken over at once (${stale})`, () => {
        left({pid: DEAD_PID, boot, namespace, started: '1'})
        expect(take(stale)?.isHeld()).to.equal(true)
        expect(readdirSync(directory)).to.deep.equal(['a.lock'])
      })

      certain(`is taken over at once where the PID was reused (${stale})`, () => {
        left({pid: process.pid, boot, namespace, started: '1'})
        expect(take(stale)?.isHeld()).to.equal(true)
      })
    }

    certain('is taken over when whoever was taking it over died, too', () => {
      left({pid: DEAD_PID, boot, namespace, started: '1'})
      writeFileSync(`${path}.other`, JSON.stringify({id: 'second', pid: DEAD_PID, host: hostname(), boot, namespace}))
      expect(take()?.isHeld()).to.equal(true)
      expect(readdirSync(directory)).to.deep.equal(['a.lock'])
    })

    certain('is left to whoever is taking it over right now', () => {
      left({pid: DEAD_PID, boot, namespace, started: '1'})
      writeFileSync(`${path}.other`, JSON.stringify({id: 'second', ...ownIdentity()}))
      expect(take()).to.equal(undefined)
      clock.advance(61_000)
      expect(take()).to.equal(undefined)
      expect(take()?.isHeld()).to.equal(true)
    })
  })

  describe('whose process is probably gone', () => {
    for (const [what, holder] of [
      ['written by an older parix', {pid: DEAD_PID}],
      ['from before a reboot', {pid: process.pid, boot: 'another', namespace: 'pid:[1]', started: '1'}],
      ['of another container with this host name', {pid: process.pid, boot: ownIdentity().boot, namespace: 'pid:[1]'}],
      ['left empty', ''],
      ['damaged', '{"id":'],
      ['of another shape', '[]'],
    ] as const) {
      it(`is taken over 5 s after its last sign of life: ${what}`, async () => {
        left(holder)
        expect(await wait(4000)).to.have.property('heldBy')
        expect(await wait(4000)).to.have.property('lock')
      })

      it(`is taken over at once where only the end of a process counts: ${what}`, () => {
        // One without a name may be one that is being written.
        left(holder, typeof holder === 'string' ? 6 : 0)
        if (typeof holder === 'string') expect(lockHolder(path, {stale: 'process'})).to.equal(undefined)
        expect(take('process')?.isHeld()).to.equal(true)
      })
    }

    it('is watched for a moment even if its time is old: a clock may have jumped', () => {
      left({pid: DEAD_PID}, 3600)
      expect(take()).to.equal(undefined)
    })
  })

  describe('whose process runs, or cannot be asked', () => {
    for (const [what, holder] of [
      ['this process', {...ownIdentity()}],
      ['another host', {pid: DEAD_PID, host: 'elsewhere'}],
    ] as const) {
      it(`is respected for a minute without a sign of life: ${what}`, async () => {
        left(holder)
        const said: string[] = []
        expect(await wait(50_000, (who) => said.push(who))).to.have.property('heldBy')
        expect(said).to.have.length(1)
        expect(said[0]).to.match(/another parix \(process \d+( on elsewhere)?\)/)
        expect(await wait(20_000)).to.have.property('lock')
      })

      it(`is respected for ever where only the end of a process ends it: ${what}`, () => {
        left(holder, 1e6)
        expect(take('process')).to.equal(undefined)
      })
    }

    it('is touched every second, so that it is never taken from a living holder', async () => {
      take()
      const waited = await wait(300_000)
      expect(waited).to.have.property('heldBy')
    })
  })

  it('a symbolic link to nothing is not a lock of a process, and is replaced', () => {
    symlinkSync(join(directory, 'nothing'), path)
    expect(take()).to.equal(undefined)
    lutimesSync(path, 0, 0)
    expect(take('process')?.isHeld()).to.equal(true)
  })

  it('without watching, what the file says is enough', () => {
    const policy = {stale: 'heartbeat', watch: false, clock} as const
    left({pid: DEAD_PID})
    expect(lockHolder(path, policy)).to.equal(undefined)
    left({pid: DEAD_PID, host: 'elsewhere'}, 50)
    expect(lockHolder(path, policy)).to.include({host: 'elsewhere'})
    left({pid: DEAD_PID, host: 'elsewhere'}, 61)
    expect(lockHolder(path, policy)).to.equal(undefined)
  })

  it('goes with a directory that is renamed', () => {
    const before = join(directory, 'before', 'a.lock')
    const attempt = tryLock(before, {stale: 'heartbeat', clock})
    if ('heldBy' in attempt) throw new Error('held')
    renameSync(join(directory, 'before'), join(directory, 'after'))
    attempt.lock.movedTo(join(directory, 'after', 'a.lock'))
    expect(attempt.lock.isHeld()).to.equal(true)
    attempt.lock.release()
    expect(readdirSync(join(directory, 'after'))).to.deep.equal([])
  })

  it('a directory that is missing is not created where that is not wanted', () => {
    path = join(directory, 'missing', 'a.lock')
    expect(() => tryLock(path, {stale: 'process', createDirectory: false})).to.throw('ENOENT')
    expect(existsSync(join(directory, 'missing'))).to.equal(false)
  })

  it('many locks of one process need one listener', () => {
    const before = process.listenerCount('exit')
    for (let n = 0; n < 20; n++) {
      const attempt = tryLock(join(directory, `${n}.lock`), {stale: 'heartbeat', clock})
      if ('lock' in attempt) held.push(attempt.lock)
    }
    expect(process.listenerCount('exit')).to.be.at.most(before + 1)
  })

  it('the heartbeat survives the loss of the file and touches nobody else’s', () => {
    const lock = take()
    rmSync(path)
    clock.advance(3000)
    expect(lock?.isHeld()).to.equal(false)
    left({pid: process.pid}, 100)
    const before = statSync(path).mtimeMs
    clock.advance(3000)
    expect(statSync(path).mtimeMs).to.equal(before)
  })

  it('works where the file system has no hard links', async () => {
    const script = await bundleScript(new URL('scripts/no-links.ts', import.meta.url))
    const {code, stdout} = await run(process.execPath, [script.path, path])
    script.remove()
    expect([code, stdout.trim()]).to.deep.equal([0, 'held true, second false, left: 0'])
  })

  describe('among processes', () => {
    let script: Script
    before(async () => {
      script = await bundleScript(new URL('scripts/hold-lock.ts', import.meta.url))
    })
    after(() => script.remove())

    it('threat 5.3: of 16 that find a lock left by a crash, one at a time is inside, and nothing is left', async () => {
      const log = join(directory, 'log')
      const crashed = await run(process.execPath, [script.path, path, log, 'die'])
      expect(crashed.signal).to.equal('SIGKILL')
      const results = await Promise.all(Array.from({length: 16}, () => run(process.execPath, [script.path, path, log])))
      expect(results.map(({code, stderr}) => [code, stderr])).to.deep.equal(results.map(() => [0, '']))
      const lines = readFileSync(log, 'utf8').trim().split('\n').slice(1)
      expect(lines).to.have.length(32)
      for (let index = 0; index < lines.length; index += 2) {
        expect(lines[index]?.replace('enter', 'leave')).to.equal(lines[index + 1])
      }
      expect(readdirSync(directory)).to.deep.equal(['log'])
    })

    it('is released by a process that exits while holding it', async () => {
      const {code} = await run(process.execPath, [script.path, path, join(directory, 'log'), 'exit'])
      expect(code).to.equal(0)
      expect(readdirSync(directory)).to.deep.equal(['log'])
    })
  })
})
