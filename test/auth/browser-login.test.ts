import type {AuthorizationRequest, Tokens} from '@parix/kit/oauth'
import {expect} from 'chai'
import {type BrowserLoginOptions, type BrowserLoginWorld, signInByBrowser} from '../../src/auth/browser-login.js'
import {openLoopback} from '../../src/auth/loopback.js'
import {get} from './raw-http.js'

const STATE = 'state-of-this-attempt'
const PAGE = 'https://parix.example/authorize'
const CONSENT_GRANTED = new URL('https://parix.example/cli-oauth-consent-granted')
const TOKENS: Tokens = {
  accessToken: 'access',
  tokenType: 'Bearer',
  accessTokenExpiresAt: '2026-01-01T00:00:00.000Z',
  refreshToken: 'refresh',
  scopes: ['openid'],
}

/** The flow with a world of ours: the listener is real, the service is not. */
describe('signing in by the browser', () => {
  let said: string[]
  let exchanges: string[]
  let port: number

  beforeEach(() => {
    said = []
    exchanges = []
    port = 0
  })

  /** A browser that brings `query` to the listener at once, and what it ended on. */
  const browserThatBrings = (query: string) => () => get(port, `/callback?${query}`).then(() => undefined)

  function world(more: Partial<BrowserLoginWorld> = {}): BrowserLoginWorld {
    return {
      terminal: {say: (text) => said.push(text), warn: (text) => said.push(text)},
      openLoopback: async (options) => {
        const loopback = await openLoopback(options)
        port = loopback.port
        return loopback
      },
      authorizationRequest: async () =>
        ({url: new URL(PAGE), state: STATE, codeVerifier: 'verifier'}) as AuthorizationRequest,
      exchangeCode: async (callback) => {
        exchanges.push(callback.search)
        return TOKENS
      },
      planBrowser: () => ({launchers: [{program: 'browser', arguments: [PAGE]}]}),
      openBrowser: browserThatBrings(`code=abc&state=${STATE}`),
      offersDevice: async () => false,
      hostname: 'server',
      deviceCommand: 'parix auth login --device',
      ...more,
    }
  }

  const options = (more: Partial<BrowserLoginOptions<Tokens>> = {}): BrowserLoginOptions<Tokens> => ({
    port: 0,
    timeoutMs: 20_000,
    hintAfterMs: 20_000,
    consentGranted: CONSENT_GRANTED,
    complete: async (tokens) => tokens,
    ...more,
  })

  const failure = (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      () => {
        throw new Error('should have failed')
      },
      (error: Error) => error,
    )

  it('brings the code to the exchange, and the tokens back', async () => {
    expect(await signInByBrowser(options(), world())).to.equal(TOKENS)
    expect(exchanges).to.deep.equal([`?code=abc&state=${STATE}`])
  })

  it('threat 7.1: the page is named before a browser is tried', async () => {
    let saidBefore: string[] = []
    const openBrowser = async () => {
      saidBefore = [...said]
      return browserThatBrings(`code=abc&state=${STATE}`)()
    }
    await signInByBrowser(options(), world({openBrowser}))
    expect(saidBefore[0]).to.contain(PAGE)
  })

  it('threat 1.17: the browser hears of success after the tokens are kept', async () => {
    const order: string[] = []
    const openBrowser = async () => {
      const {headers} = await get(port, `/callback?code=abc&state=${STATE}`)
      order.push(`browser at ${headers.location}`)
      return undefined
    }
    const complete = async (tokens: Tokens) => {
      await new Promise((resolve) => setImmediate(resolve))
      order.push('kept')
      return tokens
    }
    await signInByBrowser(options({complete}), world({openBrowser}))
    expect(order[0]).to.equal('kept')
  })

  it('threat 1.17: when keeping the tokens fails, the browser gets an error page', async () => {
    let page: Promise<{status: number}> | undefined
    const openBrowser = () => {
      page = get(port, `/callback?code=abc&state=${STATE}`)
      return page.then(() => undefined)
    }
    const complete = () => Promise.reject(new Error('disk full'))
    expect((await failure(signInByBrowser(options({complete}), world({openBrowser})))).message).to.equal('disk full')
    expect((await page!).status).to.equal(502)
  })

  it('threat 1.1: warns of foreign answers, three times at most, and continues', async () => {
    const openBrowser = async () => {
      for (let count = 0; count < 5; count++) await get(port, '/callback?code=x&state=other')
      return browserThatBrings(`code=abc&state=${STATE}`)()
    }
    await signInByBrowser(options(), world({openBrowser}))
    expect(said.filter((line) => line.startsWith('Warning:'))).to.have.length(3)
    expect(exchanges).to.have.length(1)
  })

  for (const [row, query] of [
    ['1.3', `state=${STATE}`],
    ['1.5', `error=access_denied&state=${STATE}`],
    ['1.6', `error=server_error&code=abc&state=${STATE}`],
  ] as const) {
    it(`threat ${row}: ?${query} ends the login without a token request`, async () => {
      await failure(signInByBrowser(options(), world({openBrowser: browserThatBrings(query)})))
      expect(exchanges).to.deep.equal([])
    })
  }

  it('threat 1.26: ends when the time is over, names other ways, and frees the port', async () => {
    const error = await failure(signInByBrowser(options({timeoutMs: 30}), world({openBrowser: async () => undefined})))
    expect(error).to.include({exitCode: 4, code: 'login_timeout'})
    expect(error)
      .to.have.nested.property('details.next')
      .that.satisfies((next: string[]) => /--device/.test(next.join()))
    const again = await openLoopback({port})
    await again.close()
  })

  describe('when no browser comes up', () => {
    /** The person reads the hint, and then brings the answer. */
    const personWhoReads = (expected: RegExp) => (line: string) => {
      said.push(line)
      if (expected.test(line)) void get(port, `/callback?code=abc&state=${STATE}`)
    }

    it('threat 7.2: a browser that fails is reported, with other ways', async () => {
      const terminal = {say: personWhoReads(/another machine/), warn: (line: string) => said.push(line)}
      await signInByBrowser(options(), world({terminal, openBrowser: async () => 'xdg-open ended with exit code 3'}))
      expect(said.join('\n')).to.contain('No browser could be opened: xdg-open ended with exit code 3.')
      expect(said.join('\n')).to.contain(`ssh -L ${port}:127.0.0.1:${port} server`)
    })

    it('threat 7.2: a browser that does nothing leads to the hint after a while', async () => {
      const terminal = {say: personWhoReads(/another machine/), warn: (line: string) => said.push(line)}
      await signInByBrowser(options({hintAfterMs: 20}), world({terminal, openBrowser: async () => undefined}))
      expect(said.join('\n')).to.contain('another machine')
    })

    it('threat 7.3: none is tried by SSH, and the device login is named where it is offered', async () => {
      const terminal = {say: personWhoReads(/another machine/), warn: (line: string) => said.push(line)}
      await signInByBrowser(
        options(),
        world({
          terminal,
          planBrowser: () => ({launchers: [], reason: 'you are connected by SSH'}),
          openBrowser: () => {
            throw new Error('must not be tried')
          },
          offersDevice: async () => true,
        }),
      )
      expect(said.join('\n')).to.contain('you are connected by SSH').and.contain('parix auth login --device')
    })

    it('the address that another browser ended on can be pasted', async () => {
      async function* pasted() {
        yield 'what?'
        yield `http://127.0.0.1:${port}/callback?code=x&state=other`
        yield `http://127.0.0.1:${port}/callback?code=abc&state=${STATE}`
      }
      await signInByBrowser(
        options(),
        world({planBrowser: () => ({launchers: [], reason: 'you are connected by SSH'}), pasted}),
      )
      expect(exchanges).to.deep.equal([`?code=abc&state=${STATE}`])
      expect(said.join('\n')).to.contain('not the address').and.contain('belongs to another sign-in')
    })
  })
})
