import {Chart} from '@parix/books/chart'
import {compileChart} from '@parix/books/chart/compile'
import {type Json, parseJson} from '@parix/kit/json'
import type {CreateKind} from '@parix/ledger/schema'
import {FIELDS} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {createEventReader, type EventOptions, type ReadEvent} from '../../src/import/events.js'
import {compileMapping, importId, type MakeId} from '../../src/import/mapping.js'
import {wireObject} from '../../src/records/wire.js'
import {CHART} from '../support/chart.js'

const makeId: MakeId = (values) => importId('test', values)
const MOVE = {id: '7', debit_account_id: '1', credit_account_id: '2', amount: '5', ledger: '700', code: '1'}

function reader(changes: Partial<EventOptions> = {}) {
  return createEventReader({
    kind: 'transfer',
    chart: undefined,
    mapper: undefined,
    idFrom: [],
    makeId,
    keepTimestamps: false,
    ...changes,
  })
}

function chartOf(ledgers: string): Chart {
  const text = `version: 1\nledgers: ${ledgers}\ncodes: {}\n`
  return new Chart(compileChart(text, {file: 'c', readNames: () => ''}))
}

const row = (value: Json): Parameters<ReturnType<typeof reader>>[0] => ({line: 3, nextLine: 4, end: 90, value})
const readObject = (value: object, changes: Partial<EventOptions> = {}): ReadEvent =>
  reader(changes)(row(parseJson(JSON.stringify(value))))
const sentences = (event: ReadEvent) => event.faults.map(({message}) => message)
const fields = (event: ReadEvent) => event.faults.map(({field}) => field)

