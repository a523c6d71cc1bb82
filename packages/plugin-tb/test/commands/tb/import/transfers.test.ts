import {expect} from 'chai'
import {type Books, startBooks} from '../../../support/books.js'

describe('parix tb import transfers', () => {
  let books: Books
  before(async () => {
    books = await startBooks()
  })
  after(() => books.stop())

  const run = (words: string) => books.run(`tb import transfers ${words}`)
  const line = (id: number, to = 2, amount: number | string = 7) =>
    `{"id":${id},"from":1,"to":${to},"amount":${amount},"ledger":700,"code":1}\n`
  const file = (name: string, text: string) => books.home.write(name, text)

  it('every row is created once: the same file, given again, sends nothing', async () => {
    const path = file('good.ndjson', line(5001) + line(5002))
    const {code, json} = await run(`${path} --json`)
    expect(code).to.equal(0)
    expect(json()).to.deep.include({complete: true, unchanged: false, rows: 2, created: 2, existed: 0, refused: 0})
    const again = await run(`${path} --json`)
    expect(again.json()).to.include({unchanged: true, rows: 2})
    expect((await run(path)).stdout).to.contain('was imported before: 2 transfers in books. Nothing was sent.')
  })

  it('another file with rows that are there: they exist, and nothing is created twice', async () => {
    const before = await books.balance(2)
    const {json} = await run(`${file('more.ndjson', line(5001) + line(5003))} --json`)
    expect(json()).to.include({created: 1, existed: 1})
    expect((await books.balance(2)).credits).to.equal(before.credits + 7)
  })

  it('stops at a refused row, with 6 and a file of the refused rows and why', async () => {
    const path = file('refused.ndjson', line(5011) + line(5012, 99))
    const {code, stderr} = await run(path)
    expect(code).to.equal(6)
    expect(stderr).to.contain('1 created, 0 there before, 1 refused')
    expect(books.home.read('refused.ndjson.refused.ndjson')).to.contain('credit_account_not_found')
  })

  it('what is wrong in a file is said by line, all of it, before anything is sent', async () => {
    const path = file('wrong.ndjson', line(5021) + line(5022, 2, '"x"') + line(5023, 1))
    const {code, stderr} = await run(path)
    expect(code).to.equal(2)
    expect(stderr).to.contain('line 2: amount').and.contain('line 3').and.contain('Nothing was sent.')
    expect(await books.ledger.operate('lookup_transfers', [5021])).to.deep.equal([])
  })

  it('columns of a CSV are fields by their names, or by --map', async () => {
    const named = file('named.csv', 'id,from,to,amount,ledger,code\n5031,1,2,7,700,1\n')
    expect((await run(`${named} --json`)).json()).to.include({created: 1})
    const mapped = file('mapped.csv', 'ref,payer,payee,sum\n5032,1,2,7\n')
    const words = [
      'tb',
      'import',
      'transfers',
      mapped,
      '--map',
      'id=ref',
      '--map',
      'from=payer',
      '--map',
      'to=payee',
      '--map',
      'amount=sum',
      '--map',
      'ledger==700',
      '--map',
      'code==1',
      '--json',
    ]
    const {code, stdout, stderr} = await books.run(words)
    expect(code, stdout + stderr).to.equal(0)
    expect((await books.ledger.operate('lookup_transfers', [5032]))[0]).to.include({amount: '7', ledger: 700})
  })

  it('--format is what the file is: the result is text, or JSON with --json', async () => {
    const csv = 'id,from,to,amount,ledger,code\n5061,1,2,7,700,1\n'
    for (const [name, text, format] of [
      ['data.txt', csv, 'csv'],
      ['csv.json', csv.replace('5061', '5062'), 'csv'],
      ['lines.txt', line(5063), 'ndjson'],
      ['lines.json', line(5064), 'ndjson'],
      ['array.txt', `[${line(5065)}]`, 'json'],
      ['ARRAY.JSON', `[${line(5066)}]`, undefined],
    ] as const) {
      const words = `${file(name, text)} ${format === undefined ? '' : `--format ${format}`}`
      const {code, stdout, stderr} = await run(words)
      expect(code, name + stderr).to.equal(0)
      expect(stdout, name).to.match(/^Imported: 1 transfer of .* 1 created, 0 there before, 0 refused\.\n$/)
      expect((await run(`${words} --json`)).json(), name).to.include({unchanged: true, rows: 1})
    }
  })

  it('--check sends nothing', async () => {
    const {code} = await run(`${file('check.ndjson', line(5041))} --check`)
    expect(code).to.equal(0)
    expect(await books.ledger.operate('lookup_transfers', [5041])).to.deep.equal([])
  })

  it('a file or a database that is not there', async () => {
    expect((await run('nothere.csv')).code).to.equal(2)
    expect((await run(`${file('one.ndjson', line(5051))} nosuch`)).code).to.equal(3)
  })
})
