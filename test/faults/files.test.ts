import {execFileSync, spawn} from 'node:child_process'
import {chmodSync, lstatSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, startProgram, startResident, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {allCommands, built, resultOf} from '../tidy/built.js'

const TRANSFER = '--id 10 --from 1 --to 2 --amount 1 --ledger 700 --code 1'

/** Every flag and argument that reads a file; `FILE` is the file. Those at the end read a pipe as they read a file. */
const READERS: readonly string[] = [
  'chart show --chart FILE',
  'tb watch still --from 0 --until-idle --cursor FILE',
  `tb create-transfers still ${TRANSFER} --receipt FILE`,
]
const PIPE_READERS: readonly string[] = [
  'api databases --input FILE',
  'chart init --from still --names FILE',
  'local exec --seed FILE -- true',
  'tb assert still --file FILE',
  'tb audit still --against FILE',
  'tb audit still --seal s.json --previous FILE',
  'tb create-accounts still --file FILE',
  'tb create-transfers still --file FILE',
  'tb entry still --code 1 --key k --file FILE',
  'tb import accounts FILE still',
  'tb import transfers FILE still --format json',
  'tb import transfers rows.csv still --mapping FILE',
  'tb lookup-transfers still --file FILE',
  'tb query-transfers still --file FILE',
  'tb reconcile still 1 --against FILE',
  'tb verify FILE',
  'tb watch still --from 0 --until-idle --forward-to http://127.0.0.1:9 --secret-file FILE',
  'test FILE',
]
/** Every flag that writes one; `FILE` can't be written. */
const WRITERS: readonly string[] = [
  'chart init --from still --output FILE',
  'tb audit still --seal FILE',
  `tb create-transfers still ${TRANSFER} --receipt FILE`,
  'tb export accounts still --output FILE',
  'tb export transfers still --output FILE',
  'tb statement still 1 --output FILE',
  'tb watch still --from 0 --until-idle --cursor FILE',
  'plugins create parix-plugin-x FILE',
]
/** Names of flags and arguments with files or directories that are shown elsewhere: test/plugins, plugin-local, packages/files. */
const NOT_HERE = ['data-dir', 'directory', 'mapping', 'plugin']

/** Node's own words: the name of an error in front, or a system call. */
const RAW = /\bE[A-Z]{3,}:|, (open|stat|lstat|read|scandir|mkdir|rename|access|write)\b|\bat .*:\d+:\d+/

describe('a file that a command line names', function () {
  this.timeout(180_000)
  let home: TestHome
  let service: RunningService
  let env: Record<string, string>

  before(async () => {
    home = makeHome()
    service = await startService({port: 0, dataDir: join(home.path, 'service')})
    env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
    for (const line of [
      'database create still --wait',
      'tb create-accounts still --id 1 --ledger 700 --code 10',
      'tb create-accounts still --id 2 --ledger 700 --code 10',
    ]) {
      const {code, stderr} = await resultOf(line.split(' '), home, env)
      expect(code, stderr).to.equal(0)
    }
    home.write('plain', 'plain\n')
    home.write('rows.csv', 'id\n1\n')
    mkdirSync(join(home.path, 'directory'))
  })
  after(async () => {
    await service?.close()
    home?.remove()
  })

  const wordsOf = (line: string, file: string) => line.split(' ').map((word) => (word === 'FILE' ? file : word))
  /** Side by side, as the two processors of a small machine take them. */
  async function each(lines: readonly string[], work: (line: string) => Promise<void>): Promise<void> {
    const left = [...lines]
    const lane = async () => {
      for (let line = left.shift(); line !== undefined; line = left.shift()) await work(line)
    }
    await Promise.all([lane(), lane(), lane(), lane()])
  }

  it('is named by a flag or an argument that is shown here', () => {
    const shown = [...READERS, ...PIPE_READERS, ...WRITERS]
      .map((line) => line.split(' '))
      .flatMap((words) => {
        const before = words[words.indexOf('FILE') - 1]!
        return before.startsWith('--') ? [before.slice(2)] : []
      })
    const known = new Set([...shown, ...NOT_HERE, 'file', 'folder', 'receipt'])
    const named = allCommands().flatMap(({id, flags = {}, args = {}}) =>
      [...Object.entries(flags), ...Object.entries(args)]
        .filter(
          ([name, of]) =>
            /FILE|DIR/.test(String('helpValue' in of ? of.helpValue : '')) || /file|folder|directory/.test(name),
        )
        .map(([name]) => ({id, name})),
    )
    expect(named.filter(({name}) => !known.has(name))).to.deep.equal([])
  })

  for (const [what, file] of [
    ['a directory', 'directory'],
    ['not there', 'missing'],
    ['below a file', 'plain/below'],
  ] as const) {
    it(`that is ${what} is refused in words by whatever reads it, and nothing is sent`, () =>
      each([...READERS.slice(0, what === 'not there' ? 1 : 2), ...PIPE_READERS], async (line) => {
        const {code, stdout, stderr} = await resultOf(wordsOf(line, file), home, env)
        expect(code, `${line}\n${stdout}${stderr}`).to.be.oneOf(line.includes('--seed') ? [2, 3] : [1, 2])
        expect(stdout + stderr, line)
          .to.include(file)
          .and.not.match(RAW)
        expect((await resultOf(['tb', 'lookup-transfers', 'still', '--id', '10'], home, env)).code).to.equal(3)
      }))
  }

  for (const file of ['directory', 'plain/below']) {
    it(`that can't be written (${file}) is refused in words, and no transfer is made`, () =>
      each(WRITERS, async (line) => {
        const {code, stdout, stderr} = await resultOf(wordsOf(line, file), home, env)
        expect(code, `${line}\n${stdout}${stderr}`).to.be.oneOf([1, 2, 6])
        expect(stdout + stderr, line)
          .to.include(file)
          .and.not.match(RAW)
        expect((await resultOf(['tb', 'lookup-transfers', 'still', '--id', '10'], home, env)).code).to.equal(3)
      }))
  }

  it('may be a pipe whose writer comes late: it is waited for, and Ctrl-C ends the wait', () =>
    each(PIPE_READERS, async (line) => {
      const pipe = `pipe-${PIPE_READERS.indexOf(line)}.json`
      execFileSync('mkfifo', [join(home.path, pipe)])
      const options = {cwd: home.path, home, env, timeoutMs: 120_000}
      const running = startProgram([join(ROOT, 'bin/run.js')], wordsOf(line, pipe), options)
      await running.saw(/Waiting for pipe-/, 'stderr')
      running.child.kill('SIGINT')
      const {code} = await running.result
      expect(code, line).to.equal(130)
    }))

  it('that is a pipe without a writer holds up nothing that can have none', () =>
    each(READERS, async (line) => {
      const pipe = `none-${READERS.indexOf(line)}`
      execFileSync('mkfifo', [join(home.path, pipe)])
      const {code, stdout, stderr} = await built(wordsOf(line, pipe), home, env)
      expect(code, `${line}\n${stdout}${stderr}`).to.equal(2)
      expect(lstatSync(join(home.path, pipe)).isFIFO()).to.equal(true)
    }))

  it('that is a pipe is read to its end', async () => {
    execFileSync('mkfifo', [join(home.path, 'transfers')])
    const rows = [11, 12].map((id) =>
      JSON.stringify({
        id: String(id),
        debit_account_id: '1',
        credit_account_id: '2',
        amount: '1',
        ledger: 700,
        code: 1,
      }),
    )
    for (const line of ['tb create-transfers still --file FILE', 'tb import transfers FILE still']) {
      const writer = spawn('sh', ['-c', 'printf "%s\\n" "$@" > transfers', 'sh', ...rows], {cwd: home.path})
      const {code, stdout, stderr} = await built(wordsOf(line, 'transfers'), home, env)
      expect(code, `${line}\n${stdout}${stderr}`).to.equal(0)
      writer.kill()
    }
    expect((await resultOf(['tb', 'lookup-transfers', 'still', '--id', '11', '--id', '12'], home, env)).code).to.equal(
      0,
    )
  })

  // Last: what there is belongs to another user from here on.
  it('that may not be read is refused in words, with the command that changes that', function () {
    if (process.geteuid?.() !== 0) this.skip()
    home.write('secret.json', '{}')
    execFileSync('chown', ['-R', '65534:65534', home.path])
    chmodSync(join(home.path, 'secret.json'), 0)
    const nobody = home.write('nobody.cjs', 'process.setgroups([]); process.setgid(65534); process.setuid(65534)')
    const run = startResident(join(ROOT, 'bin/run.js'), ['--require', nobody])
    return each([READERS[0]!, ...PIPE_READERS], async (line) => {
      const words = wordsOf(line, 'secret.json')
      const {code, stdout, stderr} = await run(words, {home, env, cwd: home.path, timeoutMs: 120_000})
      expect(code, `${line}\n${stdout}${stderr}`).to.be.oneOf([1, 2])
      expect(stdout + stderr, line)
        .to.match(/secret\.json can't be read: permission denied/)
        .and.not.match(RAW)
    })
  })
})
