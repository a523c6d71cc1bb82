import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {embeddedLedgers} from '../../src/server/tigerbeetle/embedded.js'
import type {LedgerPort} from '../../src/server/tigerbeetle/port.js'
import {RecordPool} from '../../src/server/tigerbeetle/records.js'
import {prepareOperation} from '../../src/server/tigerbeetle/run.js'

const U128 = '340282366920938463463374607431768211454'

/**
 * A real cluster's client takes objects only, where the embedded ledger takes encoded events. Here the embedded ledger is
 * asked both ways: what the rest of the service sees must not differ.
 */
describe('a ledger without a door for encoded events', () => {
  const directory = mkdtempSync(join(tmpdir(), 'parix-port-'))
  const source = embeddedLedgers(directory)
  let encoded: LedgerPort
  let objects: LedgerPort

  async function openFresh(databaseId: string): Promise<LedgerPort> {
    await source.provision(databaseId)
    return source.open(databaseId)
  }

  before(async () => {
    encoded = await openFresh('encoded')
    const plain = await openFresh('objects')
    const {createAccountsEncoded: _accounts, createTransfersEncoded: _transfers, records: _records, ...rest} = plain
    objects = rest
  })

  after(async () => {
    await encoded.close()
    await objects.close()
    rmSync(directory, {recursive: true, force: true})
  })

  const steps: [Parameters<typeof prepareOperation>[0], string][] = [
    [
      'create_accounts',
      `[{"id":${U128},"user_data_128":${U128},"user_data_64":18446744073709551615,"user_data_32":4294967295,"ledger":4294967295,"code":65535,"flags":8},{"id":2,"ledger":4294967295,"code":1}]`,
    ],
    ['create_accounts', '[{"id":3,"ledger":1,"code":1},{"id":2,"ledger":4294967295,"code":1}]'],
    [
      'create_transfers',
      `[{"id":1,"debit_account_id":${U128},"credit_account_id":2,"amount":${U128},"ledger":4294967295,"code":65535},{"id":5,"debit_account_id":2,"credit_account_id":${U128},"amount":7,"timeout":4294967295,"ledger":4294967295,"code":2,"flags":2}]`,
    ],
    [
      'create_transfers',
      '[{"id":6,"debit_account_id":2,"credit_account_id":99,"amount":7,"ledger":1,"code":2},{"id":0}]',
    ],
    ['lookup_accounts', `[${U128},2,3]`],
    ['lookup_transfers', '[1,5]'],
    ['get_account_transfers', `{"account_id":${U128}}`],
    ['get_account_balances', `{"account_id":"${U128}","limit":5}`],
    ['query_accounts', '{"ledger":4294967295}'],
    ['query_transfers', '{"code":2}'],
  ]

  it('answers and refuses as the other does', async () => {
    for (const [operation, body] of steps) {
      const ask = async (ledger: LedgerPort) => {
        const prepared = prepareOperation(operation, Buffer.from(body), new RecordPool())
        const outcome = await prepared.run(ledger).then(
          ({rows, message}) => {
            const buffer = Buffer.alloc(rows.bytesMax)
            return `${buffer.subarray(0, rows.writeTo(buffer, 0))} ${message}`
          },
          (refusal: Error & {more?: object}) => `${JSON.stringify(refusal.more)} ${refusal.message}`,
        )
        // Two ledgers, two clocks.
        return outcome.replace(/("timestamp":")\d{19}/g, '$1T')
      }
      expect([operation, await ask(objects)]).to.deep.equal([operation, await ask(encoded)])
    }
  })
})
