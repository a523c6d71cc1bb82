import {parseBaseUrl} from '@parix/kit/origin'
import {expect} from 'chai'
import {isLedgerCreate, isLedgerQuery, isLedgerRead, missingPathHint, resolvePath} from '../src/target.js'

const base = parseBaseUrl('https://base.example/parix')

describe('the path of parix api', () => {
  const inside: [string, string][] = [
    ['databases', 'https://base.example/parix/api/v1/databases'],
    ['databases?search=a b', 'https://base.example/parix/api/v1/databases?search=a%20b'],
    ['databases/db%2F1', 'https://base.example/parix/api/v1/databases/db%2F1'],
    ['api/auth/oauth2/userinfo', 'https://base.example/parix/api/auth/oauth2/userinfo'],
    ['api/v1/session', 'https://base.example/parix/api/v1/session'],
    ['../auth/x', 'https://base.example/parix/api/auth/x'],
    ['/api/v1/session', 'https://base.example/api/v1/session'],
    ['https://BASE.example:443/x#part', 'https://base.example/x'],
    ['HTTPS://base.example/x', 'https://base.example/x'],
  ]
  for (const [text, href] of inside) {
    it(`threat 3.3: ${text} is ${href}`, () => {
      expect(resolvePath(base, text).href).to.equal(href)
    })
  }

  // `new URL(text, base)` leaves the origin for each of them.
  const outside = [
    'https://evil.example/x',
    '//evil.example/x',
    '/\\evil.example/x',
    '\\\\evil.example\\x',
    ' https://evil.example/',
    '\thttps://evil.example/',
    'ht\ntps://evil.example/',
    '/\t/evil.example/x',
    'HTTPS://evil.example/',
    'https://base.example@evil.example/',
    'https://user@base.example/',
    'https://base.example.evil.example/',
    'https://base.example:8443/',
    'http://base.example/',
    'https://base.example./',
    'https://base.exаmple/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:alert(1)',
    'databases:x',
  ]
  for (const text of outside) {
    it(`threat 3.2: ${JSON.stringify(text)} is refused`, () => {
      expect(() => resolvePath(base, text))
        .to.throw(/different origin|Not sent/)
        .with.property('kind', 'NOT_SENT')
    })
  }

  for (const text of ['', '  ', 'https://', 'http://[']) {
    it(`${JSON.stringify(text)} is bad input`, () => {
      expect(() => resolvePath(base, text))
        .to.throw()
        .with.property('exitCode', 2)
    })
  }

  it('a 404 outside the API suggests the path without its slash', () => {
    expect(missingPathHint(base, resolvePath(base, '/databases?limit=1'))).to.include("parix api 'databases?limit=1'")
    expect(missingPathHint(base, resolvePath(base, 'databases'))).to.equal(undefined)
  })

  it('knows which operations only read, which page, and which create by ids', () => {
    const of = (operation: string) => resolvePath(base, `databases/x/tb/${operation}`)
    expect(
      ['lookup_accounts', 'get_account_transfers', 'query_transfers', 'create_transfers'].map((o) =>
        isLedgerRead(of(o)),
      ),
    ).to.deep.equal([true, true, true, false])
    expect(
      ['lookup_accounts', 'get_account_balances', 'query_accounts'].map((o) => isLedgerQuery(of(o))),
    ).to.deep.equal([false, true, true])
    expect(['create_accounts', 'query_accounts'].map((o) => isLedgerCreate(of(o)))).to.deep.equal([true, false])
  })
})
