import {parseJson} from '@parix/kit/json'
import {run, start, startRecordingService, withHome, withService} from '@parix/testkit'
import {expect} from 'chai'

describe('the testkit', () => {
  it('records what came and answers as scripted, the last script staying', async () => {
    await withService(async (service) => {
      service.answer('POST', '/x', {status: 503, body: 'no'}, {json: {ok: true}})
      const post = () => fetch(`${service.baseUrl}/x?a=1`, {method: 'POST', body: '{"n":9007199254740993}'})
      const statuses = [(await post()).status, (await post()).status, (await post()).status]
      expect(statuses).to.deep.equal([503, 200, 200])
      expect(service.requests[0]).to.include({method: 'POST', path: '/x', target: '/x?a=1'})
      expect(parseJson(service.requests[0]!.body)).to.deep.equal({n: 9007199254740993n})
    })
  })

  it('fails a test in which a request came that nobody scripted', async () => {
    const service = await startRecordingService()
    await fetch(`${service.baseUrl}/unknown`)
    const failure = await service.stop().catch((error: Error) => error)
    expect(failure).to.be.instanceOf(Error).with.property('message').that.includes('GET /unknown')
  })

  it('runs a process with nothing but the given environment, and kills it after its time', async () => {
    await withHome(async (home) => {
      const script = 'process.stdin.pipe(process.stdout); console.error(process.env.HOME); process.exitCode = 7'
      const result = await run(process.execPath, ['-e', script], {env: home.environment, stdin: 'hello'})
      expect(result).to.include({stdout: 'hello', stderr: `${home.path}\n`, code: 7, signal: null})
    })
    const endless = start(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {timeoutMs: 100})
    const failure = await endless.result.catch((error: Error) => error)
    expect(failure).to.be.instanceOf(Error)
  })
})
