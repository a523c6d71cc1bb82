import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {expect} from 'chai'
import {type Books, startBooks} from './support/books.js'
import {startLossyProxy} from './support/lossy-proxy.js'

/** Rows of more than a megabyte: they are streamed. */
const MANY = 9_000

describe('commands that create', () => {
  let books: Books
  let nextId = 1_000_000
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const row = (id: number, more = '') =>
    `{"id":"${id}","debit_account_id":"1","credit_account_id":"2","amount":"1","ledger":700,"code":1,"user_data_128":"${'7'.repeat(20)}"${more}}\n`
  /** A file of transfers that no test had before. */
  function file(
    count: number,
    change: (line: string, index: number) => string = (line) => line,
  ): {path: string; first: number} {
    const first = nextId
    nextId += count
    const text = Array.from({length: count}, (_, index) => change(row(first + index), index)).join('')
    return {path: books.home.write(`rows${first}.ndjson`, text), first}
  }
  const create = (words: string, more = {}) => books.run(`tb create-transfers ${words}`, more)
  const balance = async () => (await books.balance(2)).credits
  const outboxEntries = () => {
    const root = `${books.home.path}/.local/state/parix/outbox`
    if (!existsSync(root)) return []
    return readdirSync(root, {recursive: true, encoding: 'utf8'}).filter((path) => path.endsWith('entry.json'))
  }

  describe('from a file that is streamed', () => {
    it('each row is created once, and the table, the JSON and the notices are about all of them', async () => {
      const before = await balance()
      const {path, first} = file(MANY)
      const {code, stdout, stderr} = await create(`--file ${path} --json`)
      expect(code).to.equal(0)
      expect(stderr).to.not.contain('not in the history')
      const document = JSON.parse(stdout) as {responsePayload: {index: number; id: string; result: string}[]}
      expect(document.responsePayload).to.have.lengthOf(MANY)
      expect(document.responsePayload[0]).to.include({index: 0, id: String(first), result: 'created'})
      expect(document.responsePayload.at(-1)).to.include({index: MANY - 1, id: String(first + MANY - 1)})
      expect(await balance()).to.equal(before + MANY)
      expect(outboxEntries()).to.deep.equal([])
      const [last] = (await books.run('history --json')).json().entries
      expect(last, 'in the history').to.include({outcome: 'created', count: MANY, firstId: String(first)})
      const again = await create(`--file ${path}`)
      expect(again.code).to.equal(0)
      expect(again.stdout).to.contain('already there  9,000 transfers')
      expect(await balance()).to.equal(before + MANY)
    })

    it('by stdin, as an array, and in a form that needs all rows at once, it is the same', async () => {
      const {path, first} = file(8_500)
      const text = readFileSync(path, 'utf8')
      const before = await balance()
      const array = `[${text.trim().split('\n').join(',')}]`
      const streamed = await create('--file - --json', {stdin: array})
      expect(streamed.code, streamed.stderr).to.equal(0)
      expect(await balance()).to.equal(before + 8_500)
      const whole = await books.run(['tb', 'create-transfers', '--file', path, '--jq', '.responsePayload | length'])
      expect(whole.stdout.trim()).to.equal('8500')
      expect(JSON.parse(streamed.stdout).responsePayload[0].id).to.equal(String(first))
      expect(await balance()).to.equal(before + 8_500)
    })

    it('whose result could not be written is kept, and told by the same command: nothing is created again', async () => {
      const before = await balance()
      const {path} = file(MANY)
      const lost = await create(`--file ${path} --json`, {stdout: 'ENOSPC'})
      expect(lost.code).to.equal(75)
      expect(lost.stderr).to.match(/9000 transfers \(id \d+ to \d+\) are in books/)
      expect(outboxEntries()).to.have.lengthOf(1)
      const again = await create(`--file ${path} --json`)
      expect(again.code).to.equal(0)
      expect(JSON.parse(again.stdout).responsePayload).to.have.lengthOf(MANY)
      expect(outboxEntries()).to.deep.equal([])
      expect(await balance()).to.equal(before + MANY)
    })

    it('without responses stays, and is resumed by the outbox with the requests that had none', async () => {
      const proxy = await startLossyProxy(books.ledger.port)
      const before = await balance()
      const {path} = file(MANY)
      try {
        proxy.choose = (target) => (target.endsWith('create_transfers') ? 'lose-answer' : 'pass')
        const lost = await create(`--file ${path} --retry-for 0 --json`, {env: {PARIX_BASE_URL: proxy.baseUrl}})
        expect(lost.code).to.equal(75)
        const {outbox} = lost.json().error
        proxy.choose = () => 'pass'
        const resumed = await books.run(`tb outbox resume ${outbox} --json --base-url ${proxy.baseUrl}`)
        expect(resumed.code, resumed.stderr).to.equal(0)
        expect(await balance()).to.equal(before + MANY)
        expect(outboxEntries()).to.deep.equal([])
      } finally {
        await proxy.stop()
      }
    })

    it('one row that is wrong anywhere sends nothing, and is named by its line', async () => {
      const before = await balance()
      const {path} = file(MANY, (line, index) =>
        index === MANY - 2 ? line.replace('"amount":"1"', '"amount":"-1"') : line,
      )
      const {code, stderr} = await create(`--file ${path}`)
      expect(code).to.equal(2)
      expect(stderr).to.contain(`line ${MANY - 1}: amount can't be negative`)
      expect(await balance()).to.equal(before)
      expect(outboxEntries()).to.deep.equal([])
    })
  })

  describe('with --dry-run', () => {
    it('show the very bytes of each request, and ask nobody', async () => {
      const {path, first} = file(3)
      const {code, stdout, stderr} = await create(`--file ${path} --batch-size 2 --dry-run`, {
        env: {PARIX_BASE_URL: 'http://127.0.0.1:9'},
      })
      expect(code).to.equal(0)
      expect(stderr).to.contain('Validated locally; nothing was sent.')
      const bodies = stdout.trim().split('\n')
      expect(bodies.map((body) => JSON.parse(body).map(({id}: {id: string}) => Number(id)))).to.deep.equal([
        [first, first + 1],
        [first + 2],
      ])
      const {json} = await create(`--file ${path} --batch-size 2 -n --json`)
      expect(json()).to.deep.equal({
        dryRun: true,
        operation: 'create_transfers',
        requests: bodies.map((body) => JSON.parse(body)),
      })
    })

    it('find what is wrong as sending does', async () => {
      const {code, stderr} = await create('--from 1 --to 1 --amount 5 --ledger 700 --code 1 --dry-run')
      expect(code).to.equal(2)
      expect(stderr).to.contain('Nothing was sent.')
    })
  })

  describe('with --receipt', () => {
    it('a receipt that is in the way sends nothing; one that can be written has the rows', async () => {
      const before = await balance()
      const taken = books.home.write('taken.json', 'x')
      const words = `--id ${nextId++} --from 1 --to 2 --amount 1 --ledger 700 --code 1`
      const refused = await create(`${words} --receipt ${taken}`)
      expect(refused.code).to.equal(2)
      expect(refused.stderr).to.contain('a receipt replaces no file')
      expect(await balance()).to.equal(before)
      const {path, first} = file(2)
      expect((await create(`--file ${path} --receipt ${books.home.path}/new.json`)).code).to.equal(0)
      expect(JSON.parse(books.home.read('new.json')).rows.map(({id}: {id: string}) => Number(id))).to.deep.equal([
        first,
        first + 1,
      ])
    })
  })

  it('flags of an object contradict a file of objects, and a file contradicts --payload', async () => {
    const {path} = file(1)
    for (const words of [
      `--file ${path} --from 1`,
      `--file ${path} --payload {}`,
      '--payload {} --id 7',
      `--file ${path} --batch-size 0`,
    ])
      expect((await create(words)).code, words).to.equal(2)
  })

  it('a database that a project names is reported before money goes there', async () => {
    const directory = `${books.home.path}/project`
    books.home.write('project/.parix.json', JSON.stringify({database: 'books'}))
    const {code, stderr} = await create(`--id ${nextId++} --from 1 --to 2 --amount 1 --ledger 700 --code 1`, {
      cwd: directory,
      env: {PARIX_DATABASE: undefined},
    })
    if (code === 0) expect(stderr).to.contain('Database books, as ')
    else expect(stderr).to.contain('PARIX_DATABASE')
  })
})
