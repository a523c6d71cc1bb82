import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, startOnTerminal, startParix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'

const LINE = '⠋ Reading big.ndjson (2 MB)'
/** What takes a line off. */
const OFF = '\r\u001b[K'

describe('a large file is said to be read before the CLI is loaded', () => {
  let home: TestHome
  before(() => {
    home = makeHome()
    const row = '{"id":1,"debit_account_id":1,"credit_account_id":2,"amount":1,"ledger":1,"code":1}\n'
    writeFileSync(join(home.path, 'big.ndjson'), row.repeat(2e6 / row.length))
    writeFileSync(join(home.path, 'small.ndjson'), row)
    writeFileSync(join(home.path, '\u001b[2Jbig'), row.repeat(2e6 / row.length))
    mkdirSync(join(home.path, 'directory'))
  })
  after(() => home.remove())

  const shown = (words: string, env: Record<string, string> = {}) => {
    // Nothing listens there.
    const all = {PARIX_API_KEY: 'px_key', PARIX_BASE_URL: 'http://127.0.0.1:9', ...env}
    return startOnTerminal(words.split(' '), {home, cwd: home.path, env: all}).result
  }

  const COMMANDS = [
    'tb create-transfers books --file big.ndjson',
    'tb create-accounts --file=big.ndjson books',
    'tb import transfers big.ndjson books',
  ]
  for (const words of COMMANDS) {
    it(`${words}: at once, and nothing is left of it beside an error`, async () => {
      const {stdout, code} = await shown(`${words} --nonsense`)
      expect(code).to.equal(2)
      expect(stdout.startsWith(`${LINE}${OFF}`), stdout).to.equal(true)
      expect(stdout.slice(LINE.length)).not.to.contain('Reading')
      expect(stdout).to.contain('--nonsense')
    })
  }

  it('the line of the command takes its place', async () => {
    const {stdout} = await shown('tb create-transfers books --file big.ndjson --dry-run --batch-size 8000')
    expect(stdout.startsWith(LINE), stdout.slice(0, 100)).to.equal(true)
    const [before, ...after] = stdout.split(OFF)
    expect(before).to.equal(LINE)
    expect(after.length).to.be.greaterThan(0)
    expect(after.at(-1)).not.to.contain('Reading')
  })

  const WITHOUT: [string, string, Record<string, string>?][] = [
    ['with --quiet', 'tb create-transfers books --file big.ndjson --quiet'],
    ['with -q', 'tb -q create-transfers books --file big.ndjson'],
    ['with --no-color', 'tb create-transfers books --file big.ndjson --no-color'],
    ['with NO_COLOR', 'tb create-transfers books --file big.ndjson', {NO_COLOR: '1'}],
    ['on a terminal that can do nothing', 'tb create-transfers books --file big.ndjson', {TERM: 'dumb'}],
    ['for a small file', 'tb create-transfers books --file small.ndjson'],
    ['for a directory', 'tb create-transfers books --file directory'],
    ['for a file that is not there', 'tb create-transfers books --file nothing/there'],
    ['for a value after --', 'tb create-transfers books -- --file big.ndjson'],
    ['for help', 'tb create-transfers --help --file big.ndjson'],
    ['for what another command reads', 'tb lookup-transfers books --file big.ndjson'],
  ]
  for (const [title, words, env] of WITHOUT) {
    it(`not ${title}`, async () => {
      const {stdout} = await shown(`${words} --nonsense`, env)
      expect(stdout.startsWith('⠋')).to.equal(false)
      expect(stdout).not.to.contain(OFF)
    })
  }

  it('not where stderr is not a terminal', async () => {
    const words = ['tb', 'create-transfers', 'books', '--file', 'big.ndjson', '--nonsense']
    const {stderr} = await startParix(words, {home, cwd: home.path, env: {PARIX_API_KEY: 'px_key'}}).result
    expect(stderr).not.to.contain('⠋')
  })

  it('a name sends nothing to the terminal that moves its cursor', async () => {
    const {stdout} = await shown('tb create-transfers books --file ./\u001b[2Jbig --nonsense')
    expect(stdout.startsWith('⠋ Reading ./\\u001b[2Jbig (2 MB)'), stdout.slice(0, 60)).to.equal(true)
  })
})
