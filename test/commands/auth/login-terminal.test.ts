import {readFileSync} from 'node:fs'
import {
  makeHome,
  type RecordingService,
  type Running,
  startOnTerminal,
  startRecordingService,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'
import {get} from '../../auth/raw-http.js'
import {SECRETS, scriptSignIn} from './scripted-service.js'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'

describe('parix auth login on a terminal', function () {
  this.timeout(60_000)
  let home: TestHome
  let service: RecordingService
  let login: Running
  let state: string
  let port: number

  beforeEach(async () => {
    home = makeHome()
    service = scriptSignIn(await startRecordingService())
    login = startOnTerminal(['auth', 'login', '--base-url', service.baseUrl], {
      home,
      env: {BROWSER: 'none'},
      columns: 1000,
    })
    const [address] = await login.saw(/http\S+\/authorize\?\S+/)
    state = new URL(address).searchParams.get('state')!
    const [, found] = await login.saw(/ssh -L (\d+):/)
    port = Number(found)
    await login.saw(/Address: /)
  })
  afterEach(async () => {
    login.child.kill('SIGKILL')
    home.remove()
    await service.stop()
  })

  const type = (keys: string) => login.child.stdin!.write(keys)
  const address = () => `http://127.0.0.1:${port}/callback?${new URLSearchParams({code: SECRETS.code, state})}`
  const userId = () => JSON.parse(readFileSync(home.sessionPath, 'utf8')).user.id

  it('takes the address that another browser ended on', async () => {
    type('what is this?\r')
    await login.saw(/not the address/)
    type(`${address()}\r`)
    const {code, stdout} = await login.result
    expect(code).to.equal(0)
    expect(stdout).to.contain('Signed in at')
    expect(userId()).to.equal('user_ada')
  })

  it('continues when the browser answers while the question stands', async () => {
    await get(port, new URL(address()).pathname + new URL(address()).search)
    const {code, stdout} = await login.result
    expect(code).to.equal(0)
    // On a line of its own: where the exchange took a moment, the passing line that said so was taken off first.
    expect(stdout).to.match(/(\r\n|\r\u001b\[K)Signed in at/)
  })

  it('threat 1.27: Ctrl-C at the question ends it with 130, and nothing is stored', async () => {
    type(CTRL_C)
    const {code, stdout} = await login.result
    expect(code).to.equal(130)
    expect(stdout).to.not.match(/\n\s+at /)
  })

  it('Ctrl-D ends the question, not the sign-in', async () => {
    type(CTRL_D)
    await get(port, new URL(address()).pathname + new URL(address()).search)
    expect((await login.result).code).to.equal(0)
  })
})
