import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, on, rows, sent} from '../support/answers.js'
import {type TbResult, tb} from '../support/tb.js'

const ONE = '{"id": 1, "from": 1, "to": 2, "amount": 5, "ledger": 7, "code": 1}'
const TWO = '{"id": 2, "from": 1, "to": 2, "amount": 6, "ledger": 7, "code": 1}'
const PRETTY = (text: string) => JSON.stringify(JSON.parse(text), null, 2)

describe('files of objects and of ids', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const dryRun = (content: string | Buffer, name = 't.json'): Promise<TbResult> => {
    const file = join(home.path, name)
    writeFileSync(file, content)
    return tb(['create-transfers', '--file', file, '--dry-run', '--json'], {home})
  }

  async function expectRefused(content: string | Buffer, sentences: string[], name?: string) {
    const {code, stdout} = await dryRun(content, name)
    expect(code, stdout).to.equal(2)
    for (const sentence of sentences) expect(stdout).to.contain(sentence)
    return JSON.parse(stdout).error
  }

  it('are arrays, one object, one per line, or one after the other as jq writes them; with any line ends and a BOM', async () => {
    for (const content of [
      `[${ONE},${TWO}]`,
      `${ONE}\n${TWO}`,
      `${ONE}\r\n${TWO}\r\n`,
      `\n\n${ONE}\n \n${TWO}\n\n`,
      `\ufeff${ONE}\n${TWO}\n`,
      `${PRETTY(ONE)}\n${PRETTY(TWO)}\n`,
      `${PRETTY(ONE)}\r\n${PRETTY(TWO)}`.replaceAll('\n', '\r\n').replaceAll('\r\r', '\r'),
      `${ONE}\n${PRETTY(TWO)}`,
      `${PRETTY(ONE)}${TWO}`,
      `[${ONE}]\n[${TWO}]\n`,
      PRETTY(`[${ONE},${TWO}]`),
    ]) {
      const {code, stdout} = await dryRun(content)
      expect(code, content + stdout).to.equal(0)
      expect(
        JSON.parse(stdout).requests[0].map(({id}: {id: string}) => id),
        content,
      ).to.deep.equal(['1', '2'])
    }
  })

  it('UTF-16, UTF-32, Latin-1, gzip and ZIP are named, each with the way to convert it', async () => {
    const utf16 = Buffer.from(`\ufeff[${ONE}]`, 'utf16le')
    for (const [content, called, next] of [
      [utf16, 'UTF-16', 'iconv -f UTF-16 -t UTF-8'],
      [Buffer.from(utf16).swap16(), 'UTF-16', 'iconv'],
      [utf16.subarray(2), 'UTF-16LE', 'iconv -f UTF-16LE'],
      [Buffer.from(utf16.subarray(2)).swap16(), 'UTF-16BE', 'iconv -f UTF-16BE'],
      [Buffer.from([0xff, 0xfe, 0, 0, 0x5b, 0, 0, 0]), 'UTF-32', 'iconv'],
      [Buffer.from([0x1f, 0x8b, 8, 0]), 'gzip', 'gunzip'],
      [Buffer.from('PK\u0003\u0004xl'), 'ZIP', undefined],
    ] as const) {
      const error = await expectRefused(Buffer.from(content), [called])
      expect(error.code).to.equal('not_utf8')
      if (next !== undefined) expect(JSON.stringify(error)).to.contain(next)
    }
    const latin = Buffer.concat([Buffer.from(`${ONE}\n{"id": "`), Buffer.from([0xe4]), Buffer.from('"}')])
    await expectRefused(latin, ['line 2, byte 9 is not UTF-8', 'Latin-1'])
  })

  it('CSV is recognised, with the command that converts it', async () => {
    for (const [content, delimiter] of [
      ['id,from,to,amount,ledger,code\n1,1,2,5,7,1\n', ','],
      ['id;from;to\r\n1;1;2\r\n', ';'],
      ['"id"\t"from"\t"to"\n1\t1\t2\n', '\t'],
      ['"Buchungstag";"Betrag (€, brutto)"\n"1";"2,00"\n', ';'],
    ] as const) {
      const error = await expectRefused(content, ['looks like CSV'], 'my file.csv')
      expect(error.code).to.equal('csv')
      const said = [error.next, error.hint].flat().join()
      expect(said).to.contain('jq -Rnc').and.to.contain("my file.csv'")
      expect(said).to.contain(`split(${JSON.stringify(delimiter)})`)
      expect(error.errors[0]).to.contain('tb import transfers read CSV')
    }
    await expectRefused('// a, b\n[]', ['line 1, column 1 is not JSON'])
  })

  it('what is not JSON is named with line and column, all of it at once', async () => {
    await expectRefused(`${ONE}\n{"id": 2,, }\n${TWO}\n  {id: 3}\n`, [
      '2 things are wrong',
      't.json line 2, column 10 is not JSON',
      't.json line 4, column 4 is not JSON',
    ])
    await expectRefused(`[${ONE},\n{"id" 2}]`, ['t.json line 2, column 7 is not JSON'])
    await expectRefused(PRETTY(ONE).slice(0, -3), ['is not JSON'])
    await expectRefused(`${ONE}\n{"id": 1, "id": 2}`, ['line 2', 'the key \\"id\\" is given twice'])
  })

  it('findings name the item or the line, counted from 1; the first 100, then their number', async () => {
    const bad = ONE.replace('"amount": 5', '"amount": 1.5')
    await expectRefused(`[${ONE},${bad.replace('"id": 1', '"id": 9')}]`, ['item 2: amount must be a whole number'])
    await expectRefused(`${PRETTY(TWO)}\n${PRETTY(bad)}`, ['line 9: amount must be a whole number'])
    const error = await expectRefused(Array.from({length: 150}, () => bad).join('\n'), ['150 things are wrong'])
    expect(error.errors).to.have.length(101)
    expect(error.errors.at(-1)).to.equal('and 50 more')
  })

  it('a field that is given under two names is named by both', async () => {
    const {errors, message} = await expectRefused(
      '{"id":9,"from":1,"debit_account_id":2,"to":2,"amount":5,"ledger":7,"code":1}',
      ['debit_account_id is given twice, also as from'],
    )
    expect(errors, message).to.equal(undefined)
  })

  it('nothing, a directory, and a file that is not there are said as what they are', async () => {
    await expectRefused('', ['is empty'])
    await expectRefused(' \n\ufeff'.trimEnd(), ['is empty'])
    await expectRefused('[]', ['There is no transfer in'])
    mkdirSync(`${home.path}/directory`)
    for (const [file, sentence] of [
      ['directory', 'it is a directory'],
      ['missing.json', 'there is no such file'],
    ]) {
      const {code, stderr} = await tb(`create-transfers --file ${file} --dry-run`, {home})
      expect(code).to.equal(2)
      expect(stderr).to.contain(sentence)
    }
  })

  it('ids are read from files as from --ids: decimal, hex, several per line, JSON', () =>
    withService(async (service) => {
      on(service, 'lookup_accounts', rows('lookup_accounts', [{id: '1'}]))
      for (const content of [
        '1\n0xff\n',
        '1\r\n0xff\r\n',
        '\ufeff1, 255',
        '1 0xff',
        '1,\n255,\n',
        '"1"\n"0xff"',
        '[1, "0xff"]',
        '{"id": 1}\n{"id": "0xff"}',
        '{\n "id": 1\n}\n{\n "id": 255\n}',
      ]) {
        const words = ['lookup-accounts', BOOKS, '--file', home.write('ids.txt', content)]
        const {code, stderr} = await tb(words, {home, service})
        expect(code, content + stderr).to.equal(0)
        expect(sent(service, 'lookup_accounts').at(-1), content).to.equal('["1","255"]')
      }
      const words = ['lookup-accounts', BOOKS, '--file', home.write('ids.txt', '1\nx\n\n2,,3\n')]
      const {code, stderr} = await tb(words, {home, service})
      expect(code).to.equal(2)
      expect(stderr).to.contain('ids.txt line 2').and.to.contain('ids.txt line 4 has an empty element')
    }))
})