describe('an object of NDJSON as an event', () => {
  it('has its place in the file, and nothing else beside the record', () => {
    const {record, ...rest} = readObject(MOVE)
    expect(rest).to.deep.equal({line: 3, nextLine: 4, end: 90, faults: []})
    expect(wireObject('transfer', record!)).to.equal(
      '{"id":"7","debit_account_id":"1","credit_account_id":"2","amount":"5","ledger":700,"code":1}',
    )
  })

  it('is the same whether integers are numbers or text, and whatever form its keys have', () =>
    fc.assert(
      fc.property(
        fc.bigInt({min: 1n, max: 2n ** 128n - 2n}),
        fc.bigInt({min: 0n, max: 2n ** 128n - 1n}),
        fc.boolean(),
        fc.constantFrom(
          ['id', 'debit_account_id', 'credit_account_id', 'amount', 'ledger', 'code'],
          ['id', 'from', 'to', 'amount', 'ledger', 'code'],
          ['ID', 'debitAccountId', 'creditAccountId', 'Amount', 'LEDGER', 'Code'],
          ['Id', 'debit-account-id', 'Credit Account ID', 'AMOUNT', 'ledger', 'code'],
        ),
        (id, amount, asText, keys) => {
          const values = [id, 1n, 2n, amount, 700n, 1n]
          const members = keys.map((key, index) => `"${key}":${asText ? `"${values[index]}"` : values[index]}`)
          const {record} = reader()(row(parseJson(`{${members.join(',')}}`)))
          expect(record).to.deep.equal({
            id,
            debit_account_id: 1n,
            credit_account_id: 2n,
            amount,
            ledger: 700n,
            code: 1n,
          })
        },
      ),
    ))

  it('flags are a number, a name, several in one text, or a list', () => {
    for (const flags of [3, '3', 'linked|pending', 'linked,pending', ['linked', 'pending'], ['Linked', 'PENDING']])
      expect(readObject({...MOVE, flags}).record?.flags, String(flags)).to.equal(3n)
    expect(sentences(readObject({...MOVE, flags: 'linkd'}))[0]).to.contain('Did you mean linked?')
    expect(sentences(readObject({...MOVE, flags: ['linked', '']}))[0]).to.contain('empty name')
    expect(sentences(readObject({...MOVE, flags: 2 ** 15}))[0]).to.contain('holds bits that no flag')
  })

  it('null is the same as nothing', () => {
    expect(readObject({...MOVE, user_data_64: null, flags: null}).record).to.deep.equal(readObject(MOVE).record)
    expect(sentences(readObject({...MOVE, ledger: null}))).to.deep.equal(['ledger is missing.'])
  })

  it('keys that our own exports have beside the fields are passed over; any other is a fault', () => {
    expect(readObject({...MOVE, debit_account_name: 'bank', amountText: null, ledgerName: 'USD'}).record).to.deep.equal(
      readObject(MOVE).record,
    )
    expect(readObject({...MOVE, note: 'rent'})).to.deep.include({
      faults: [{field: 'note', message: 'transfers have no field "note"'}],
    })
    expect(sentences(readObject({...MOVE, [`${'k'.repeat(500)}`]: 1}))[0]!.length).to.be.lessThan(100)
  })

  it('a key that every object of JavaScript has is not a field', () => {
    for (const key of ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'toLocaleString']) {
      const event = readObject({...MOVE, [key]: 5})
      expect(event.record, key).to.equal(undefined)
      expect(fields(event), key).to.deep.equal([key])
    }
    expect(sentences(readObject({...MOVE, flags: ['constructor']}))[0]).to.contain('have no flag "constructor"')
    expect(sentences(readObject({...MOVE, flags: '__proto__'}))[0]).to.contain('have no flag "__proto__"')
  })

  it('what is not an object is a fault of its own', () => {
    for (const value of ['[1]', '5', 'null', '"a"', 'true', '12345678901234567890'])
      expect(sentences(reader()(row(parseJson(value)))), value).to.deep.equal(['is not a JSON object'])
  })

  it('a fault that its reader found is passed on, and nothing is read', () => {
    expect(reader()({line: 1, nextLine: 2, end: 5, fault: 'has a NUL character'})).to.deep.equal({
      line: 1,
      nextLine: 2,
      end: 5,
      faults: [{message: 'has a NUL character'}],
    })
  })

  it('every field that is wrong is named, each by its name', () => {
    const event = readObject({...MOVE, amount: '1.5', ledger: '4294967296', code: -1, user_data_64: 'x'})
    expect(fields(event).sort()).to.deep.equal(['amount', 'code', 'ledger', 'user_data_64'])
    expect(sentences(event).join('\n'))
      .to.match(/amount must be a whole number of the smallest unit/)
      .and.match(/ledger does not fit in 32 bits/)
      .and.match(/code can't be negative/)
  })

  it('the rules that need no ledger are held, and all that break one are named', () => {
    const broken = readObject({id: 0, debit_account_id: 1, credit_account_id: 1, amount: 5, ledger: 0})
    expect(fields(broken)).to.include.members(['id', 'ledger', 'code'])
    expect(readObject({...MOVE, credit_account_id: '1'}).faults).to.have.lengthOf(1)
    expect(readObject({...MOVE, timeout: 5}).faults[0]!.field).to.equal('timeout')
    expect(readObject({...MOVE, id: String(2n ** 128n - 1n)}).faults[0]!.message).to.contain('reserved')
  })

  it('one row says nothing about the next', () => {
    const read = reader()
    const good = row(parseJson(JSON.stringify(MOVE)))
    const before = read(good)
    expect(read(row(parseJson('{"id":0}'))).faults).to.not.deep.equal([])
    expect(read(good)).to.deep.equal(before)
  })

  it('without an id it says how one is given or made', () => {
    const {id: _, ...without} = MOVE
    expect(sentences(readObject(without))[0]).to.match(/^id is missing: .*--map id=COLUMN.*--id-from COLUMN/)
    expect(sentences(readObject({...without, id: 'x y'}))).to.have.lengthOf(1)
  })
})

describe('timestamps of rows', () => {
  const at = '1795546437845999999'

  it('are passed over unless they are kept: the ledger gives its own', () => {
    expect(readObject({...MOVE, timestamp: at}).record).to.deep.equal(readObject(MOVE).record)
    expect(readObject({...MOVE, timestamp: 'nonsense'}).record).to.deep.equal(readObject(MOVE).record)
  })

  it('that are kept make the event an imported one, beside its other flags', () => {
    expect(readObject({...MOVE, timestamp: at}, {keepTimestamps: true}).record).to.include({
      flags: 256n,
      timestamp: BigInt(at),
    })
    expect(readObject({...MOVE, timestamp: at, flags: ['linked']}, {keepTimestamps: true}).record?.flags).to.equal(257n)
    const account = {id: 1, ledger: 700, code: 1, timestamp: at}
    expect(readObject(account, {kind: 'account', keepTimestamps: true}).record?.flags).to.equal(16n)
  })

  it('that are kept must be there, and be nanoseconds beyond doubt', () => {
    expect(fields(readObject(MOVE, {keepTimestamps: true}))).to.deep.equal(['timestamp'])
    expect(sentences(readObject({...MOVE, timestamp: '1795546437'}, {keepTimestamps: true}))[0]).to.contain(
      'looks like seconds',
    )
    expect(sentences(readObject({...MOVE, timestamp: 'yesterday'}, {keepTimestamps: true}))[0]).to.contain(
      'means another time',
    )
  })
})

