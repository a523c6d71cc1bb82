import {expect} from 'chai'
import {listenError, parsePort} from '../../src/auth/login-options.js'

describe('--port', () => {
  for (const [text, reason] of [
    ['80x', /not a port number/],
    ['1e3', /not a port number/],
    ['-1', /not a port number/],
    ['', /not a port number/],
    [' 8080', /not a port number/],
    ['8080.0', /not a port number/],
    ['0x1f90', /not a port number/],
    ['65536', /highest is 65535/],
    ['99999', /highest is 65535/],
    ['1', /special permissions/],
    ['22', /special permissions/],
    ['1023', /special permissions/],
    ['6000', /Browsers refuse/],
    ['6665', /Browsers refuse/],
    ['6669', /Browsers refuse/],
    ['10080', /Browsers refuse/],
  ] as const) {
    it(`threat 1.25: "${text}" is refused with the reason`, () => {
      expect(() => parsePort(text))
        .to.throw(reason)
        .with.property('exitCode', 2)
    })
  }

  for (const port of [0, 1024, 5999, 6001, 8080, 65_535]) {
    it(`threat 1.25: ${port} passes`, () => {
      expect(parsePort(String(port))).to.equal(port)
    })
  }

  it('threat 1.25: a port that the system refuses is said so', () => {
    const refused = Object.assign(new Error('listen EACCES'), {code: 'EACCES'})
    expect(listenError(refused, 5000).message).to.equal('This system does not allow the use of port 5000.')
  })
})
