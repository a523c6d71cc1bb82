import type {DeviceLogin, Tokens} from '@parix/kit/oauth'
import {expect} from 'chai'
import {invitation, signInByDevice} from '../../src/auth/device-login.js'

const LOGIN: DeviceLogin = {
  userCode: 'BDWP-HQPK',
  verificationUri: new URL('https://parix.example/device'),
  verificationUriComplete: new URL('https://parix.example/device?user_code=BDWP-HQPK'),
  openable: true,
  expiresInSeconds: 1800,
  wait: async () => ({accessToken: 'access'}) as Tokens,
}

describe('signing in with a code', () => {
  it('threat 9.6: shows the page and the code, alone on its line; the complete address only besides', () => {
    const lines = invitation(LOGIN).split('\n')
    expect(lines[0]).to.equal('On any device, open: https://parix.example/device')
    expect(lines).to.include('  Code: BDWP-HQPK')
    expect(lines.findIndex((line) => line.includes('?user_code='))).to.be.greaterThan(
      lines.indexOf('  Code: BDWP-HQPK'),
    )
    expect(lines.join('\n')).to.contain('only if the page shows this code').and.contain('30 min')
  })

  it('threat 9.8: a page of another origin is shown with its origin, and a warning', () => {
    const foreign = {...LOGIN, verificationUri: new URL('https://evil.example/device'), openable: false}
    expect(invitation(foreign)).to.contain('Check the address: this page is at https://evil.example')
    expect(invitation(LOGIN)).to.not.contain('Check the address')
  })

  it('threat 7.9: a code with escape sequences is cleaned', () => {
    expect(invitation({...LOGIN, userCode: '\u001b[2JAB'})).to.contain('Code: \\u001b[2JAB')
  })

  it('says so when the service does not offer it, with what was left out of its document', async () => {
    const world = {
      terminal: {say: () => {}, warn: () => {}, waiting: () => () => {}},
      discover: async () => ({ignored: ['The device endpoint is at another origin: https://evil.example.']}),
      startDevice: () => {
        throw new Error('must not be started')
      },
    }
    const error = await signInByDevice(world).then(
      () => undefined,
      (reason: Error) => reason,
    )
    expect(error).to.include({code: 'device_not_offered', exitCode: 1})
    expect(error)
      .to.have.nested.property('details.errors')
      .that.deep.equals(['The device endpoint is at another origin: https://evil.example.'])
  })
})
