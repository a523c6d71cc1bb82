import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {CreateKind} from '@parix/ledger/schema'
import {expect} from 'chai'
import fc from 'fast-check'
import {batches, type ImportBatch} from '../../src/import/batches.js'
import {type WireReader, wireRows} from '../../src/import/wire-rows.js'
import {importReader, type ReaderOptions} from '../support/import-reader.js'

describe('rows as they are sent', () => {
  let path: string
  let directory: string
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-wire-'))
    path = join(directory, 'file')
  })
  after(() => rmSync(directory, {recursive: true}))

  const readerOf = (text: string, options: ReaderOptions) => importReader(path, text, options)

  /** Every event with its lines, or what is wrong with the row. */
  async function all(reader: WireReader): Promise<string[]> {
    const found: string[] = []
    const onFaults = (line: number, faults: readonly {message: string}[]) =>
      found.push(`${line} ${faults.map(({message}) => message).join('; ')}`)
    for await (const {count, bytes, starts, lines, nextLines, ends, flags} of wireRows(
      reader,
      reader.rows.first,
      onFaults,
    )) {
      for (let i = 0; i < count; i++)
        found.push(
          `${lines[i]}-${nextLines[i]} to ${ends[i]} ${flags[i]} ${bytes.toString('latin1', starts[i], starts[i + 1])}`,
        )
    }
    return found.sort()
  }

  /** By text and records, for every row. */
  const exactly = (reader: WireReader): WireReader => ({...reader, columns: undefined, idFromKeys: true})

  async function same(text: string, options: ReaderOptions): Promise<void> {
    const reader = await readerOf(text, options)
    expect(await all(reader)).to.deep.equal(await all(exactly(reader)))
  }

  const value = fc.oneof(
    {weight: 6, arbitrary: fc.bigInt({min: 0n, max: 2n ** 128n}).map(String)},
    {weight: 6, arbitrary: fc.integer({min: 0, max: 70_000}).map(String)},
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ...['0', '1', '007', '00', '', ' 5', '-1', '1.5', '1e3', '0x10', '1_000', 'abc', 'max', '65535', '65536'],
        ...['4294967295', '4294967296', '18446744073709551615', '18446744073709551616', '1795546437845999999'],
        ...[String(2n ** 128n - 1n), String(2n ** 128n), '9'.repeat(38), '1700000000', '1234.567'],
      ),
    },
  )
  const FIELDS = {
    account: [
      'id',
      'ledger',
      'code',
      'flags',
      'user_data_128',
      'user_data_64',
      'user_data_32',
      'timestamp',
      'debits_posted',
      'reserved',
    ],
    transfer: [
      ...[
        'id',
        'debit_account_id',
        'credit_account_id',
        'amount',
        'ledger',
        'code',
        'from',
        'to',
        'pending_id',
        'timeout',
      ],
      ...['flags', 'timestamp', 'user_data_128', 'user_data_64', 'user_data_32', 'note'],
    ],
  }
  const plain = (kind: CreateKind) =>
    fc.record({
      id: fc.constantFrom('1', '2', '38'),
      debit_account_id: fc.constantFrom('3', '4'),
      credit_account_id: fc.constantFrom('4', '5'),
      amount: fc.constantFrom('0', '12', '12.5', '300.00'),
      ledger: fc.constantFrom('1', '700'),
      code: fc.constantFrom('1', '65535'),
      flags: fc.integer({min: 0, max: kind === 'account' ? 63 : 1023}).map(String),
      pending_id: fc.constantFrom('0', '1', '7'),
      timeout: fc.constantFrom('0', '0', '60'),
      timestamp: fc.constantFrom('0', '1795546437845999999', '1795546437'),
    })
  const row = (kind: CreateKind) =>
    fc
      .tuple(
        plain(kind),
        fc.dictionary(fc.constantFrom(...FIELDS[kind]), value, {maxKeys: 3}),
        fc.shuffledSubarray(FIELDS[kind].slice(0, 11), {minLength: 5}),
      )
      .map(([usual, odd, order]) => ({...pick(usual, order), ...odd}))
  const pick = (object: Record<string, string>, keys: string[]) =>
    Object.fromEntries(keys.flatMap((key) => (object[key] === undefined ? [] : [[key, object[key]]])))

  for (const kind of ['transfer', 'account'] as const) {
    it(`of NDJSON are the same by bytes as by records: ${kind}s`, () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(row(kind), fc.boolean(), fc.constantFrom('', ' ')), {minLength: 1, maxLength: 12}),
          fc.boolean(),
          fc.constantFrom('\n', '\r\n'),
          (rows, keepTimestamps, ending) => {
            const member =
              (quoted: boolean, blank: string) =>
              ([key, text]: [string, string]) =>
                `"${key}":${blank}${quoted || !/^\d+$/.test(text) ? JSON.stringify(text) : text}`
            const line = ([object, quoted, blank]: (typeof rows)[number]) =>
              `{${Object.entries(object).map(member(quoted, blank)).join(`,${blank}`)}}`
            return same(rows.map((one) => line(one) + ending).join(''), {kind, format: 'ndjson', keepTimestamps})
          },
        ),
        {numRuns: 150},
      ))

    it(`of CSV are the same by bytes as by records: ${kind}s`, () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(row(kind), {minLength: 1, maxLength: 12}),
          fc.boolean(),
          fc.constantFrom('\n', '\r\n'),
          fc.constantFrom(',', ';'),
          fc.boolean(),
          (rows, keepTimestamps, ending, delimiter, money) => {
            const header = FIELDS[kind].filter((name) => name !== 'from' && name !== 'to')
            const cells = (object: Record<string, string>) => header.map((name) => object[name] ?? '').join(delimiter)
            const specs = {
              ...(kind === 'transfer' && money && {amount: 'amount|money:2'}),
              code: money ? '=10' : 'code',
            }
            const text = [header.join(delimiter), ...rows.map(cells)].map((one) => one + ending).join('')
            return same(text, {kind, format: 'csv', keepTimestamps, specs, idFrom: money ? ['id', 'ledger'] : []})
          },
        ),
        {numRuns: 150},
      ))
  }

  const sent = (id: number, amount: number) =>
    `{"id":"${id}","debit_account_id":"1","credit_account_id":"2","amount":"${amount}","ledger":700,"code":10}`
  /** A line that is sent as it is, or one that has the same event in it and is not. */
  const written = fc
    .tuple(fc.integer({min: 1, max: 10 ** 9}), fc.nat(), fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5, 6, 7))
    .map(([id, amount, form]) => {
      const line = sent(id, amount)
      return [
        line,
        `${line}\r`,
        ` ${line}`,
        `\n${line}`,
        line.replace('"code":10', '"code":"0xa"'),
        line.replace('{"id":', '{"timestamp":"0","id":'),
        line.replace('}', ',"flags":1}'),
        line.replace('"ledger":700,"code":10', '"code":10,"ledger":700'),
      ][form]!
    })

  it('are the same by bytes as by records where some lines are sent as they are', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(written, {minLength: 1, maxLength: 12}),
        fc.boolean(),
        fc.boolean(),
        (lines, ended, keepTimestamps) =>
          same(lines.join('\n') + (ended ? '\n' : ''), {format: 'ndjson', keepTimestamps}),
      ),
      {numRuns: 300},
    ))

  it('that are sent as they are go on in the next block', async () => {
    const lines = Array.from({length: 30_000}, (_, index) => sent(index + 1, 7 * index))
    const reader = await readerOf(lines.join('\n'), {format: 'ndjson'})
    const found: string[] = []
    for await (const {count, bytes, starts} of wireRows(reader, reader.rows.first, () => {}))
      found.push(bytes.toString('latin1', starts[0], starts[count]))
    expect(found.length).to.be.above(1)
    expect(found.join('') === lines.map((line) => `,${line}`).join('')).to.equal(true)
  })

  it('whose id would be made of blanks, or that are longer than a line may be, are refused by bytes as by records', async () => {
    const rows = ['r,1,2,5,700,1,', ' ,1,2,5,700,1,', `s,1,2,5,700,1,${'x'.repeat(1_100_000)}`, 't,1,2,5,700,1,']
    const text = ['ref,from,to,amount,ledger,code,note', ...rows].join('\n')
    const options = {format: 'csv', idFrom: ['ref'], specs: {amount: 'amount'}} as const
    await same(text, {...options, idFrom: [...options.idFrom]})
    const found = await all(await readerOf(text, {...options, idFrom: [...options.idFrom]}))
    expect(found.map((line) => line.slice(0, 40)).filter((line) => /^\d+ /.test(line))).to.deep.equal([
      '3 id is made from "ref", which is empty ',
      '4 is longer than 1 MB',
    ])
  })

  it('are cut into requests that begin and end where rows do, and a chain is never cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), {minLength: 1, maxLength: 40}),
        fc.integer({min: 1, max: 9}),
        async (linked, eventsMax) => {
          const line = (flag: boolean, i: number) =>
            `${i + 1},1,2,5,700,1,${flag && i < linked.length - 1 ? 'linked' : ''}`
          const text = ['id,from,to,amount,ledger,code,flags', ...linked.map(line)].join('\n')
          const reader = await readerOf(text, {format: 'csv'})
          const found: ImportBatch[] = []
          try {
            const rows = wireRows(reader, reader.rows.first, () => {})
            for await (const batch of batches(rows, reader.rows.first, eventsMax)) found.push(batch)
          } catch (error) {
            expect((error as {code: string}).code).to.equal('chain_too_long')
            return
          }
          expect(found.flatMap((batch) => batch.records().map(({id}) => Number(id)))).to.deep.equal(
            linked.map((_, i) => i + 1),
          )
          for (const batch of found) {
            const events = Array.from({length: batch.count}, (_, index) => batch.event(index))
            expect(`[${events.join(',')}]`).to.equal(batch.body.toString())
            expect(batch.count).to.be.at.most(eventsMax)
            expect(batch.records().at(-1)!.flags ?? 0n).to.equal(0n)
          }
          const ends = found.map(({to}) => to.byte)
          expect([reader.rows.first.byte, ...ends.slice(0, -1)]).to.deep.equal(found.map(({from}) => from.byte))
          expect(ends.at(-1)).to.equal(text.length)
        },
      ),
      {numRuns: 200},
    ))
})
