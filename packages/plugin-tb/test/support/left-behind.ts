import {createHash} from 'node:crypto'
import {expect} from 'chai'
import {type Books, startBooks} from './books.js'
import {startLossyProxy} from './lossy-proxy.js'

/** Books into which a file was imported; what a test of `tb import list`, `show`, `verify` or `forget` begins with. */
export interface ImportedBooks extends Books {
  /** Id of the import. */
  readonly job: string
  /** Its file: transfers 5001 and 5002, of 7 each from 1 to 2. */
  readonly path: string
}

export async function startImported(): Promise<ImportedBooks> {
  const books = await startBooks()
  const path = books.home.write('good.ndjson', [5001, 5002].map((id) => transferLine(id)).join(''))
  const {job} = (await books.run(`tb import transfers ${path} --json`)).json()
  return {...books, job, path}
}

/** A transfer of 7 from account 1 to account 2, as a line of NDJSON. */
export function transferLine(id: number, amount = 7): string {
  return `{"id":${id},"from":1,"to":2,"amount":${amount},"ledger":700,"code":1}\n`
}

/** Books in front of which every response to a create call is lost. */
export interface LossyBooks extends Books {
  /** Address at which responses are lost. */
  readonly lossyUrl: string
  /** A call whose outcome is unknown; its id in the outbox. */
  left(transfer: number): Promise<string>
}

export async function startLossyBooks(): Promise<LossyBooks> {
  const books = await startBooks()
  const proxy = await startLossyProxy(books.ledger.port)
  proxy.choose = (path) => (path.includes('/create_') ? 'lose-answer' : 'pass')
  return {
    ...books,
    lossyUrl: proxy.baseUrl,
    async left(transfer) {
      const words = `tb create-transfers --id ${transfer} --from 1 --to 2 --amount 5 --ledger 700 --code 1 --retry-for 0 --json`
      const {code, json} = await books.run(words, {env: {PARIX_BASE_URL: proxy.baseUrl}})
      expect(code).to.equal(75)
      return json().error.outbox
    },
    async stop() {
      await proxy.stop()
      await books.stop()
    },
  }
}

/** Books with three transfers, one of them larger than any number holds exactly. */
export async function startPaidBooks(): Promise<Books> {
  const books = await startBooks()
  await books.pay(1, 2, 500)
  await books.pay(1, 2, '340282366920938463463374607431768')
  await books.pay(2, 1, 30, {flags: 2})
  return books
}

/** The rows that `tb export accounts` or `transfers` prints are those of the ledger, and the digest is that of the bytes. */
export async function expectExported(books: Books, kind: 'accounts' | 'transfers', count: number): Promise<void> {
  const {code, stdout, stderr} = await books.run(`tb export ${kind}`)
  expect(code).to.equal(0)
  const lines = stdout.trim().split('\n')
  expect(lines).to.have.length(count)
  expect(lines.map((line) => JSON.parse(line))).to.deep.equal(await books.ledger.operate(`query_${kind}`, {limit: 100}))
  const digest = createHash('sha256').update(stdout).digest('hex')
  expect(stderr).to.contain(`Exported ${count} ${kind} of books; sha256 ${digest}`)
}

/** With `-o` the same rows are in the file, each time that it is given. */
export async function expectInFile(books: Books, kind: 'accounts' | 'transfers'): Promise<void> {
  const file = `${books.home.path}/out.ndjson`
  const {stdout} = await books.run(`tb export ${kind}`)
  for (const _ of [1, 2]) {
    const {stdout: empty, stderr} = await books.run(`tb export ${kind} -o ${file}`)
    expect(empty).to.equal('')
    expect(stderr).to.contain(`to ${file}; sha256 `)
    expect(books.home.read('out.ndjson')).to.equal(stdout)
  }
}
