import {openSessionStore, resolveBaseUrl} from '@parix/kit/session'
import {makeHome, sessionFile, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'

describe('which service a command talks to', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
    home.write('.config/parix/session.json', sessionFile({baseUrl: 'https://session.example/app'}))
  })
  afterEach(() => home.remove())

  const resolve = (environment: Record<string, string>, flag?: string) => {
    const all = {...home.environment, ...environment}
    const {base, source} = resolveBaseUrl({flag, environment: all, store: openSessionStore({environment: all})})
    return [base.url.href, source]
  }
  const variable = {PARIX_BASE_URL: 'https://variable.example/'}

  it('the flag, else PARIX_BASE_URL, else the session in use, else the default', () => {
    expect(resolve(variable, 'https://flag.example')).to.deep.equal(['https://flag.example/', 'flag'])
    expect(resolve(variable)).to.deep.equal(['https://variable.example/', 'environment'])
    expect(resolve({PARIX_BASE_URL: ' '})).to.deep.equal(['https://session.example/app', 'session'])
    expect(resolve({})).to.deep.equal(['https://session.example/app', 'session'])
    home.write('.config/parix/session.json', '')
    const environment = {...home.environment, ...variable}
    // As `auth login` asks: a stale session does not send it to an old environment, nor does a damaged one stop it.
    expect(resolveBaseUrl({environment})).to.deep.include({source: 'environment'})
    expect(resolveBaseUrl({environment: home.environment}).base.origin).to.equal('https://parix.io')
    expect(resolveBaseUrl({environment: {PARIX_BASE_URL: '  '}})).to.deep.include({source: 'default'})
  })

  it('threat 3.12: with an API key the session file is not even looked at', () => {
    home.write('.config/parix/session.json', 'damaged')
    expect(resolve({...variable, PARIX_API_KEY: 'px_1'})).to.deep.equal(['https://variable.example/', 'environment'])
  })

  it('a damaged session is said, not passed over', async () => {
    home.write('.config/parix/session.json', 'damaged')
    expect((await thrown(() => resolve({}))).kind).to.equal('SESSION_DAMAGED')
    expect(resolve(variable)[1]).to.equal('environment')
    expect(resolve(variable, 'https://flag.example')[1]).to.equal('flag')
  })

  it('threat 2.16, 3.14: unencrypted addresses are refused wherever they come from', async () => {
    for (const flag of ['http://parix.example', 'http://192.0.2.1']) {
      expect((await thrown(() => resolve({PARIX_API_KEY: 'px_1'}, flag))).kind).to.equal('NOT_SENT')
      expect((await thrown(() => resolveBaseUrl({environment: {PARIX_BASE_URL: flag}}))).kind).to.equal('NOT_SENT')
    }
  })
})
