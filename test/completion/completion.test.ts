import {chmodSync, existsSync, readdirSync, writeFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {makeHome, run, sessionFile, startProgram, startRecordingService, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'

const BIN = join(ROOT, 'bin/run.js')

describe('completion', function () {
  this.timeout(60_000)
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  /** The words that may follow, of the command line `words`, whose last may be typed in part. */
  async function offered(...words: string[]): Promise<string[]> {
    const {stdout, code, stderr} = await startProgram([BIN], ['__complete', ...words], {home}).result
    expect([code, stderr]).to.deep.equal([0, ''])
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t')[0]!)
  }

  it('offers topics and commands in the order of help, and what begins as typed', async () => {
    expect((await offered('')).slice(0, 3)).to.deep.equal(['auth', 'database', 'tb'])
    expect(await offered('da')).to.deep.equal(['database'])
    expect(await offered('auth', 'log')).to.deep.equal(['login', 'logout'])
    expect(await offered('nope', '')).to.deep.equal([])
  })

  it('offers flags once, the values of a flag that has some, and nothing where a file or free text goes', async () => {
    expect(await offered('tb', 'explain', '--f')).to.deep.equal(['--fields', '--format', '--for'])
    expect(await offered('tb', 'explain', '--for', '')).to.deep.equal(['account', 'transfer'])
    expect(await offered('auth', 'list', '--json', '--js')).to.deep.equal([])
    expect(await offered('tb', 'create-transfers', 'books', '--file', '')).to.deep.equal([])
    expect(await offered('completion', 'p')).to.deep.equal(['powershell'])
    expect(await offered('help', 'tb', 'explain', '--')).to.include('--json')
  })

  it('answers in a moment, also where a database name is wanted and nobody is signed in', async () => {
    const {milliseconds} = await run(process.execPath, [BIN, '__complete', 'database', 'info', ''], {
      env: home.environment,
    })
    // A hang would last a minute: how quick it is, the benchmarks say.
    expect(milliseconds).to.be.below(30_000)
    expect(await offered('database', 'info', '')).to.deep.equal([])
  })

  describe('of database names', () => {
    it('takes them from a cache, looks in the background, asks nothing, and tells organizations apart', async () => {
      const service = await startRecordingService()
      service.answer('GET', '/api/v1/databases', {
        json: {ok: true, databases: ['books', 'bills', 'stock'].map((name) => ({id: `db_${name}`, name}))},
      })
      const session = sessionFile({baseUrl: service.baseUrl})
      home.write('.config/parix/session.json', session)

      expect(await offered('database', 'info', 'b')).to.deep.equal([])
      await service.received('GET', '/api/v1/databases')
      await until(() => existsSync(join(home.path, '.cache/parix/database-names.json')))
      expect(home.mode('.cache/parix/database-names.json')).to.equal(0o600)
      expect(await offered('database', 'info', 'b')).to.deep.equal(['books', 'bills'])
      expect(await offered('tb', 'lookup-accounts', 's')).to.deep.equal(['stock'])
      expect(service.requests).to.have.length(1)

      home.write('.config/parix/session.json', {...session, organization: {...session.organization, id: 'org_2'}})
      expect(await offered('database', 'info', 'b')).to.deep.equal([])
      await service.stop()
    })

    it('threat 7.9: a name that would be a flag, or two answers, or move the cursor is not offered', async () => {
      const service = await startRecordingService()
      const hostile = ['--base-url=https://evil.example', 'books\n--yes', 'bo\u001b]52;c;eA\u0007', '\u202ebooks', '']
      service.answer('GET', '/api/v1/databases', {
        json: {
          ok: true,
          databases: [...hostile, '$(touch x)', 'books'].map((name, index) => ({id: `db_${index}`, name})),
        },
      })
      home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl}))
      await offered('database', 'info', '')
      await until(() => existsSync(join(home.path, '.cache/parix/database-names.json')))
      expect(await offered('database', 'info', '')).to.deep.equal(['$(touch x)', 'books'])
      expect(await offered('database', 'remove', '--')).not.to.include('--base-url=https://evil.example')
      await service.stop()
    })

    it('a service that does not answer holds nothing up', async () => {
      const service = await startRecordingService()
      service.answer('GET', '/api/v1/databases', {hang: true})
      home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl}))
      const {milliseconds} = await run(process.execPath, [BIN, '__complete', 'database', 'info', ''], {
        env: home.environment,
      })
      expect(milliseconds).to.be.below(30_000)
      await service.received('GET', '/api/v1/databases')
      await service.stop()
    })
  })

  describe('of the chart of accounts', () => {
    const CHART = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes: {account: {bank: 10, customer: 20}, transfer: {payment: 2}}
accounts:
  bank: {id: 1, ledger: USD, code: bank}
  customer/*: {id: {base: 0x1000000000000, plus: n}, ledger: USD, code: customer}
  shop/*: {id: {hash: shop}, ledger: USD, code: bank, names: shops.csv}
`
    /** The names of a chart that a command has read before. */
    async function withChart(shops = 'name\nnorth\n') {
      home.write('shops.csv', shops)
      home.environment.PARIX_CHART = home.write('parix.chart.yaml', CHART)
      return run(process.execPath, [BIN, 'chart', 'show', '--quiet'], {env: home.environment})
    }

    it('offers accounts, ledgers and codes where a value is one, and nowhere else', async () => {
      expect((await withChart()).code).to.equal(0)
      const accounts = ['@bank', '@customer/', '@shop/north']
      expect(await offered('tb', 'create-transfers', 'books', '--from', '')).to.deep.equal(accounts)
      expect(await offered('tb', 'entry', 'books', '--debit', '')).to.deep.equal([
        '@bank=',
        '@customer/',
        '@shop/north=',
      ])
      expect(await offered('tb', 'close', 'books', '@bank', '--into', '@b')).to.deep.equal(['@bank'])
      expect(await offered('tb', 'lookup-accounts', '--id', '@b')).to.deep.equal(['@bank'])
      expect(await offered('tb', 'balance', '@c')).to.deep.equal(['@customer/'])
      expect(await offered('tb', 'statement', 'books', '@')).to.deep.equal(accounts)
      expect(await offered('tb', 'query-transfers', '--ledger', '')).to.deep.equal(['USD'])
      expect(await offered('tb', 'query-transfers', '--code', '')).to.deep.equal(['payment'])
      expect(await offered('tb', 'query-accounts', '--code', '')).to.deep.equal(['bank', 'customer'])
      expect(await offered('tb', 'create-transfers', '--from=@b')).to.deep.equal(['--from=@bank'])
      expect(await offered('tb', 'query-transfers', '--ledger=')).to.deep.equal(['--ledger=USD'])
      expect(await offered('tb', 'lookup-accounts', '--ids', '@bank,@c')).to.deep.equal(['@bank,@customer/'])
      expect(await offered('tb', 'lookup-accounts', '--ids=7,@b')).to.deep.equal(['--ids=7,@bank'])
      expect(await offered('tb', 'statement', '--from', '')).to.deep.equal([])
      expect(await offered('tb', 'create-transfers', '--no-chart', '--from', '')).to.deep.equal([])
    })

    it('a chart that no command has read yet is read in the background', async () => {
      home.environment.PARIX_CHART = home.write('parix.chart.yaml', CHART.replace(/ {2}shop.*\n/, ''))
      expect(await offered('tb', 'balance', '@')).to.deep.equal([])
      await until(() => existsSync(join(home.path, '.cache/parix/chart-names')))
      expect(await offered('tb', 'balance', '@')).to.deep.equal(['@bank', '@customer/'])
    })

    it('threat 7.9: names that are not valid are refused by the chart, and not offered from a cache that was changed', async () => {
      for (const name of ['\u001b[31m', '\u202ebooks', '=cmd|calc', 'a'.repeat(10_000), '$(touch x)'])
        expect((await withChart(`name\n"${name}"\n`)).code, name).to.equal(2)
      await withChart()
      const [file] = readdirSync(join(home.path, '.cache/parix/chart-names'))
      const names = ['a\nb', '\u001b]52;c;eA\u0007', '\u202ebooks', '$(touch hacked)']
      home.write(`.cache/parix/chart-names/${file}`, {accounts: names, ledgers: ['-x', 'USD'], codes: {}})
      expect(await offered('tb', 'balance', '@')).to.deep.equal(['@$(touch hacked)'])
      expect(await offered('tb', 'query-accounts', '--ledger', '')).to.deep.equal(['USD'])
    })

    it('bash, which ends words at @, replaces only what is after it', async () => {
      await withChart()
      const script =
        'source <(parix completion bash); COMP_LINE="parix tb balance @ba"; COMP_POINT=20; COMP_WORDS=(parix tb balance @ ba); COMP_CWORD=4; _parix parix ba @; declare -p COMPREPLY'
      const {stdout, stderr} = await run('bash', ['--norc', '-c', script], {
        env: {...home.environment, PATH: pathWithParix(home)},
      })
      expect([stdout, stderr]).to.deep.equal(['declare -a COMPREPLY=([0]="bank")\n', ''])
    })
  })

  describe('by the shells themselves', () => {
    async function shell(program: string, args: string[], stdin?: string) {
      return run(program, args, {
        env: {...home.environment, PATH: pathWithParix(home)},
        ...(stdin !== undefined && {stdin}),
      })
    }

    it('bash', async () => {
      const script =
        'source <(parix completion bash); COMP_WORDS=(parix tb explain --for ""); COMP_CWORD=4; _parix; declare -p COMPREPLY'
      const {stdout, stderr} = await shell('bash', ['--norc', '-c', script])
      expect([stdout, stderr]).to.deep.equal(['declare -a COMPREPLY=([0]="account" [1]="transfer")\n', ''])
    })

    for (const [name, syntax] of [
      ['zsh', ['-n']],
      ['fish', ['--no-execute']],
    ] as const) {
      it(`${name} understands its script`, async function () {
        if (!onPath(name)) this.skip()
        const {stdout} = await shell(process.execPath, [BIN, 'completion', name])
        const path = join(home.path, `parix.${name}`)
        writeFileSync(path, stdout)
        const {code, stderr} = await shell(name, [...syntax, path])
        expect([code, stderr]).to.deep.equal([0, ''])
      })
    }

    it('threat 7.9: a name that is a command is one word of bash', async () => {
      home.write('.config/parix/session.json', sessionFile({baseUrl: 'http://127.0.0.1:9'}))
      const {user, organization, baseUrl} = sessionFile({baseUrl: 'http://127.0.0.1:9'}) as {
        user: {id: string}
        organization: {id: string}
        baseUrl: string
      }
      const identity = `${baseUrl} ${user.id} ${organization.id}`
      home.write('.cache/parix/database-names.json', {identity, names: ['x; touch $(hacked)']})
      const script =
        'source <(parix completion bash); COMP_WORDS=(parix database info ""); COMP_CWORD=3; _parix; eval "printf %s $COMPREPLY"'
      const {stdout, stderr} = await shell('bash', ['--norc', '-c', script])
      expect([stdout, stderr]).to.deep.equal(['x; touch $(hacked)', ''])
    })

    it('threat 7.9: PowerShell, which quotes nothing by itself, is given quoted words', async () => {
      const {stdout} = await shell(process.execPath, [BIN, 'completion', 'powershell'])
      expect(stdout).to.contain("$name -cnotmatch '^[A-Za-z0-9_./:=+-]+$'")
      expect(stdout).to.contain('EscapeSingleQuotedStringContent($name)')
      expect(stdout).to.contain('CompletionResult]::new($word, $name,')
    })

    it('fish', async function () {
      if (!onPath('fish')) this.skip()
      const {stdout} = await shell('fish', [
        '--no-config',
        '-c',
        'parix completion fish | source; complete -C "parix tb explain --for "',
      ])
      expect(stdout).to.equal('account\ntransfer\n')
    })
  })
})

/** A directory for PATH in which `parix` is this CLI. */
function pathWithParix(home: TestHome): string {
  const script = home.write('bin/parix', `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`)
  chmodSync(script, 0o755)
  return `${join(home.path, 'bin')}${delimiter}${process.env.PATH}`
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, program)))
}

/** Looks until it is so; a process of its own is at work. */
async function until(so: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!so()) {
    if (Date.now() > deadline) throw new Error('it never came')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
