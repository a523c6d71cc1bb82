import {readdirSync, rmSync} from 'node:fs'
import {expect} from 'chai'
import {type ImportedBooks, startImported, transferLine} from '../../../support/left-behind.js'

describe('parix tb import verify', () => {
  let books: ImportedBooks
  before(async () => {
    books = await startImported()
  })
  after(() => books.stop())

  it('every row of the file is in the ledger as it is in the file', async () => {
    const {code, stdout} = await books.run(`tb import verify ${books.job}`)
    expect([code, stdout]).to.deep.equal([
      0,
      `All 2 transfers of ${books.path} are in books as they are in the file.\n`,
    ])
    expect((await books.run(`tb import verify ${books.job} --json`)).json()).to.deep.equal({
      id: books.job,
      rows: 2,
      findings: [],
    })
  })

  it('a file that was changed since is not taken for the one that was imported', async () => {
    const other = books.home.write('other.ndjson', '{"id":5008,"from":1,"to":2,"amount":7,"ledger":700,"code":1}\n')
    const {job: changed} = (await books.run(`tb import transfers ${other} --json`)).json()
    books.home.write('other.ndjson', '{"id":5008,"from":1,"to":2,"amount":9,"ledger":700,"code":1}\n')
    const {code} = await books.run(`tb import verify ${changed}`)
    expect(code).not.to.equal(0)
  })

  it('of a JSON document each object is one row, as it was when it was imported', async () => {
    const objects = [5011, 5012, 5013].map((id) => JSON.parse(transferLine(id)))
    for (const [name, text, more] of [
      ['array.json', JSON.stringify(objects, null, 2), ''],
      ['one.json', JSON.stringify(objects[0], null, 2), ''],
      ['lines.json', objects.map((object) => JSON.stringify(object)).join('\n'), '--format ndjson'],
      ['array.txt', JSON.stringify(objects), '--format json'],
    ] as const) {
      const path = books.home.write(name, text)
      const imported = await books.run(`tb import transfers ${path} ${more} --json`)
      expect(imported.code, imported.stdout).to.equal(0)
      const {rows} = imported.json()
      const {json} = await books.run(`tb import verify ${imported.json().job} --json`)
      expect(json(), name).to.deep.equal({id: imported.json().job, rows, findings: []})
      expect(rows, name).to.equal(name === 'one.json' ? 1 : 3)
      books.home.write(name, text.replace(/"amount": ?7/, '"amount":8'))
      const changed = await books.run(`tb import verify ${imported.json().job}`)
      expect(changed.code, name).to.equal(6)
      expect(changed.stderr, name).to.contain('amount is 8 in the file and 7 in the ledger')
    }
    expect(
      readdirSync(`${books.home.path}/.local/state/parix/import`).filter((name) => name.startsWith('.')),
    ).to.deep.equal([])
  })

  it('a row that can not be read any more is not passed over', async () => {
    const path = books.home.write('torn.ndjson', transferLine(5021) + transferLine(5022))
    const {job} = (await books.run(`tb import transfers ${path} --json`)).json()
    books.home.write('torn.ndjson', `${transferLine(5021)}{"id":5022,\n`)
    const {code, stderr} = await books.run(`tb import verify ${job}`)
    expect(code).to.equal(6)
    expect(stderr).to.contain('1 of 2 rows').and.contain('line 2: ').and.contain('is not a JSON object')
  })

  it('a file that is not there any more is an error with its name', async () => {
    const path = books.home.write('gone.ndjson', transferLine(5031))
    const {job} = (await books.run(`tb import transfers ${path} --json`)).json()
    rmSync(path)
    const {code, stderr} = await books.run(`tb import verify ${job}`)
    expect(code).to.equal(2)
    expect(stderr).to.contain(`The file of this import, ${path}, is not there any more.`)
  })

  it('an unknown import is not found', async () => {
    expect((await books.run('tb import verify x')).code).to.equal(3)
  })
})
