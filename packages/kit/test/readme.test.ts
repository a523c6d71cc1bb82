import {readdirSync, readFileSync} from 'node:fs'
import {expect} from 'chai'
import {idOf, report} from '../examples/exact-numbers.js'

const KIT = new URL('../', import.meta.url)
const readme = readFileSync(new URL('README.md', KIT), 'utf8')

describe('README.md of the kit', () => {
  it('shows each of the examples that the type check compiles, and no other code', () => {
    const shown = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!)
    const examples = readdirSync(new URL('examples', KIT)).map((name) =>
      readFileSync(new URL(`examples/${name}`, KIT), 'utf8'),
    )
    expect(shown).to.have.members(examples)
  })

  it('names every module that the package exports', () => {
    const {exports} = JSON.parse(readFileSync(new URL('package.json', KIT), 'utf8')) as {exports: object}
    const modules = Object.keys(exports).filter((name) => name !== './package.json')
    const named = [...readme.matchAll(/^\| `@parix\/kit(\/[a-z-]+)`/gm)].map(([, name]) => `.${name}`)
    expect(named).to.have.members(modules)
  })

  it('what it says of exact numbers is so', () => {
    expect(idOf('{"id": 340282366920938463463374607431768211455}')).to.equal(2n ** 128n - 1n)
    expect(JSON.parse(report(2n ** 100n))).to.deep.equal({amount: String(2n ** 100n)})
  })
})
