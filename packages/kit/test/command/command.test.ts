import {bundleScript, run, type Script, start, withHome} from '@parix/testkit'
import {expect} from 'chai'

describe('ParixCommand', () => {
  let probe: Script
  before(async () => {
    probe = await bundleScript(new URL('../scripts/probe-command.ts', import.meta.url))
  })
  after(() => probe.remove())

  const parix = (...args: string[]) =>
    withHome((home) =>
      run(process.execPath, [probe.path, ...args], {env: {...home.environment, NODE_ENV: 'production'}}),
    )

  it('shows the human form on stdout and what is said along the way on stderr', async () => {
    const {stdout, stderr, code} = await parix()
    expect(stdout).to.equal(`amount  ${2n ** 128n - 1n}\nname    e\\u009bvil\\u007f\n`)
    expect(stderr).to.equal('said along the way\n')
    expect(code).to.equal(0)
  })

  it('prints one JSON document with --json: a bigint as a string, control characters escaped', async () => {
    const {stdout} = await parix('--json')
    expect(JSON.parse(stdout)).to.deep.equal({amount: String(2n ** 128n - 1n), name: 'e\u009bvil\u007f'})
    expect(stdout)
      .to.include('e\\u009bvil\\u007f')
      .and.not.match(/[\u007f-\u009f]/)
  })

  it('says nothing along the way with --quiet', async () => {
    const {stderr} = await parix('--quiet')
    expect(stderr).to.equal('')
  })

  it('gives a refusal its exit code, the same with --json, and prints one error object', async () => {
    const human = await parix('--do', 'refuse')
    const json = await parix('--do', 'refuse', '--json')
    expect([human.code, json.code]).to.deep.equal([6, 6])
    expect(human.stdout).to.equal('')
    expect(human.stderr).to.equal(
      'said along the way\nError: TigerBeetle refused 1 of 1 transfers.\nNext: parix tb explain exceeds_credits\n',
    )
    expect(JSON.parse(json.stdout)).to.deep.equal({
      error: {
        code: 'exceeds_credits',
        exitCode: 6,
        message: 'TigerBeetle refused 1 of 1 transfers.',
        status: 409,
        tbResults: [{index: 0, result: 'exceeds_credits', code: 54, id: '7'}],
        next: ['parix tb explain exceeds_credits'],
      },
    })
  })

  it('prints an error after rows on one line, so that every line of NDJSON parses', async () => {
    const {stdout, code} = await parix('--do', 'stream', '--json')
    expect(code).to.equal(75)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).to.deep.equal([['row'], ['error']])
  })

  it('threat 8.3: prints no cause, and with --debug its stack but never what hangs on it', async () => {
    const quiet = await parix('--do', 'refuse', '--secret', 'token-1')
    expect(quiet.stderr).not.to.match(/the cause|at |token-1/)
    const debug = await parix('--do', 'refuse', '--secret', 'token-1', '--debug')
    expect(debug.stderr).to.include('the cause').and.not.include('token-1')
  })

  it('gives wrong use exit 2 with and without --json, without the configuration', async () => {
    for (const args of [['--nope'], ['--limit', 'abc'], ['surplus']]) {
      const human = await parix(...args)
      const json = await parix(...args, '--json')
      expect([human.code, json.code], args.join(' ')).to.deep.equal([2, 2])
      expect(human.stderr).to.match(/^Error: .*\nNext: parix probe --help\n$/)
      const {error} = JSON.parse(json.stdout) as {error: Record<string, unknown>}
      expect(Object.keys(error).sort()).to.deep.equal(['code', 'exitCode', 'message', 'next'])
    }
  })

  it('shows a fault of ours as a sentence, without a stack trace', async () => {
    const {stderr, code} = await parix('--do', 'crash')
    expect(code).to.equal(1)
    expect(stderr)
      .to.include('Error: something of ours broke')
      .and.not.match(/^\s+at /m)
  })

  describe('where stdout can not be written', () => {
    /** `into`: what the shell does with stdout; `{}` is the command. */
    const into = (shape: string, ...args: string[]) =>
      withHome((home) => {
        const command = [process.execPath, probe.path, ...args].map((word) => `'${word}'`).join(' ')
        const script = shape.replace('{}', `{ ${command}; echo "rc=$?" >&2; }`)
        return run('sh', ['-c', script], {env: {...home.environment, NODE_ENV: 'production'}})
      })
    const READER_GONE = '{} | sh -c "exec 0<&-"'
    const DISK_FULL = '{} > /dev/full'

    for (const json of [[], ['--json']]) {
      for (const shape of [READER_GONE, DISK_FULL]) {
        const title = `${shape} ${json.join('')}`.trim()
        it(`says on stderr what has happened, and does not count it as shown: ${title}`, async () => {
          const {stderr} = await into(shape, '--do', 'pay', ...json)
          expect(stderr).to.contain('Error: Transfer 7 was created. The output could not be written')
          expect(stderr).to.contain('Next: parix resume 7\nrc=75')
          expect(stderr).not.to.contain('struck off')
        })

        it(`says a refusal on stderr, with its own exit code: ${title}`, async () => {
          const {stderr} = await into(shape, '--do', 'pay-refused', ...json)
          expect(stderr.match(/Refused: 7/g)).to.have.length(1)
          expect(stderr).to.contain('rc=6').and.to.contain('struck off')
        })
      }
    }

    it('counts what was written as shown', async () => {
      for (const args of [
        ['--do', 'pay'],
        ['--do', 'pay', '--json'],
        ['--do', 'pay-refused', '--json'],
      ]) {
        expect((await into('{} | cat', ...args)).stderr, args.join(' ')).to.contain('struck off\nrc=')
      }
    })

    it('is a failure where the disk is full, and none where a reader has enough', async () => {
      expect((await into(DISK_FULL)).stderr)
        .to.contain('The output could not be written: the disk is full')
        .and.contain('rc=1')
      expect((await into(READER_GONE)).stderr).to.equal('said along the way\nrc=0\n')
    })
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`ends with ${code} at ${signal}`, () =>
      withHome(async (home) => {
        const running = start(process.execPath, [probe.path, '--do', 'wait'], {env: home.environment})
        await running.saw(/waiting/, 'stderr')
        running.child.kill(signal)
        expect((await running.result).code).to.equal(code)
      }))
  }
})