describe('accounts of an export', () => {
  it('can be imported: what the ledger has of them is passed over, and nothing else is', () => {
    const exported = Object.fromEntries(FIELDS.account.map(({name}, index) => [name, String(index + 1)]))
    const {record} = readObject({...exported, flags: 0, ledger: 700, code: 1}, {kind: 'account'})
    expect(Object.keys(record!)).to.have.members([
      ...['id', 'user_data_128', 'user_data_64', 'user_data_32', 'ledger', 'code', 'flags'],
    ])
  })
})

describe('ids that are made of other keys', () => {
  const {id: _, ...payment} = MOVE

  it('are the same for the same values, and others for others', () => {
    const idOf = (more: object, idFrom: string[]) => readObject({...payment, ...more}, {idFrom}).record?.id
    expect(idOf({no: 17}, ['no'])).to.equal(BigInt(makeId(['17'])))
    expect(idOf({no: '17'}, ['no'])).to.equal(BigInt(makeId(['17'])))
    expect(idOf({no: 17, day: '1'}, ['no', 'day'])).to.equal(BigInt(makeId(['17', '1'])))
    expect(idOf({no: 17, day: '1'}, ['day', 'no'])).to.equal(BigInt(makeId(['1', '17'])))
    expect(idOf({no: 17}, ['no', 'amount'])).to.equal(BigInt(makeId(['17', '5'])))
  })

  it('a key that is missing is named: half of an id would be that of another row', () => {
    expect(sentences(readObject({...payment, no: 17}, {idFrom: ['no', 'day']}))).to.deep.equal([
      'has no day, from which its id is made',
    ])
    expect(sentences(readObject({...payment, no: null}, {idFrom: ['no']}))).to.deep.equal([
      'has no no, from which its id is made',
    ])
  })

  it('go before one that the row has', () => {
    expect(readObject({...MOVE, no: 17}, {idFrom: ['no']}).record?.id).to.equal(BigInt(makeId(['17'])))
  })

  it('a key that is a field as well is both', () => {
    const {record} = readObject({...payment, user_data_64: 99}, {idFrom: ['user_data_64']})
    expect(record).to.include({id: BigInt(makeId(['99'])), user_data_64: 99n})
  })
})

describe('names of the chart', () => {
  it('stand for accounts, ledgers and codes, and money for amounts', () => {
    const event = readObject(
      {id: 7, from: '@bank', to: '@alice', amountText: '12.50 USD', ledger: 'USD', code: 'payment'},
      {chart: CHART},
    )
    expect(event.record).to.deep.equal({
      id: 7n,
      debit_account_id: 1n,
      credit_account_id: 2n,
      amount: 1250n,
      ledger: 700n,
      code: 1n,
    })
  })

  it('that the chart does not have, or without a chart, are a fault of the row', () => {
    expect(readObject({...MOVE, debit_account_id: '@bakn'}, {chart: CHART}).record).to.equal(undefined)
    const [fault] = readObject({...MOVE, debit_account_id: '@bank'}).faults
    expect(fault!.message).to.match(/chart/)
    expect(readObject({...MOVE, code: 'payment'}).faults).to.have.lengthOf(1)
  })

  it('a UUID is an id with and without a chart', () => {
    const id = BigInt('0x11111111222243338444555555555555')
    for (const chart of [undefined, CHART])
      expect(readObject({...MOVE, id: '11111111-2222-4333-8444-555555555555'}, {chart}).record?.id).to.equal(id)
  })
})

describe('a row that says a thing twice', () => {
  it('is refused: one of the two would count, and nobody could tell which', () => {
    for (const more of [{Amount: '6'}, {from: '3'}, {debitAccountId: '1'}, {Flags: 0, flags: 0}]) {
      const [fault, ...others] = readObject({...MOVE, ...more}).faults
      expect(others).to.deep.equal([])
      expect(fault!.message, JSON.stringify(more)).to.match(/^gives \w+ twice: as \w+ and as \w+$/)
    }
    expect(readObject({...MOVE, Amount: null}).record!.amount).to.equal(5n)
  })

  it('has flags that are names or bits, one in each place', () => {
    for (const flags of [[['pending']], [{pending: true}], [null], [true]]) {
      const [fault] = readObject({...MOVE, flags}).faults
      expect(fault!.message, JSON.stringify(flags)).to.match(/must be a whole number, but is|has no flag/)
      expect(fault!.message).not.to.contain('[object')
    }
    expect(readObject({...MOVE, flags: ['pending', 'linked']}).record!.flags).to.equal(3n)
  })
})

