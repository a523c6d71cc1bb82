import {ParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import {compile, EXAMPLE} from './example.js'

function findings(text: string, names?: string): string[] {
  try {
    compile(text, names)
  } catch (error) {
    expect(error).to.be.instanceOf(ParixError)
    return (error as ParixError).details.errors ?? []
  }
  return []
}

const HEAD = 'version: 1\nledgers:\n  USD: {id: 700, scale: 2}\ncodes:\n  account: {bank: 10}\n'
const account = (lines: string) => `${HEAD}accounts:\n${lines}`

describe('compiling a chart', () => {
  it('accepts the example, and the same as JSON', () => {
    expect(findings(EXAMPLE)).to.deep.equal([])
    const json = '{"version": 1, "ledgers": {"USD": {"id": 700, "scale": 2}}, "codes": {"account": {}, "transfer": {}}}'
    expect(compile(json).ledgers).to.deep.equal([{name: 'USD', id: 700, scale: 2}])
  })

  for (const [title, text, expected] of [
    ['an unknown key', `${HEAD}acounts: {}\n`, /^parix\.chart\.yaml:1:1 unknown key "acounts"/],
    ['a syntax error', `${HEAD}accounts: {bank: {id: 1\n`, /^parix\.chart\.yaml:\d+:\d+ /],
    [
      'a duplicate key',
      account('  a: {id: 1, ledger: USD, code: bank}\n  a: {id: 2, ledger: USD, code: bank}\n'),
      /:8:\d+ .*unique/i,
    ],
    [
      'a duplicate id',
      account('  a: {id: 1, ledger: USD, code: bank}\n  b: {id: 1, ledger: USD, code: bank}\n'),
      /:8:7 accounts\.b\.id: 1 is the id of @a already/,
    ],
    ['an unknown ledger', account('  a: {id: 1, ledger: EUR, code: bank}\n'), /:7:\d+ .*"EUR" is not in ledgers/],
    ['an unknown code', account('  a: {id: 1, ledger: USD, code: bnak}\n'), /"bnak" is not in codes\.account/],
    [
      'an unknown flag',
      account('  a: {id: 1, ledger: USD, code: bank, flags: [histroy]}\n'),
      /"histroy" is not an account flag/,
    ],
    ['the id 0', account('  a: {id: 0, ledger: USD, code: bank}\n'), /0 can't be an account's id/],
    ['an id of 129 bits', account(`  a: {id: ${2n ** 128n}, ledger: USD, code: bank}\n`), /accounts\.a\.id/],
    ['a fraction as an id', account('  a: {id: 1.5, ledger: USD, code: bank}\n'), /accounts\.a\.id/],
    [
      'a scale of 39',
      'version: 1\nledgers: {USD: {id: 1, scale: 39}}\ncodes: {}\n',
      /ledgers\.USD\.scale: must be between 0 and 38/,
    ],
    [
      'two names for one code',
      'version: 1\nledgers: {}\ncodes: {account: {a: 1, b: 1}}\n',
      /codes\.account\.b: 1 is the code of a already/,
    ],
    [
      'two names for one ledger',
      'version: 1\nledgers: {A: {id: 1, scale: 0}, B: {id: 1, scale: 2}}\ncodes: {}\n',
      /ledgers\.B\.id: 1 is the id of A already/,
    ],
    [
      'a ledger that is a tenant of another',
      'version: 1\nledgers: {A: {id: 1, scale: 0, tenants: {bits: 8}}, B: {id: 257, scale: 2}}\ncodes: {}\n',
      /already/,
    ],
    [
      'patterns that overlap',
      account(
        '  a/*: {id: {base: 10, plus: n}, ledger: USD, code: bank}\n  b/*: {id: {base: 20, plus: n}, ledger: USD, code: bank}\n',
      ),
      /overlap those of a\/\*/,
    ],
    [
      'a pattern over a plain account',
      account(
        '  a/*: {id: {base: 10, plus: n, count: 5}, ledger: USD, code: bank}\n  b: {id: 12, ledger: USD, code: bank}\n',
      ),
      /contain 12, the id of @b/,
    ],
    [
      'a plain name inside a pattern',
      account('  a/*: {id: {base: 10, plus: n}, ledger: USD, code: bank}\n  a/1: {id: 2, ledger: USD, code: bank}\n'),
      /is also a name of the pattern a\/\*/,
    ],
    [
      'two UUID patterns',
      account('  a/*: {id: uuid, ledger: USD, code: bank}\n  b/*: {id: uuid, ledger: USD, code: bank}\n'),
      /one name only/,
    ],
    ['a pattern with a plain id', account('  a/*: {id: 5, ledger: USD, code: bank}\n'), /a pattern needs/],
    [
      'a plain name with a pattern id',
      account('  a: {id: uuid, ledger: USD, code: bank}\n'),
      /an account needs a whole number/,
    ],
    ['a name that begins with a digit', account('  1a: {id: 5, ledger: USD, code: bank}\n'), /is not an account name/],
    [
      'a name with an escape character',
      account('  "a\\e[31m": {id: 5, ledger: USD, code: bank}\n'),
      /is not an account name/,
    ],
    [
      'both limits',
      account(
        '  a: {id: 5, ledger: USD, code: bank, flags: [debits_must_not_exceed_credits, credits_must_not_exceed_debits]}\n',
      ),
      /refuses an account with both limits/,
    ],
    ['a custom tag', 'version: 1\nledgers: !x {}\ncodes: {}\n', /tag/i],
    ['a list', '- 1\n', /A chart is a mapping/],
    ['an empty file', '', /A chart is a mapping/],
    ['another version', 'version: 2\nledgers: {}\ncodes: {}\n', /version: must be 1/],
    ['a base URL', `${HEAD}baseUrl: https://x.example\n`, /unknown key "baseUrl"/],
  ] as const) {
    it(`reports ${title} with its line and column`, () => {
      const found = findings(text)
      expect(found.join('\n')).to.match(expected)
      for (const line of found) expect(line).to.match(/^parix\.chart\.yaml:\d+:\d+ /)
    })
  }

  it('reports everything at once, in the order of the file', () => {
    const found = findings(account('  a: {id: 1, ledger: EUR, code: x}\n  b: {id: 1, ledger: USD, code: bank}\n'))
    expect(found).to.have.length(3)
    expect(found.map((line) => Number(line.split(':')[1]))).to.deep.equal([7, 7, 8])
  })

  it('takes no bomb of aliases', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 9; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      )
    const text = ['version: 1', ...lines].join('\n')
    expect(findings(text)).to.deep.equal(['parix.chart.yaml:1:1 Its aliases stand for too much.'])
  })

  it('says in its own words what YAML and the schema say in theirs', () => {
    const head = 'version: 1\nledgers: {USD: {id: 700, scale: 2}}\ncodes: {}\n'
    for (const [text, message] of [
      [`${head}---\n${head}`, '4:1 A second document begins here; one is read.'],
      [head.replace('version: 1', 'version: "1"'), '1:1 version: must be 1.'],
      [head.replace('version: 1', 'version: 1.0'), '1:1 version: must be 1.'],
      [head.replace('700', '7e2'), '2:17 ledgers.USD.id: is not a whole number.'],
      [head.replace('700', 'x'), '2:17 ledgers.USD.id: is not a whole number.'],
      [head.replace('scale: 2', 'scale: 2.0'), '2:26 ledgers.USD.scale: is not a whole number.'],
    ] as const)
      expect(findings(text), text).to.deep.equal([`parix.chart.yaml:${message}`])
  })

  it('refuses hostile names in a file of names', () => {
    for (const name of ['\u001b[31mred', '=cmd|calc', '\u202eevil', 'x'.repeat(10_000)]) {
      expect(findings(EXAMPLE, `${name}\n`).join()).to.match(/which is not a name/)
    }
  })
})
