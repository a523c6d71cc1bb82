import {once} from 'node:events'
import {chmodSync, readFileSync} from 'node:fs'
import {type AddressInfo, createServer} from 'node:net'
import {delimiter, dirname} from 'node:path'
import {
  makeHome,
  parix,
  program,
  type Running,
  residentParix,
  startAround,
  startParix,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'

interface Demo {
  baseUrl: string
  created: boolean
  database: {id: string; name: string}
  ledgers: {ledger: string; balanced: boolean; moved: string; held: string}[]
  chart: string
  bankFile: string
  setup: string
  commands: string[]
}

describe('parix local demo', function () {
  this.timeout(180_000)
  let home: TestHome
  let env: Record<string, string>

  before(async () => {
    home = makeHome()
    const shim = home.write('bin/parix', `#!/bin/sh\nexec '${process.execPath}' ${program().join(' ')} "$@"\n`)
    chmodSync(shim, 0o755)
    env = {PATH: `${dirname(shim)}${delimiter}${process.env.PATH}`}
    const started = await parix('local start --detach --port 0', {home})
    expect(started.code, started.stderr).to.equal(0)
  })
  after(async () => {
    await residentParix('local stop', {home})
    home.remove()
  })

  const shell = (script: string) => startAround(['sh', '-c', script], script, {home, env, cwd: home.path}).result
  const serviceEnv = async () => {
    const {stdout} = await residentParix('local status --json', {home})
    const {baseUrl, apiKey} = JSON.parse(stdout) as {baseUrl: string; apiKey: string}
    return {PARIX_BASE_URL: baseUrl, PARIX_API_KEY: apiKey}
  }
  const demo = async (words = ''): Promise<Demo> => {
    const {code, stdout, stderr} = await residentParix(`local demo ${words} --json`, {home})
    expect(code, stderr).to.equal(0)
    return JSON.parse(stdout) as Demo
  }

  it('shows numbers of balanced books, and five commands that run as they are pasted', async () => {
    const shown = await residentParix('local demo --size 1000', {home})
    expect(shown.code, shown.stderr).to.equal(0)
    expect(shown.stdout)
      .to.match(/^USD +\d+ .* yes$/m)
      .and.match(/^EUR +\d+ .* yes$/m)
    const printed = shown.stdout
      .slice(shown.stdout.indexOf('Try, '))
      .split('\n')
      .slice(1)
      .filter((line) => line.trim())
    const [setup, ...commands] = printed.map((line) => line.trim())
    expect(commands).to.have.length(5)
    const script = commands.map((command) => `${command}; echo "ended $?"; echo "--"`).join('\n')
    const ran = await shell(`set -e\n${setup}\nset +e\n${script}`)
    // The bank file has differences, which is exit code 6.
    expect(ran.stdout.match(/(?<=^ended )\d+$/gm), ran.stdout + ran.stderr).to.deep.equal(['0', '0', '0', '6', '0'])
    for (const [index, part] of ran.stdout.split('--\n').slice(0, -1).entries())
      expect(part.trim().split('\n').length, commands[index]).to.be.greaterThan(1)
  })

  it('run again, it leaves the books as they are; with other options it refuses', async () => {
    await demo('--size 1000')
    const again = await demo('--size 1000')
    expect(again.created).to.equal(false)
    const other = await residentParix('local demo --size 2000', {home})
    expect([other.code, other.stderr]).to.deep.equal([6, other.stderr])
    expect(other.stderr).to.contain('was made with other options').and.contain('parix local demo --as marketplace-2')
    const name = 'wallet'
    await shell(`${again.setup}; parix database create ${name}`)
    expect((await residentParix(`local demo ${name}`, {home})).stderr).to.contain('is not of parix local demo')
  })

  it('a name of which there can be no files, and a disk that takes none, leave no database behind', async () => {
    // Their status may still change: another test's database is being created.
    const databases = async () => {
      const {stdout} = await residentParix('database list --json', {home, env: await serviceEnv()})
      return (JSON.parse(stdout) as {databases: {id: string; name: string}[]}).databases.map(({id, name}) => [id, name])
    }
    const before = await databases()
    const named = await residentParix(['local', 'demo', '--as', '../../x'], {home})
    expect(named.code, named.stderr).to.equal(2)
    home.write('.local/share/parix/local/demo/blocked', 'a file in place of the directory')
    const blocked = await residentParix(['local', 'demo', '--as', 'blocked', '--size', '100'], {home})
    expect(blocked.code, blocked.stderr).to.equal(1)
    expect(blocked.stderr)
      .to.match(/blocked.* can't be used: /)
      .and.not.match(/E[A-Z]+:/)
    expect(await databases()).to.deep.equal(before)
  })

  it('is the same under another name and in another currency of time', async () => {
    const [one, two] = [await demo('cards --size 500'), await demo('cards --size 500 --as again')]
    expect(two.ledgers).to.deep.equal(one.ledgers)
    expect(readFileSync(two.chart, 'utf8')).to.equal(readFileSync(one.chart, 'utf8'))
    expect(readFileSync(two.bankFile, 'utf8')).to.equal(readFileSync(one.bankFile, 'utf8'))
    const export1 = await shell(`${one.setup}; parix tb export transfers --format ndjson`)
    const export2 = await shell(`${two.setup}; parix tb export transfers --format ndjson`)
    expect(export1.stdout.split('\n').length).to.be.greaterThan(300)
    expect(export2.stdout).to.equal(export1.stdout)
  })

  it('its first state is a snapshot, to which the books go back', async () => {
    const made = await demo('bank --size 500')
    const pay = 'parix tb create-transfers --from @bank/eur --to @customer/eur/1 --amount 10.00 --code salary'
    const count = 'parix tb query-transfers --all --json | grep -c debit_account_id'
    const before = await shell(`${made.setup}; ${count}`)
    const paid = await shell(`${made.setup}; ${pay} && ${count}`)
    expect(paid.code, paid.stderr).to.equal(0)
    expect(Number(paid.stdout.trim().split('\n').at(-1))).to.equal(Number(before.stdout) + 1)
    const restored = await shell(`parix local snapshot restore bank-as-made && ${made.setup} && ${count}`)
    expect(restored.stdout.trim().split('\n').at(-1), restored.stderr).to.equal(before.stdout.trim())
  })

  it('--live goes on paying until it is interrupted', async () => {
    const {database, setup} = await demo('--size 1000')
    const live: Running = startParix('local demo --size 1000 --live 200/s', {home})
    await live.saw(/Paying 200 times a second/, 'stderr')
    const newest = `${setup}; parix tb query-transfers --limit 1 --flag reversed --json | grep '"timestamp"'`
    const first = (await shell(newest)).stdout
    let later = first
    while (later === first) later = (await shell(newest)).stdout
    live.child.kill('SIGINT')
    expect((await live.result).code).to.equal(130)
    expect(database.name).to.equal('marketplace')
  })
})

describe('parix local demo without a service', function () {
  this.timeout(180_000)

  it('starts one, and ends it with Ctrl-C; the books are kept', async () => {
    const home = makeHome()
    try {
      const running = startParix('local demo --port 0 --size 500', {home})
      await running.saw(/audit --replay/)
      await running.saw(/Stop it: Ctrl-C/, 'stderr')
      const stated = await residentParix('local env --demo marketplace --format json', {home})
      expect(Object.keys(JSON.parse(stated.stdout))).to.have.members([
        ...['PARIX_BASE_URL', 'PARIX_API_KEY', 'PARIX_DATABASE', 'PARIX_CHART'],
      ])
      running.child.kill('SIGINT')
      expect((await running.result).code).to.equal(130)
      const again = await parix('local demo --port 0 --size 500 --detach --json', {home})
      expect(JSON.parse(again.stdout)).to.include({created: false})
      expect((await residentParix('local env --demo nothing', {home})).code).to.equal(3)
    } finally {
      await parix('local stop', {home})
      home.remove()
    }
  })
})

describe('parix local demo where its port is taken', () => {
  for (const detach of ['', ' --detach']) {
    it(`continues with the same books at a free port:${detach || ' in the foreground'}`, async () => {
      const home = makeHome()
      const holder = createServer().listen(0, '127.0.0.1')
      try {
        await once(holder, 'listening')
        const {port} = holder.address() as AddressInfo
        const {code, stdout} = await parix(`local demo wallet --size 700 --port ${port}${detach} --json`, {home})
        expect(code).to.equal(1)
        const {error} = JSON.parse(stdout)
        expect(error.code).to.equal('port_in_use')
        expect(error.next).to.deep.equal([`parix local demo wallet --size 700${detach} --port 0`])
      } finally {
        holder.close()
        home.remove()
      }
    })
  }
})

describe('the first screen of the README', function () {
  this.timeout(120_000)

  it('is what the command prints, but for the address and the home directory', async () => {
    const home = makeHome()
    try {
      const {stdout} = await parix('local demo --port 0 --detach', {home})
      const printed = stdout
        .replace(/localhost:\d+/, 'localhost:5173')
        .replaceAll(home.path, '/home/you')
        .trimEnd()
      const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
      const block = readme.slice(0, readme.indexOf('## ')).split('```')[1]!.trim()
      expect(block).to.equal(`$ parix local demo\n${printed}`)
    } finally {
      await parix('local stop', {home})
      home.remove()
    }
  })
})
