import {Config} from '@oclif/core/config'
import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS} from './support/answers.js'
import {tb} from './support/tb.js'

interface Option {
  command: string[]
  flag: string
  type: string
}

/** A command's other words, so that only the flag under test is wrong. */
const WORDS: Readonly<Record<string, string[]>> = {
  'get-account-balances': ['--account-id', '1'],
  'get-account-transfers': ['--account-id', '1'],
  'create-accounts': ['--id', '1', '--ledger', '1', '--code', '1'],
  'create-transfers': ['--from', '1', '--to', '2', '--amount', '1', '--ledger', '1', '--code', '1'],
  'lookup-accounts': ['--id', '1'],
  'lookup-transfers': ['--id', '1'],
  assert: ['ledgers balanced'],
  close: ['1', '--into', '2'],
  reopen: ['1'],
  reverse: ['1'],
  verify: ['receipt.json'],
  exchange: ['--from', '1=1', '--to', '2=1', '--via', '3', '--via', '4', '--code', '1'],
  reserve: ['--from', '1', '--to', '2', '--amount', '1', '--ledger', '1', '--code', '1'],
  sweep: ['--from', '1', '--to', '2', '--code', '1'],
  entry: ['--debit', '1=1', '--credit', '2=1', '--code', '1', '--ledger', '1'],
  balance: ['1'],
  diff: ['books'],
  reconcile: ['1', '--against', 'bank.csv'],
  report: ['trial-balance'],
  statement: ['1'],
  post: ['1'],
  void: ['1'],
  'import accounts': ['accounts.csv'],
  'import transfers': ['transfers.csv'],
  'import show': ['job'],
  'import verify': ['job'],
  'import forget': ['job'],
  'outbox show': ['20261127-000000-abcdef'],
  'outbox resume': ['20261127-000000-abcdef'],
  'outbox forget': ['20261127-000000-abcdef'],
}

/** Without what the flag under test would conflict with. */
function words({command, flag}: Option, value: string): string[] {
  const rest = [...(WORDS[command.join(' ')] ?? [])]
  for (const other of [flag, ...(flag === 'amount-raw' ? ['amount'] : [])]) {
    const same = rest.indexOf(`--${other}`)
    if (same !== -1) rest.splice(same, 2)
  }
  if (flag === 'file' || flag === 'payload') rest.length = 0
  return [...command, ...rest, `--${flag}`, value]
}

describe('silence is an error, in every tb command', () => {
  let home: TestHome
  let options: Option[]
  before(async () => {
    const config = await Config.load({root: new URL('../', import.meta.url).pathname})
    options = config.commands
      .filter(({id, aliases}) => id.startsWith('tb:') && !aliases.includes(id))
      .flatMap(({id, flags}) =>
        Object.values(flags).map(({name, type}) => ({command: id.split(':').slice(1), flag: name, type})),
      )
    options = options.filter(({type}) => type === 'option')
    expect(options.length).to.be.greaterThan(80)
  })
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  /** Exit code 2, the flag is named, and nothing is sent. */
  async function expectRefused(option: Option, values: readonly string[], sentence: RegExp): Promise<void> {
    await withService(async (service) => {
      for (const value of values) {
        const line = words(option, value)
        const {code, stdout, stderr} = await tb(line, {home, service, env: {PARIX_DATABASE: BOOKS}})
        expect({code, stdout}, line.join(' ') + stderr).to.deep.equal({code: 2, stdout: ''})
        expect(stderr, line.join(' ')).to.match(sentence).and.to.contain(`--${option.flag}`)
      }
      expect(service.requests).to.deep.equal([])
    })
  }

  it('an empty value of any flag is refused', async () => {
    for (const option of options)
      await expectRefused(option, ['', ' '], /is empty|must be a whole number|expect|needs/i)
  })

  it('an empty element of a list is refused', async () => {
    const lists = options.filter(({flag}) => flag === 'ids' || flag === 'flag')
    expect(lists.length).to.be.greaterThan(5)
    for (const option of lists) {
      const one = option.flag === 'ids' ? '1' : 'reversed'
      await expectRefused(option, [`${one},,${one}`, `${one},`, `,${one}`], /empty/)
    }
  })

  it('a time in a unit other than nanoseconds, without a zone, or that is not a time, is refused', async () => {
    const times = options.filter(({flag}) => /^(timestamp.*|at|since|until)$/.test(flag))
    expect(times.length).to.be.greaterThan(8)
    for (const option of times) {
      await expectRefused(option, ['1795759394', '1795759394000', '1795759394000000'], /looks like/)
      await expectRefused(option, ['2026-11-27T10:00:00'], /no time zone/)
      await expectRefused(option, ['27.11.2026', 'soon'], /is not a time/)
    }
  })

  it('a zero that TigerBeetle takes for "not given" is refused', async () => {
    const zeros = options.filter(
      ({command, flag}) =>
        /^(code|ledger|limit|pending-id|timestamp-max|account|account-id)$/.test(flag) ||
        (command.join() === 'create-transfers' && /^(from|to)$/.test(flag)) ||
        (/^(get|query)-/.test(command.join()) && flag.startsWith('user-data')),
    )
    expect(zeros.length).to.be.greaterThan(25)
    for (const option of zeros)
      await expectRefused(
        option,
        ['0', '0x0'],
        /must not be 0|would not filter|at least 1|1 or more|must be a whole number|reserved/,
      )
  })

  it('an empty positional argument is refused, not read as the default database', async () => {
    await withService(async (service) => {
      for (const line of [
        ['query-transfers', ''],
        ['balance', '', '1'],
        ['balance', BOOKS, ''],
        ['outbox', 'show', ''],
      ]) {
        const {code, stderr} = await tb(line, {home, service, env: {PARIX_DATABASE: BOOKS}})
        expect(code, line.join(' ')).to.equal(2)
        expect(stderr, line.join(' ')).to.contain('is empty')
      }
      expect(service.requests).to.deep.equal([])
    })
  })
})
