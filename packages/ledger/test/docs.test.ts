import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {CreateAccountStatus, CreateTransferStatus} from '@parix/ledger'
import {expect} from 'chai'

const PACKAGE = join(import.meta.dirname, '..')
const pages = ['README.md', ...readdirSync(join(PACKAGE, 'docs')).map((name) => `docs/${name}`)]
const rules = readFileSync(join(PACKAGE, 'docs/rules.md'), 'utf8')

interface Row {
  name: string
  number: number
  places: {file: string; function: string}[]
}

function rowsOf(section: string): Row[] {
  const rows = [...section.matchAll(/^\| `(\w+)`(?: \\\*)? \| (\d+) \| .*? \| (.*) \|$/gm)]
  return rows.map(([, name = '', number = '', where = '']) => ({
    name,
    number: Number(number),
    places: [...where.matchAll(/\]\(([^)]+)\) `(\w+)`/g)].map(([, file = '', fn = '']) => ({file, function: fn})),
  }))
}

describe('docs', () => {
  it('rules.md names every status with its number', () => {
    const [accounts = '', ...transfers] = rules.split('## create_transfers')
    for (const [section, statuses] of [
      [accounts, CreateAccountStatus],
      [transfers.join(''), CreateTransferStatus],
    ] as const) {
      const named = new Map(rowsOf(section).map(({name, number}) => [name, number]))
      const all = Object.entries(statuses).filter(([, number]) => typeof number === 'number')
      expect(Object.fromEntries(named)).to.deep.equal(Object.fromEntries(all))
    }
  })

  it('section 15 of semantics.md names every status with its number', () => {
    const section = readFileSync(join(PACKAGE, 'docs/semantics.md'), 'utf8').split('\n## 15. ')[1]!.split('\n## ')[0]!
    const [, accounts = '', transfers = ''] = section.split('\n### ')
    for (const [table, statuses] of [
      [accounts, CreateAccountStatus],
      [transfers, CreateTransferStatus],
    ] as const) {
      const named = [...table.matchAll(/\| (\d+) \| `(\w+)`/g)].map(([, number, name]) => [name, Number(number)])
      const all = Object.entries(statuses).filter(([, number]) => typeof number === 'number')
      expect(Object.fromEntries(named)).to.deep.equal(Object.fromEntries(all))
    }
  })

  it('rules.md sends the reader to functions that exist', () => {
    for (const row of rowsOf(rules)) {
      expect(row.places, row.name).to.have.lengthOf.greaterThan(0)
      for (const place of row.places) {
        const code = readFileSync(join(PACKAGE, 'docs', place.file), 'utf8')
        expect(code, `${row.name} in ${place.file}`).to.match(new RegExp(`\\b${place.function}\\(`))
      }
    }
  })

  for (const page of pages) {
    it(`every link of ${page} leads somewhere`, () => {
      const text = readFileSync(join(PACKAGE, page), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
        expect(existsSync(join(PACKAGE, dirname(page), target)), target).to.equal(true)
      }
    })
  }
})
