import {openMemoryLedger} from '@parix/ledger'
import {AccountFlags, BLANK_ACCOUNT, BLANK_TRANSFER, TransferFlags} from '@parix/ledger/schema'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import type {CheckResult} from '../../src/import/check-rows.js'
import {type CheckOptions, checkText, type Database, readerOf} from '../support/check-file.js'

const NONE = {rows: 0, findings: [], findingsCount: 0, existing: 0}
const AT = 1_795_546_437_845_999_999n

describe('a check of a file before it is imported', () => {
  let home: TestHome
  let database: Database
  before(async () => {
    home = makeHome()
    database = await openMemoryLedger()
    const limited = AccountFlags.debits_must_not_exceed_credits
    const old = {...BLANK_ACCOUNT, ledger: 700, code: 1, flags: AccountFlags.imported}
    await database.createAccounts([
      {...old, id: 10n, timestamp: AT - 2000n},
      {...old, id: 11n, timestamp: AT - 1000n},
    ])
    await database.createAccounts(
      [
        {id: 1n, flags: 0},
        {id: 2n, flags: 0},
        {id: 3n, flags: limited},
        {id: 4n, flags: 0, user_data_64: 9n, code: 7},
      ].map((account) => ({...BLANK_ACCOUNT, ledger: 700, code: 1, ...account})),
    )
    await database.createTransfers([
      {...BLANK_TRANSFER, id: 50n, debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700, code: 1},
      {...BLANK_TRANSFER, id: 51n, debit_account_id: 1n, credit_account_id: 3n, amount: 10n, ledger: 700, code: 1},
    ])
  })
  after(async () => {
    await database.close()
    home.remove()
  })

  const check = (text: string, options: CheckOptions = {}): Promise<CheckResult> =>
    checkText(`${home.path}/f`, text, {database, ...options})
  const line = (id: number | string, more = '', from = 1, amount: number | string = 5) =>
    `{"id":"${id}","debit_account_id":"${from}","credit_account_id":"2","amount":"${amount}","ledger":700,"code":1${more}}\n`
  const found = ({findings}: CheckResult) => findings.map((finding) => [finding.line, finding.code])

  it('of rows that all can be created finds nothing, and says what would move', async () => {
    const result = await check(line(100) + line(101, '', 3, 10))
    expect(result).to.deep.include({...NONE, rows: 2})
    expect([...result.ledgers]).to.deep.equal([[700, {debits: 15n, credits: 15n}]])
    expect([...result.accounts]).to.have.deep.members([
      [2n, {debits: 0n, credits: 15n}],
      [3n, {debits: 10n, credits: 0n}],
      [1n, {debits: 5n, credits: 0n}],
    ])
  })

  it('sums are exact beyond what any number holds', async () => {
    const amount = 2n ** 126n
    const {ledgers} = await check(line(100, '', 1, String(amount)) + line(101, '', 1, String(amount - 1n)))
    expect(ledgers.get(700)).to.deep.equal({debits: 2n * amount - 1n, credits: 2n * amount - 1n})
  })

  it('rows that are there as they are count as existing; with other contents they are found', async () => {
    const result = await check(line(50) + line(100) + line(51))
    expect(result).to.include({rows: 3, existing: 1})
    expect(found(result)).to.deep.equal([[3, 'exists_differently']])
    expect(result.ledgers.get(700), 'only what is new would move').to.deep.equal({debits: 5n, credits: 5n})
  })

  it('finds what the ledger would refuse, with its name and the field that it is about', async () => {
    const result = await check(line(100, '', 3, 11) + line(101, '', 99) + line(102, ',"pending_id":"7","flags":4'))
    expect(result.findings.map(({line: at, code, field}) => [at, code, field])).to.deep.equal([
      [1, 'exceeds_credits', 'debit_account_id'],
      [2, 'debit_account_not_found', 'debit_account_id'],
      [3, 'pending_transfer_not_found', 'pending_id'],
    ])
    expect(result.findings[0]!.message).to.contain('11 from 3 to 2')
  })

  it('a row that can not be read is found, counted, and the others are checked', async () => {
    const result = await check(`${line(100)}{"id":}\n${line(101, '', 99)}${line('0')}`)
    expect(result.rows).to.equal(4)
    expect(found(result)).to.deep.equal([
      [2, 'bad_row'],
      [3, 'debit_account_not_found'],
      [4, 'bad_row'],
    ])
  })

  it('an id that comes twice is found once, with the first, and what else is wrong with the second is not said', async () => {
    const result = await check(line(100) + line(101) + line(100, '', 99) + line(101))
    expect(found(result)).to.deep.equal([
      [3, 'duplicate_id'],
      [4, 'duplicate_id'],
    ])
    expect(result.findings.map(({message}) => message)).to.deep.equal([
      'id 100 is that of line 1 as well',
      'id 101 is that of line 2 as well',
    ])
  })

  describe('of chains', () => {
    const linked = ',"flags":1'

    it('finds one that no request takes where it begins, and one that is open at the end', async () => {
      const long = line(1000, linked) + line(1001, linked) + line(1002)
      expect(found(await check(line(100) + long, {eventsMax: 2}))).to.deep.equal([[2, 'chain_too_long']])
      expect(found(await check(line(100) + long, {eventsMax: 3}))).to.deep.equal([])
      const open = await check(line(100) + line(101, linked))
      expect(found(open)).to.deep.include([2, 'chain_open'])
    })

    it('says of a chain that fails only why, not of each of its rows', async () => {
      const result = await check(line(100, linked) + line(101, linked, 99) + line(102) + line(103))
      expect(found(result)).to.deep.equal([[2, 'debit_account_not_found']])
      expect(result.ledgers.get(700)).to.deep.equal({debits: 5n, credits: 5n})
    })
  })

  describe('whether the order of the rows matters', () => {
    it('not where no row depends on another, nor an account has a limit', async () => {
      expect((await check(line(100) + line(101))).ordered).to.equal(undefined)
      expect((await check('{"id":900,"ledger":1,"code":1,"flags":8}\n', {kind: 'account'})).ordered).to.equal(undefined)
    })

    it('with any flag of a transfer, with a limit of an account, with linked accounts: the first reason is reported', async () => {
      for (const [flags, name] of [
        [TransferFlags.linked, 'linked'],
        [TransferFlags.pending, 'pending'],
        [TransferFlags.balancing_debit, 'balancing_debit'],
      ] as const) {
        const {ordered} = await check(line(100) + line(101, `,"flags":${flags}`) + line(102))
        expect(ordered, name).to.equal(`line 2 has ${name}`)
      }
      expect((await check(line(100, '', 3, 1))).ordered).to.equal('account 3 has a limit or is closed')
      const accounts = '{"id":900,"ledger":1,"code":1,"flags":1}\n{"id":901,"ledger":1,"code":1}\n'
      expect((await check(accounts, {kind: 'account'})).ordered).to.equal('line 1 has linked')
    })
  })

  describe('of imported rows', () => {
    const imported = (id: number, timestamp: bigint, [from, to] = [10, 11]) =>
      line(id, `,"flags":256,"timestamp":"${timestamp}"`, from).replace('"2"', `"${to}"`)
    const options = {keepTimestamps: true}

    it('are later than their accounts, or refused: the dry run has a clock of its own', async () => {
      const debit = 'imported_event_timestamp_must_postdate_debit_account'
      const credit = 'imported_event_timestamp_must_postdate_credit_account'
      for (const [timestamp, accounts, code] of [
        [AT - 999n, [10, 11], undefined],
        [AT - 1000n, [10, 11], credit],
        [AT - 1000n, [11, 10], debit],
        [AT - 3000n, [10, 11], debit],
        [AT, [1, 11], debit],
        [AT, [10, 1], credit],
      ] as const)
        expect(
          found(await check(imported(100, timestamp, [...accounts]), options)),
          `${timestamp} ${accounts}`,
        ).to.deep.equal(code === undefined ? [] : [[1, code]])
    })

    it('timestamps must rise', async () => {
      expect(found(await check(imported(100, AT) + imported(101, AT + 1n), options))).to.deep.equal([])
      for (const second of [AT, AT - 1n])
        expect(
          found(await check(imported(100, AT) + imported(101, second) + imported(102, AT + 1n), options)),
          String(second),
        ).to.deep.equal([[2, 'timestamp_not_rising']])
    })

    it('and others can not be in one file', async () => {
      const accounts = `{"id":900,"ledger":1,"code":1,"flags":16,"timestamp":"${AT}"}\n`
      const result = await check(accounts, {kind: 'account', keepTimestamps: true})
      expect(found(result)).to.deep.equal([])
      expect(result.ordered).to.equal('line 1 has imported')
    })
  })

  describe('of accounts', () => {
    const account = (id: number, more = '') => `{"id":${id},"ledger":700,"code":1${more}}\n`

    it('those that are there as they are exist; of the others the first field that differs is named', async () => {
      const result = await check(account(1) + account(900) + account(4) + account(2, ',"flags":2'), {kind: 'account'})
      expect(result).to.include({rows: 4, existing: 1})
      expect(result.findings).to.deep.equal([
        {
          line: 3,
          field: 'code',
          code: 'exists_with_different_code',
          message: 'account 4 is in the database with code 7',
        },
        {
          line: 4,
          field: 'flags',
          code: 'exists_with_different_flags',
          message: 'account 2 is in the database with flags 0',
        },
      ])
    })
  })

  it('nothing but reads are asked, as many ids at once as a request takes', async () => {
    const reader = readerOf(database)
    const text = Array.from({length: 9000}, (_, index) => `{"id":${index + 10_000},"ledger":1,"code":1}\n`).join('')
    await check(text, {reader, kind: 'account'})
    expect(reader.asked.reduce((sum, size) => sum + size, 0)).to.equal(9000)
    expect(Math.max(...reader.asked)).to.be.at.most(8189)
  })

  it('a hundred findings are kept, and all are counted', async () => {
    const text = Array.from({length: 150}, (_, index) => line(1000 + index, '', 99)).join('')
    const result = await check(text)
    expect(result.findings).to.have.lengthOf(100)
    expect(result.findingsCount).to.equal(150)
    const bad = Array.from({length: 150}, () => '{}\n').join('')
    expect((await check(bad)).findings).to.have.lengthOf(100)
  })

  it('finds each row that the ledger would refuse, and no other, in files of any kind', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            id: fc.integer({min: 1, max: 25}),
            from: fc.constantFrom(1, 2, 3, 4, 5),
            to: fc.constantFrom(1, 2, 3, 4),
            amount: fc.integer({min: 0, max: 12}),
          }),
          {minLength: 1, maxLength: 20},
        ),
        async (drawn) => {
          const ids = drawn.map(({id}) => id + 2000)
          const text = drawn
            .map(
              ({from, to, amount}, index) =>
                `{"id":${ids[index]},"from":${from},"to":${to},"amount":${amount},"ledger":700,"code":1}\n`,
            )
            .join('')
          const {findings} = await check(text)
          const readable = drawn.map(({from, to}) => from !== to)
          const second = ids.map((id, index) => ids.findIndex((one, at) => one === id && readable[at]) !== index)
          const own = await openMemoryLedger()
          await own.createAccounts(
            (await database.lookupAccounts([1n, 2n, 3n, 4n])).map((account) => ({
              ...BLANK_ACCOUNT,
              ...{id: account.id, ledger: 700, code: account.code, flags: account.flags},
            })),
          )
          await own.createTransfers([
            {
              ...BLANK_TRANSFER,
              id: 51n,
              debit_account_id: 1n,
              credit_account_id: 3n,
              amount: 10n,
              ledger: 700,
              code: 1,
            },
          ])
          const sent = drawn.flatMap(({from, to, amount}, index) =>
            !readable[index] || second[index]
              ? []
              : [
                  {
                    ...{...BLANK_TRANSFER, id: BigInt(ids[index]!), debit_account_id: BigInt(from)},
                    ...{credit_account_id: BigInt(to), amount: BigInt(amount), ledger: 700, code: 1},
                    line: index + 1,
                  },
                ],
          )
          const results = await own.createTransfers(sent.map(({line: _, ...event}) => event))
          const created = new Set(sent.filter((_, at) => results[at]!.status === 4294967295).map((one) => one.line))
          const refused = drawn.map((_, index) => index + 1).filter((at) => !created.has(at))
          await own.close()
          expect(findings.map((finding) => finding.line)).to.deep.equal(refused)
        },
      ),
      {numRuns: 20},
    ))
})
