import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {makeHome, parix, residentParix, startResident, type TestHome} from '@parix/testkit'
import {expect} from 'chai'

/** Nobody listens there. */
const NOWHERE = {PARIX_BASE_URL: 'http://127.0.0.1:9', PARIX_API_KEY: 'px_nobody'}

describe('a process that runs many command lines', () => {
  let homes: TestHome[]
  beforeEach(() => {
    homes = [makeHome(), makeHome()]
  })
  afterEach(() => {
    for (const home of homes) home.remove()
  })

  for (const words of [
    '',
    '--version',
    '--help',
    'tb create-accounts --help',
    '__complete tb loo',
    'version --json',
    'nothing of this name',
    'tb id --no-such-flag --json',
    'auth status',
    'auth list --json',
    'database list --json',
    'tb create-transfers books --id 1 --from 1 --to 2 --amount 1 --ledger 1 --code 1 --retry-for 1s',
    'tb outbox list --format yaml',
    'api /x',
    'local status',
    'plugins',
    'commands --json',
  ]) {
    it(`gives for "parix ${words}" what a process of its own gives`, async () => {
      const [one, other] = homes as [TestHome, TestHome]
      const resident = await residentParix(words, {home: one, env: NOWHERE, cwd: one.path})
      const {stdout, stderr, code} = await parix(words, {home: other, env: NOWHERE, cwd: other.path})
      const same = (text: string) => text.replaceAll(other.path, one.path).replace(/\d+ m?s\b/g, '')
      expect([same(resident.stdout), same(resident.stderr), resident.code]).to.deep.equal([
        same(stdout),
        same(stderr),
        code,
      ])
    })
  }

  describe('with a program that leaves something behind', () => {
    let folder: string
    let run: ReturnType<typeof startResident>
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'parix-left-'))
      writeFileSync(
        join(folder, 'run.js'),
        `const [what] = process.argv.slice(2)
         const left = JSON.stringify([globalThis.left, process.env.LEFT, process.exitCode, process.listenerCount('SIGTERM'), module.left])
         if (what === 'leave') {
           globalThis.left = process.env.LEFT = module.left = 'left'
           process.exitCode = 7
           process.on('SIGTERM', () => {})
           process.on('exit', () => process.stdout.write('exit'))
         }
         if (what === 'exit') process.exit(9)
         if (what === 'throw') throw new Error('thrown')
         if (what === 'hang') setInterval(() => {}, 1000)
         if (what === 'later') setTimeout(() => process.stdout.write('later'), 20)
         if (what === 'end') process.stdout.end('ended')
         if (what === 'read') process.stdin.on('end', () => process.stdout.write('read')).resume()
         if (what === 'grow') (globalThis.process.grown ??= []).push(Buffer.alloc(300_000_000, 1))
         if (what.startsWith('http')) require('node:http').get(what, (response) => response.resume())
         if (what === 'pid') console.log(process.pid)
         if (what === 'look') console.log(left, process.cwd())`,
      )
      run = startResident(join(folder, 'run.js'))
    })
    after(() => rmSync(folder, {recursive: true, force: true}))

    const said = async (words: string, timeoutMs?: number) => {
      const {stdout, code} = await run(words.split(' '), {
        home: homes[0]!,
        cwd: homes[0]!.path,
        ...(timeoutMs && {timeoutMs}),
      })
      return [stdout, code]
    }

    it('the next command line finds nothing of it', async () => {
      expect(await said('leave')).to.deep.equal(['exit', 7])
      expect(await said('look')).to.deep.equal([`[null,null,null,0,null] ${homes[0]!.path}\n`, 0])
    })

    it('a command ends when nothing is left to do', async () => {
      expect(await said('later')).to.deep.equal(['later', 0])
      for (let time = 0; time < 2; time++) expect(await said('read')).to.deep.equal(['read', 0])
    })

    it('a connection that is kept open is not given to the next one', async () => {
      const ports: unknown[] = []
      const server = createServer(({socket}, response) => {
        ports.push(socket.remotePort)
        response.end('x')
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
      for (let time = 0; time < 2; time++) expect(await said(url)).to.deep.equal(['', 0])
      server.close()
      expect(new Set(ports)).to.have.property('size', 2)
    })

    it('one that leaves much in memory is the last in its process, and says how much it was', async () => {
      const memory = async (words: string) => (await run([words], {home: homes[0]!, cwd: homes[0]!.path})).peakMemoryKiB
      const [pid] = await said('pid')
      expect(await said('pid')).to.deep.equal([pid, 0])
      expect(await memory('later')).to.be.within(20_000, 150_000)
      expect(await memory('grow')).to.be.above(300_000)
      expect(await memory('later')).to.be.within(20_000, 150_000)
      expect(await memory('exit')).to.equal(undefined)
    })

    it('the next one runs, whatever ended the process or its output', async () => {
      for (const [words, code] of [
        ['exit', 9],
        ['end', 0],
        ['throw', 1],
      ] as const) {
        expect((await said(words))[1]).to.equal(code)
        expect(await said('later')).to.deep.equal(['later', 0])
      }
      const killed = await said('hang', 300).catch((error: Error) => error.message)
      expect(killed).to.contain('Killed after its time limit')
      expect(await said('later')).to.deep.equal(['later', 0])
    })
  })
})
