import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {BROWSER_PROGRAM, makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {resultOf} from '../tidy/built.js'
import {COMMAND_LINES} from './command-lines.js'
import {HOSTILE} from './misbehaviours.js'

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
/** What programs read: ids, numbers, times, addresses, states and results. A hostile one is refused, not shown. */
const READ_BY_PROGRAMS = /^(\d+|\w+_[0-9a-f]{8,}|[A-Z]+|created|exists|\w+:\/\/.*|\d{4}-\d\d-\d\dT.*)$/

describe('text of the service that would change a terminal', function () {
  this.timeout(60_000)
  let directory: string
  let service: RunningService
  let hostile = false
  let id: string | undefined
  let spoilt = 0

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'parix-hostile-'))
    service = await startService({
      port: 0,
      dataDir: directory,
      provisionDelayMs: 0,
      intercept: async (request, next) => {
        const response = await next(request)
        if (!hostile || !/json/.test(response.headers.get('content-type') ?? '')) return response
        const headers = new Headers(response.headers)
        headers.delete('content-length')
        return new Response(spoil(await response.text()), {status: response.status, headers})
      },
    })
    const home = makeHome()
    const env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
    for (const line of [
      'database create books --wait --json',
      'tb create-accounts books --id 1 --ledger 700 --code 10 --flag history --json',
      'tb create-accounts books --id 2 --ledger 700 --code 10 --json',
      'tb create-transfers books --id 1000 --from 1 --to 2 --amount 5 --ledger 700 --code 1 --json',
    ]) {
      const {code, stdout} = await resultOf(line.split(' '), home, env)
      expect(code, stdout).to.equal(0)
      id ??= JSON.parse(stdout).database.id
    }
    home.remove()
  })
  after(async () => {
    await service?.close()
    if (directory !== undefined) rmSync(directory, {recursive: true, force: true})
  })

  for (const [index, line] of COMMAND_LINES.filter(({session}) => !session).entries()) {
    for (const json of [[], ['--json']]) {
      if (json.length > 0 && line.words.includes('--include')) continue
      it(`reaches neither stream raw: parix ${[...line.words, ...json].join(' ')}`, async () => {
        const home = makeHome()
        try {
          const own = (text: string) => text.replaceAll('@', String(20_000 + index * 2 + json.length))
          for (const [name, text] of Object.entries(line.files ?? {})) home.write(name, own(text))
          const words = line.words.map((word) => (word === 'books' || word === 'still' ? id! : own(word)))
          const env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
          for (const prepared of line.prepare ?? []) {
            const {code, stderr} = await resultOf(prepared.map(own), home, env)
            expect(code, stderr).to.equal(0)
          }
          if (words.includes('%')) words[words.indexOf('%')] = await onlyImport(home)
          hostile = true
          const {stdout, stderr} = await resultOf([...words, ...json], home, env)
          expect(stdout + stderr).not.to.equal('')
          expect(stderr).not.to.match(CONTROL)
          // `parix api` passes the bytes of a body on when nobody asked for another form.
          if (line.id !== 'api' || json.length > 0) expect(stdout).not.to.match(CONTROL)
        } finally {
          hostile = false
          home.remove()
        }
      })
    }
  }

  it('reaches neither stream raw by a session: auth login, list, status, switch, logout', async () => {
    const home = makeHome()
    try {
      const says = async (words: string[]) => {
        for (const json of [[], ['--json']]) {
          const {stdout, stderr} = await resultOf([...words, ...json], home, {BROWSER: BROWSER_PROGRAM})
          expect(stdout + stderr, words.join(' ')).not.to.equal('')
          expect(stdout + stderr, words.join(' ')).not.to.match(CONTROL)
        }
      }
      const login = ['auth', 'login', '--base-url', service.baseUrl]
      // The profile that is stored has the hostile names, if it is stored at all.
      for (const state of [true, false]) {
        hostile = state
        await says(login)
        hostile = true
        await says(['auth', 'status'])
        await says(['auth', 'list'])
        await says(['auth', 'switch', service.baseUrl])
      }
      await says(['auth', 'logout'])
    } finally {
      hostile = false
      home.remove()
    }
  })

  it('was there: strings of every kind of response were spoilt', () => {
    expect(spoilt).to.be.greaterThan(100)
  })

  async function onlyImport(home: TestHome): Promise<string> {
    const {stdout} = await resultOf(['tb', 'import', 'list', '--json'], home)
    return (JSON.parse(stdout) as {imports: {id: string}[]}).imports[0]!.id
  }

  /** Every string between quotes, but keys and what programs read; the numbers stay as they are written. */
  function spoil(text: string): string {
    return text.replace(/"((?:[^"\\]|\\.)*)"(?!\s*:)/g, (whole, inner: string) => {
      if (READ_BY_PROGRAMS.test(inner)) return whole
      spoilt++
      return JSON.stringify(inner + HOSTILE)
    })
  }
})
