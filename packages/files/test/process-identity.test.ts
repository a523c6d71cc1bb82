import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {isListed, isRunning, liveness, ownIdentity} from '@parix/files/process-identity'
import {expect} from 'chai'

const DEAD_PID = 2 ** 22 + 1
const linux = process.platform === 'linux' ? it : it.skip

describe('process identity', () => {
  const own = ownIdentity()

  it('this process runs', () => {
    expect(liveness(own).alive).to.equal(true)
    expect(isRunning(process.pid)).to.equal(true)
  })

  linux('is certain where boot, namespace and start time are known', () => {
    expect(liveness(own)).to.deep.equal({alive: true, certain: true})
    expect(liveness({...own, pid: DEAD_PID})).to.deep.equal({alive: false, certain: true})
  })

  linux('a later process with the same PID is another one', () => {
    expect(liveness({...own, started: '1'})).to.deep.equal({alive: false, certain: true})
    expect(isRunning(process.pid, '1')).to.equal(false)
  })

  it('another host can not be asked: alive, uncertain', () => {
    expect(liveness({...own, host: 'elsewhere', pid: DEAD_PID})).to.deep.equal({alive: true, certain: false})
  })

  linux('after a reboot, or in another container, a PID says nothing: gone, uncertain', () => {
    expect(liveness({...own, boot: 'other'})).to.deep.equal({alive: false, certain: false})
    expect(liveness({...own, namespace: 'pid:[1]'})).to.deep.equal({alive: false, certain: false})
  })

  it('without boot id only the PID decides, uncertain', () => {
    const plain = {...own, boot: '', namespace: '', started: ''}
    expect(liveness(plain)).to.deep.equal({alive: true, certain: false})
    expect(liveness({...plain, pid: DEAD_PID})).to.deep.equal({alive: false, certain: false})
  })

  for (const pid of [0, -1, 1.5, Number.NaN, DEAD_PID]) {
    it(`${pid} is not a running process`, () => {
      expect(isRunning(pid)).to.equal(false)
      expect(isListed(pid)).to.equal(false)
    })
  }

  it('a process of another user runs', () => {
    // PID 1 is root's, or ours: it runs either way.
    expect(isRunning(1)).to.equal(true)
  })

  linux('a zombie does not run, and is listed until its parent has noticed', async () => {
    // The shell becomes a `sleep` before its child ends, and that never waits for the child.
    const parent: ChildProcess = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const [line] = (await once(parent.stdout!, 'data')) as [Buffer]
      const pid = Number(line.toString())
      while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve))
      expect(isListed(pid)).to.equal(true)
      expect(isRunning(pid)).to.equal(false)
    } finally {
      parent.kill('SIGKILL')
      await once(parent, 'exit')
    }
  })
})
