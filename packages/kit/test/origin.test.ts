import {isParixError, type ParixError} from '@parix/kit/errors'
import {
  assertCredentialMayTravel,
  isLoopback,
  originKey,
  parseBaseUrl,
  resolveTarget,
  sameOrigin,
  serviceUrl,
} from '@parix/kit/origin'
import {anyText} from '@parix/testkit/any-text'
import {expect} from 'chai'
import fc from 'fast-check'

/** Not `fc.webUrl()`, whose paths make a map of all code points as well. */
const anyUrl = fc
  .tuple(fc.constantFrom('http', 'https'), fc.webAuthority(), anyText().map(encodeURI))
  .map(([scheme, authority, path]) => `${scheme}://${authority}/${path}`)

function refusal(work: () => unknown): ParixError {
  try {
    work()
  } catch (error) {
    if (isParixError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the base URL', () => {
  for (const text of ['http://192.0.2.1', 'http://parix.example', 'http://10.0.0.1:5173', 'http://[fe80::1]']) {
    it(`threat 2.16: ${text} is refused: it would send credentials unencrypted`, () => {
      const error = refusal(() => parseBaseUrl(text))
      expect(error).to.include({kind: 'NOT_SENT', exitCode: 2})
      expect(error.message).to.include('would send your credentials unencrypted')
    })
  }

  const LOOPBACK: [string, boolean][] = [
    ['http://localhost', true],
    ['http://LOCALHOST:5173', true],
    ['http://127.0.0.1', true],
    ['http://127.8.9.10:1', true],
    ['http://127.1', true],
    ['http://2130706433', true],
    ['http://0x7f.1', true],
    ['http://[::1]', true],
    ['http://[0:0:0:0:0:0:0:1]:80', true],
    ['http://localhost.evil.example', false],
    ['http://127.0.0.1.evil.example', false],
    ['http://127.0.0.1.evil', false],
    ['http://0', false],
    ['http://0.0.0.0', false],
    ['http://localhost.', false],
    ['http://localhost.localdomain', false],
    ['http://[::ffff:127.0.0.1]', false],
    ['http://[::]', false],
    ['http://128.0.0.1', false],
  ]
  for (const [text, loopback] of LOOPBACK) {
    it(`threat 2.17: ${text} is ${loopback ? '' : 'not '}this machine`, () => {
      expect(isLoopback(new URL(text))).to.equal(loopback)
      if (loopback) expect(() => parseBaseUrl(text)).not.to.throw()
      else expect(refusal(() => parseBaseUrl(text)).kind).to.equal('NOT_SENT')
    })
  }

  const BAD = [
    '',
    '   ',
    'parix.io',
    'https://',
    '/api',
    'https://parix.io?x=1',
    'https://parix.io/?',
    'https://parix.io#',
    'https://parix.io/#a',
    'ftp://parix.io',
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:alert(1)',
    'https://ada@parix.io',
    'https://ada:hunter2@parix.io',
    'https://:hunter2@parix.io',
    'ada:hunter2@parix.io',
    'https://ada:hunter2@parix .io',
  ]
  for (const text of BAD) {
    it(`threat 2.18: ${JSON.stringify(text)} is refused, without echoing a password`, () => {
      const error = refusal(() => parseBaseUrl(text))
      expect(error.kind).to.equal('BAD_INPUT')
      expect(JSON.stringify([error.message, error.details])).not.to.include('hunter2')
    })
  }

  it('threat 2.19: slashes, case and the default port make no difference, and the path is kept', () => {
    const spellings = ['https://parix.io', 'https://parix.io/', 'https://PARIX.io:443///', ' HTTPS://parix.io/ ']
    for (const text of spellings) {
      expect(parseBaseUrl(text).origin).to.equal('https://parix.io')
      expect(serviceUrl(parseBaseUrl(text), '/api/v1/session').href).to.equal('https://parix.io/api/v1/session')
    }
    const base = parseBaseUrl('https://example.com/parix/')
    expect(base.origin).to.equal('https://example.com')
    expect(serviceUrl(base, '/api/v1/session').href).to.equal('https://example.com/parix/api/v1/session')
  })

  it('threat 2.20: the three loopback names with one port are one origin', () => {
    const names = ['http://localhost:5173', 'http://127.0.0.1:5173', 'http://[::1]:5173']
    expect(new Set(names.map((name) => parseBaseUrl(name).origin))).to.deep.equal(new Set(['http://localhost:5173']))
    expect(originKey(new URL('http://127.0.0.2:5173'))).to.equal('http://127.0.0.2:5173')
  })
})

/** Each leaves `https://base.example/app` when a browser resolves it. */
const ELSEWHERE = [
  'https://evil.example/x',
  'HTTPS://EVIL.EXAMPLE/x',
  '//evil.example/x',
  '/\\evil.example/x',
  '\\\\evil.example\\x',
  ' //evil.example/x',
  '\t//evil.example/x',
  'ht\ntps://evil.example/x',
  '/\t/evil.example/x',
  'https:\\\\evil.example',
  'https://base.example@evil.example/',
  'https://user@base.example/',
  'https://base.example.evil.example/',
  'https://base.example:8443/x',
  'http://base.example/x',
  'https://base.example./x',
  'https://base.exаmple/x',
  'file:///etc/passwd',
  'data:text/plain,x',
  'javascript:alert(1)',
  'blob:https://base.example/x',
  'ws://base.example/x',
]

describe('where a credential may travel', () => {
  const base = parseBaseUrl('https://base.example/app')

  for (const text of ELSEWHERE) {
    it(`threat 3.2: ${JSON.stringify(text)} is another origin`, () => {
      const error = refusal(() => resolveTarget(base, text))
      expect(error).to.include({kind: 'NOT_SENT', code: 'other_origin', exitCode: 2})
      expect(refusal(() => assertCredentialMayTravel(base.url, new URL(text, `${base.url.href}/`))).kind).to.equal(
        'NOT_SENT',
      )
    })
  }

  const SAME: [string, string][] = [
    ['/api/v1/session', 'https://base.example/api/v1/session'],
    ['session?a=b', 'https://base.example/app/session?a=b'],
    ['../x', 'https://base.example/x'],
    ['%2e%2e/x', 'https://base.example/x'],
    ['https://BASE.example:443/x#part', 'https://base.example/x'],
    ['https:x', 'https://base.example/app/x'],
  ]
  for (const [text, target] of SAME) {
    it(`threat 3.3: ${text} stays at the origin, and a relative path stays under the base`, () => {
      expect(resolveTarget(base, text).href).to.equal(target)
    })
  }

  const issuer = new URL('http://localhost:5173')
  for (const target of ['http://127.0.0.1:5173/x', 'http://[::1]:5173', 'http://localhost:5173/a?b']) {
    it(`a token from ${issuer.origin} travels to ${target}`, () => {
      expect(() => assertCredentialMayTravel(issuer, new URL(target))).not.to.throw()
    })
  }
  const NOT_TO = [
    'http://localhost:5174',
    'https://localhost:5173',
    'http://localhost.evil.example:5173',
    'http://127.0.0.2:5173',
    'http://localhost.:5173',
    'http://x@localhost:5173',
  ]
  for (const target of NOT_TO) {
    it(`but not to ${target}`, () => {
      expect(refusal(() => assertCredentialMayTravel(issuer, new URL(target))).kind).to.equal('NOT_SENT')
    })
  }

  it('threat 3.14: nothing travels over http beyond this machine, even to its own issuer', () => {
    const plain = new URL('http://parix.example')
    expect(refusal(() => assertCredentialMayTravel(plain, plain)).code).to.equal('unencrypted')
  })

  it('law: a target that resolves is always of the base origin, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(anyUrl, fc.string(), fc.constantFrom(...ELSEWHERE)), fc.string(), (text, tail) => {
        let target: URL
        try {
          target = resolveTarget(base, text + tail)
        } catch (error) {
          return isParixError(error)
        }
        return target.origin === 'https://base.example' && sameOrigin(base.url, target)
      }),
    )
  })
})
