import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {
  AccountFlags,
  CREATED,
  CreateAccountStatus,
  CreateTransferStatus,
  FIELDS,
  FLAGS,
  idFate,
  statusCode,
  statusName,
  TransferFlags,
} from '@parix/ledger/schema'
import {expect} from 'chai'
import * as layout from '../src/records/layout.js'

describe('schema', () => {
  it('imports nothing outside its own directory, so that loading it costs next to nothing', () => {
    for (const file of ['index', 'flags', 'limits', 'records', 'statuses']) {
      const text = readFileSync(join(import.meta.dirname, '../src/schema', `${file}.ts`), 'utf8')
      for (const [, specifier] of text.matchAll(/from '([^']+)'/g)) expect(specifier).to.match(/^\.\/[a-z]+\.js$/)
    }
  })

  it('account and transfer fill 128 bytes, and the constants of the inner loops agree with the schema', () => {
    const {RECORD_LAYOUT} = layout
    const word = (kind: 'account' | 'transfer', name: string) =>
      RECORD_LAYOUT[kind].find((field) => field.name === name)?.word
    for (const kind of ['account', 'transfer'] as const) {
      expect(FIELDS[kind].reduce((bits, field) => bits + field.bits, 0)).to.equal(128 * 8)
      expect(word(kind, 'id')).to.equal(layout.ID)
      expect(word(kind, 'user_data_128')).to.equal(layout.USER_DATA_128)
      expect(word(kind, 'user_data_64')).to.equal(layout.USER_DATA_64)
      expect(word(kind, 'user_data_32')).to.equal(layout.USER_DATA_32)
      expect(word(kind, 'ledger')).to.equal(layout.LEDGER)
      expect(word(kind, 'code')).to.equal(layout.CODE_AND_FLAGS)
      expect(RECORD_LAYOUT[kind].find(({name}) => name === 'flags')).to.include({
        word: layout.CODE_AND_FLAGS,
        shift: layout.FLAGS_SHIFT,
      })
      expect(word(kind, 'timestamp')).to.equal(layout.TIMESTAMP)
    }
    expect(word('account', 'debits_pending')).to.equal(layout.DEBITS_PENDING)
    expect(word('account', 'debits_posted')).to.equal(layout.DEBITS_POSTED)
    expect(word('account', 'credits_pending')).to.equal(layout.CREDITS_PENDING)
    expect(word('account', 'credits_posted')).to.equal(layout.CREDITS_POSTED)
    expect(word('account', 'reserved')).to.equal(layout.RESERVED)
    expect(word('transfer', 'debit_account_id')).to.equal(layout.DEBIT_ACCOUNT)
    expect(word('transfer', 'credit_account_id')).to.equal(layout.CREDIT_ACCOUNT)
    expect(word('transfer', 'amount')).to.equal(layout.AMOUNT)
    expect(word('transfer', 'pending_id')).to.equal(layout.PENDING_ID)
    expect(word('transfer', 'timeout')).to.equal(layout.TIMEOUT)
  })

  it('flag tables hold every flag but none, and a name may be another bit on another record', () => {
    expect(FLAGS.account).to.deep.include({linked: 1, closed: AccountFlags.closed, imported: 16})
    expect(FLAGS.transfer).to.deep.include({linked: 1, imported: TransferFlags.imported})
    expect(FLAGS.account_filter).to.deep.equal({debits: 1, credits: 2, reversed: 4})
    expect(FLAGS.query_filter).to.deep.equal({reversed: 1})
    for (const flags of Object.values(FLAGS)) {
      expect(Object.values(flags)).to.deep.equal(Object.keys(flags).map((_, place) => 2 ** place))
    }
  })

  it('a status has one name and one number per kind; unknown ones are undefined', () => {
    expect(statusName('account', 21)).to.equal('exists')
    expect(statusName('transfer', 21)).to.equal('debit_account_not_found')
    expect(statusCode('account', 'exists')).to.equal(CreateAccountStatus.exists)
    expect(statusCode('transfer', 'exists')).to.equal(46)
    for (const kind of ['account', 'transfer'] as const) {
      expect(statusName(kind, CREATED)).to.equal('created')
      expect(statusName(kind, 0)).to.equal(undefined)
      expect(statusName(kind, 18 + 1000)).to.equal(undefined)
      expect(statusCode(kind, '21')).to.equal(undefined)
      expect(statusCode(kind, 'toString')).to.equal(undefined)
    }
  })

  it('exactly the state-dependent refusals of transfers burn their id', () => {
    const burnt = Object.keys(CreateTransferStatus).filter((name) => idFate('transfer', name) === 'burnt')
    expect(burnt).to.have.members([
      'debit_account_not_found',
      'credit_account_not_found',
      'pending_transfer_not_found',
      'exceeds_credits',
      'exceeds_debits',
      'debit_account_already_closed',
      'credit_account_already_closed',
      'id_already_failed',
    ])
    expect(Object.keys(CreateAccountStatus).filter((name) => idFate('account', name) === 'burnt')).to.deep.equal([])
    expect(idFate('transfer', 'exists_with_different_amount')).to.equal('taken')
    expect(idFate('account', 'exists')).to.equal('stored')
    expect(idFate('account', 'code_must_not_be_zero')).to.equal('free')
  })
})
