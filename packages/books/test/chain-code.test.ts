import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {chainCode} from '@parix/books/chain-code'
import {chain, joined, type NewTransfer} from '@parix/books/chains'
import {availableMoves} from '@parix/books/guards'
import {BLANK_TRANSFER} from '@parix/ledger/schema'
import {expect} from 'chai'

const MAX = 2n ** 128n - 1n
const BIG = 2n ** 127n + 12345n
const IDS = [BIG, 2n, 3n, 4n]
const CHAIN = chain(
  joined(availableMoves({account: 7n, side: 'credit', ledger: 700, control: 9n, threshold: 2n ** 70n}), [
    {debit: 7n, credit: 8n, amount: MAX, ledger: 700, flags: 16},
    {debit: 7n, credit: 8n, amount: 5n, ledger: 700, flags: 2, timeout: 60},
  ]),
  {code: 10, user_data_128: 2n ** 100n, user_data_64: 2n ** 63n, user_data_32: 7},
  (index) => IDS[index]!,
)

/** All fields as text, whether they were left out or 0. */
function whole(transfer: NewTransfer): Record<string, string> {
  const fields = {...BLANK_TRANSFER, ...transfer}
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))
}

const EXPECTED = CHAIN.map(whole)

describe('a chain as code', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-chain-code-'))
  })
  afterEach(() => rmSync(directory, {recursive: true}))

  it('json: what is created is the chain, to the last bit', () => {
    const events = JSON.parse(chainCode(CHAIN, 'json')) as NewTransfer[]
    expect(events.map(whole)).to.deep.equal(EXPECTED)
  })

  it('node: the program, with the flags of tigerbeetle-node itself, creates the chain', () => {
    const client = createRequire(import.meta.url)('tigerbeetle-node/package.json') as {version: string}
    expect(client.version).to.match(/^0\.17\./)
    const types = readFileSync(createRequire(import.meta.url).resolve('tigerbeetle-node/dist/bindings.js'), 'utf8')
    const stub = join(directory, 'node_modules/tigerbeetle-node')
    mkdirSync(stub, {recursive: true})
    writeFileSync(join(stub, 'package.json'), '{"name": "tigerbeetle-node", "main": "index.js"}')
    writeFileSync(join(stub, 'bindings.js'), types)
    writeFileSync(
      join(stub, 'index.js'),
      `exports.TransferFlags = require('./bindings.js').TransferFlags
exports.CreateTransferStatus = require('./bindings.js').CreateTransferStatus
exports.amount_max = 2n ** 128n - 1n
exports.createClient = () => ({
  createTransfers: async (batch) => {
    console.log(JSON.stringify(batch, (_, value) => typeof value === 'bigint' || typeof value === 'number' ? String(value) : value))
    return []
  },
  destroy() {},
})
`,
    )
    writeFileSync(join(directory, 'main.mjs'), chainCode(CHAIN, 'node'))
    const printed = execFileSync(process.execPath, ['main.mjs'], {cwd: directory, encoding: 'utf8'})
    expect(JSON.parse(printed)).to.deep.equal(EXPECTED)
  })

  it('python: the program creates the chain', function () {
    if (spawnSync('python3', ['--version']).status !== 0) this.skip()
    writeFileSync(
      join(directory, 'tigerbeetle.py'),
      `import enum, json
AMOUNT_MAX = 2**128 - 1
class TransferFlags(enum.IntFlag):
    NONE = 0
    LINKED = 1
    PENDING = 2
    POST_PENDING_TRANSFER = 4
    VOID_PENDING_TRANSFER = 8
    BALANCING_DEBIT = 16
    BALANCING_CREDIT = 32
    CLOSING_DEBIT = 64
    CLOSING_CREDIT = 128
    IMPORTED = 256
def Transfer(**fields):
    return {name: str(int(value)) for name, value in fields.items()}
class ClientSync:
    def __init__(self, cluster_id, replica_addresses): pass
    def __enter__(self): return self
    def __exit__(self, *args): pass
    def create_transfers(self, batch):
        print(json.dumps(batch))
        return []
`,
    )
    writeFileSync(join(directory, 'main.py'), chainCode(CHAIN, 'python'))
    const printed = execFileSync('python3', ['-B', 'main.py'], {cwd: directory, encoding: 'utf8'})
    expect(JSON.parse(printed)).to.deep.equal(EXPECTED)
  })

  it('repl: one statement, in which 2^128 − 1 is -0', () => {
    const [first, second, third, last, ...rest] = chainCode(CHAIN, 'repl').trimEnd().split('\n')
    expect(rest).to.deep.equal([])
    const data = 'user_data_128=1267650600228229401496703205376 user_data_64=9223372036854775808 user_data_32=7'
    expect(first).to.equal(
      `create_transfers id=${BIG} debit_account_id=7 credit_account_id=9 amount=${2n ** 70n} ${data} ledger=700 code=10 flags=linked|pending,`,
    )
    expect(second).to.equal(`  id=2 amount=0 pending_id=${BIG} flags=linked|void_pending_transfer,`)
    expect(third).to.contain(' amount=-0 ').and.to.contain('flags=linked|balancing_debit,')
    expect(last).to.contain(' timeout=60 ledger=700 code=10 flags=pending;')
  })

  it('go: fields, flags and numbers beyond 64 bits in the words of tigerbeetle-go', () => {
    const code = chainCode(CHAIN, 'go')
    expect(code).to.contain(`\t\t\tID: u128("${BIG}"),\n\t\t\tDebitAccountID: ToUint128(7),\n`)
    expect(code).to.contain(`\t\t\tPendingID: u128("${BIG}"),\n`)
    expect(code).to.contain('\t\t\tAmount: AmountMax,\n')
    expect(code).to.contain('\t\t\tUserData64: 9223372036854775808,\n\t\t\tUserData32: 7,\n\t\t\tTimeout: 60,\n')
    expect(code).to.contain('Flags: TransferFlags{Linked: true, VoidPendingTransfer: true}.ToUint16(),')
    expect(code).to.contain('\t"math/big"\n').and.to.contain('func u128(')
    const narrow = chainCode([{id: 1n, debit_account_id: 2n, credit_account_id: 3n, amount: 4n, flags: 0}], 'go')
    expect(narrow).not.to.contain('math/big').and.not.to.contain('u128')
  })
})
