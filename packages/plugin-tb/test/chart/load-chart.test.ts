import {chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {findChart} from '@parix/kit/chart-names'
import {withHome} from '@parix/testkit'
import {expect} from 'chai'
import {loadChart} from '../../src/chart/load-chart.js'

const CHART = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes: {account: {bank: 10}}
accounts:
  bank: {id: 1, ledger: USD, code: bank}
  shop/*: {id: {hash: shop}, ledger: USD, code: bank, names: shops.csv}
`

interface Place {
  cwd: string
  environment: Record<string, string>
  path: string
  write(name: string, text: string): string
  cached(): string[]
}

function inProject(work: (place: Place) => Promise<void>): Promise<void> {
  return withHome(async (home) => {
    const cwd = join(home.path, 'project/deep/er')
    mkdirSync(cwd, {recursive: true})
    const write = (name: string, text: string) => {
      const file = join(home.path, 'project', name)
      writeFileSync(file, text)
      return file
    }
    write('shops.csv', 'name\nnorth\n')
    const cache = join(home.path, '.cache/parix/charts')
    const cached = () => {
      try {
        return readdirSync(cache).map((name) => join(cache, name))
      } catch {
        return []
      }
    }
    await work({cwd, environment: home.environment, path: write('parix.chart.yaml', CHART), write, cached})
  })
}

describe('loading a chart', () => {
  it('finds it in a directory above; --chart goes before PARIX_CHART, and --no-chart before all', () =>
    inProject(async ({cwd, environment, path}) => {
      expect(findChart({cwd, environment})).to.equal(path)
      expect(findChart({cwd, environment: {...environment, PARIX_CHART: '../x.yaml'}})).to.match(
        /project\/deep\/x\.yaml$/,
      )
      expect(findChart({cwd, environment: {...environment, PARIX_CHART: ''}})).to.equal(undefined)
      expect(findChart({cwd, environment: {...environment, PARIX_CHART: 'x'}, flag: 'y.yaml'})).to.match(
        /deep\/er\/y\.yaml$/,
      )
      expect(findChart({cwd, environment, none: true, flag: 'y'})).to.equal(undefined)
    }))

  it('compiles it once: the second command reads the cache, and a changed chart or file of names is compiled anew', () =>
    inProject(async ({cwd, environment, write, cached}) => {
      const first = await loadChart({cwd, environment})
      expect(first?.chart.account('bank').id).to.equal(1n)
      expect(cached()).to.have.length(1)
      expect((await loadChart({cwd, environment}))?.chart.compiled).to.deep.equal(first?.chart.compiled)
      write('parix.chart.yaml', CHART.replace('id: 1,', 'id: 2,'))
      expect((await loadChart({cwd, environment}))?.chart.account('bank').id).to.equal(2n)
      expect(cached()).to.have.length(2)
      write('shops.csv', 'name\nsouth\n')
      expect((await loadChart({cwd, environment}))?.chart.names()).to.deep.equal(['bank', 'shop/*'])
      expect((await loadChart({cwd, environment}))?.chart.listed().map(({name}) => name)).to.deep.equal([
        'bank',
        'shop/south',
      ])
      expect(cached()).to.have.length(3)
    }))

  it('compiles again when the cache is damaged, of another source, or writable by others', () =>
    inProject(async ({cwd, environment, cached}) => {
      await loadChart({cwd, environment})
      const [file] = cached()
      for (const text of ['', '{}', JSON.stringify({digest: 'other', chart: {ledgers: []}})]) {
        writeFileSync(file!, text)
        expect((await loadChart({cwd, environment}))?.chart.account('bank').id, text).to.equal(1n)
        expect(JSON.parse(readFileSync(file!, 'utf8'))).to.have.property('chart')
      }
      writeFileSync(file!, readFileSync(file!, 'utf8').replace('"id":"1"', '"id":"666"'))
      chmodSync(file!, 0o666)
      expect((await loadChart({cwd, environment}))?.chart.account('bank').id).to.equal(1n)
    }))

  it('is refused when others may write to it, and when it reads files elsewhere', () =>
    inProject(async ({cwd, environment, path, write}) => {
      chmodSync(path, 0o666)
      await expectError(loadChart({cwd, environment}), /Other users can write to the file/)
      chmodSync(path, 0o644)
      for (const names of ['/etc/passwd', '../x.csv']) {
        write('parix.chart.yaml', CHART.replace('shops.csv', names))
        await expectError(loadChart({cwd, environment}), /has an error/)
      }
      await expectError(loadChart({cwd, environment, flag: 'none.yaml'}), /There is no chart/)
    }))

  it('is refused when a scale has changed since it was locked', () =>
    inProject(async ({cwd, environment, write}) => {
      write(
        'parix.chart.lock.json',
        JSON.stringify({version: 1, ledgers: {USD: {id: 700, scale: 0, since: '2026-01-01'}}}),
      )
      await expectError(loadChart({cwd, environment}), /100 times too small/)
      write('parix.chart.lock.json', '')
      await expectError(loadChart({cwd, environment}), /is damaged/)
    }))
})

async function expectError(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: Error) => reason,
  )
  expect(error?.message).to.match(message)
}