describe('the amount of a row', () => {
  const HEADER = ['id', 'from', 'to', 'sum', 'ledger', 'code']
  const chart = chartOf(
    '{USD: {id: 700, scale: 2}, JPY: {id: 701, scale: 0}, EUR: {id: 702, scale: 2}, points: {id: 900, scale: 0, tenants: {bits: 16}}}',
  )
  const read = (amount: string, ledger: string, sum = '5') => {
    const mapper = compileMapping({kind: 'transfer', specs: {amount}, idFrom: [], makeId}, HEADER, chart)
    expect(mapper.plain).to.equal(undefined)
    return reader({mapper, chart})({line: 2, nextLine: 3, end: 40, cells: ['7', '1', '2', sum, ledger, '1']})
  }

  it('is money of the ledger that the row is on, or refused', () => {
    expect(read('sum|money:USD', '700').record!.amount).to.equal(500n)
    expect(read('sum|money:USD', 'USD').record!.amount).to.equal(500n)
    for (const [ledger, name] of [
      ['701', 'JPY'],
      ['JPY', 'JPY'],
      ['702', 'EUR'],
      ['999', '999'],
    ])
      expect(sentences(read('sum|money:USD', ledger!)), ledger).to.deep.equal([
        `amount is in USD by its mapping, but this row is on ledger ${name}`,
      ])
  })

  it('has the decimal places of the ledger, where the chart has it', () => {
    expect(read('sum|money:2', '702').record!.amount).to.equal(500n)
    expect(read('sum|money:2', '999').record!.amount).to.equal(500n)
    expect(sentences(read('sum|money:2', '701'))).to.deep.equal([
      'amount has 2 decimal places by its mapping, but JPY has 0',
    ])
    expect(sentences(read('sum|money:1', '700'))).to.deep.equal([
      'amount has 1 decimal place by its mapping, but USD has 2',
    ])
    expect(fields(read('sum|money:1', '700'))).to.deep.equal(['amount'])
  })

  it('of a ledger with tenants is in the unit of all of them', () => {
    expect(read('sum|money:points', 'points/3').record!.amount).to.equal(5n)
    expect(read('sum|money:points/3', 'points/3').record!.amount).to.equal(5n)
    expect(read('sum|money:points/3', 'points/4').faults).to.have.lengthOf(1)
  })

  it('is the word max only where TigerBeetle takes it for as much as there is', () => {
    expect(sentences(readObject({...MOVE, amount: 'max'}))).to.deep.equal([
      'amount is "max", which goes with the flags balancing_debit, balancing_credit, post_pending_transfer and void_pending_transfer only.',
    ])
    expect(readObject({...MOVE, amount: 'max', flags: 'balancing_debit'}).record!.amount).to.equal(2n ** 128n - 1n)
    expect(readObject({...MOVE, amount: String(2n ** 128n - 1n)}).record!.amount).to.equal(2n ** 128n - 1n)
  })
})

describe('a row of a CSV', () => {
  const HEADER = ['id', 'from', 'to', 'amount', 'ledger', 'code', 'note']
  const read = (cells: string[], specs: Record<string, string> = {amount: 'amount'}, kind: CreateKind = 'transfer') => {
    const mapper = compileMapping({kind, specs, idFrom: [], makeId}, HEADER, undefined)
    return reader({kind, mapper})({line: 2, nextLine: 3, end: 40, cells})
  }

  it('is the event that the same object of NDJSON is', () => {
    expect(read(['7', '1', '2', '5', '700', '1', 'rent']).record).to.deep.equal(readObject(MOVE).record)
    expect(read([' 7 ', '1', '2', ' 5', '700', '1', '']).record).to.deep.equal(readObject(MOVE).record)
  })

  it('an empty cell is a field that was left out, not a zero', () => {
    expect(sentences(read(['7', '1', '2', '', '700', '1', '']))).to.deep.equal(['amount is missing.'])
    expect(sentences(read(['7', '1', '2', '5', '', '', '']))).to.have.lengthOf(2)
  })

  it('a cell that its conversion refuses is a fault of the row, once', () => {
    const event = read(['7', '1', '2', '1.234', '700', '1', ''], {amount: 'amount|money:2'})
    expect(event.record).to.equal(undefined)
    expect(sentences(event)).to.have.lengthOf(1)
    expect(sentences(event)[0]).to.contain('at most 2 decimal places')
  })
})
