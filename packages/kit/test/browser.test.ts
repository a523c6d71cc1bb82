import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type Machine, openBrowser, planBrowser, thisMachine} from '@parix/kit/browser'
import {expect} from 'chai'

/** Everything that a shell would take apart: flaw 7 was a URL cut at its first `&`. */
const URL_TO_OPEN = new URL('https://parix.example/authorize?a=1&b=%22x%22&c=$(id)&d=%25PATH%25')

function machine(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv, more: Partial<Machine> = {}): Machine {
  return {platform, environment, kernel: '', isProgram: () => false, ...more}
}

const programs = (given: Machine) => planBrowser(URL_TO_OPEN, given).launchers.map(({program}) => program)
const reason = (given: Machine) => {
  const plan = planBrowser(URL_TO_OPEN, given)
  return 'reason' in plan ? plan.reason : undefined
}

describe('which browser is opened', () => {
  describe('by platform', () => {
    const desktop = {DISPLAY: ':0'}
    const wsl = {kernel: 'Linux version 5.15.153.1-microsoft-standard-WSL2'}
    const cases: [what: string, given: Machine, expected: string[]][] = [
      ['Linux with X', machine('linux', desktop), ['xdg-open', 'gio', 'x-www-browser', 'sensible-browser']],
      [
        'Linux with Wayland',
        machine('linux', {WAYLAND_DISPLAY: 'wayland-0'}),
        ['xdg-open', 'gio', 'x-www-browser', 'sensible-browser'],
      ],
      ['macOS', machine('darwin', {}), ['open']],
      ['Windows', machine('win32', {}), ['rundll32']],
      ['threat 7.7: WSL, without a display', machine('linux', {}, wsl), ['wslview', 'powershell.exe']],
    ]
    for (const [what, given, expected] of cases) it(what, () => expect(programs(given)).to.deep.equal(expected))

    for (const [what, given] of cases.filter(([what]) => !what.includes('WSL'))) {
      it(`threat 7.5, flaw 7: the URL is one argument, whole: ${what}`, () => {
        for (const launcher of planBrowser(URL_TO_OPEN, given).launchers) {
          expect(launcher.arguments.at(-1)).to.equal(URL_TO_OPEN.href)
        }
      })
    }

    it('threat 7.5, 7.7: PowerShell gets the URL as data, not as syntax', () => {
      const quoted = new URL("https://parix.example/it's?x=1&y=2")
      const [, powershell] = planBrowser(quoted, machine('linux', {}, wsl)).launchers
      const command = Buffer.from(powershell!.arguments.at(-1)!, 'base64').toString('utf16le')
      expect(command).to.equal("Start-Process 'https://parix.example/it''s?x=1&y=2'")
    })

    it('threat 7.7: WSL says which browser it tries', () => {
      const plan = planBrowser(URL_TO_OPEN, machine('linux', {}, wsl))
      expect(plan).to.have.property('note', 'Opening your Windows browser.')
    })
  })

  describe('threat 7.3: where nobody would see it, none', () => {
    const ssh = {SSH_CONNECTION: '10.0.0.1 50000 10.0.0.2 22'}
    for (const [what, given, expected] of [
      ['SSH, display forwarded', machine('linux', {DISPLAY: 'localhost:10.0', ...ssh}), 'you are connected by SSH'],
      ['SSH to macOS', machine('darwin', {SSH_TTY: '/dev/ttys001'}), 'you are connected by SSH'],
      ['a container', machine('linux', {}), 'this machine has no display'],
      ['CI', machine('linux', {CI: 'true', DISPLAY: ':0'}), 'this is a CI job'],
    ] as const) {
      it(what, () => expect(reason(given)).to.equal(expected))
    }

    it('an empty CI or SSH_CONNECTION counts as not set', () => {
      expect(programs(machine('darwin', {CI: '', SSH_CONNECTION: ''}))).to.deep.equal(['open'])
    })
  })

  describe('threat 7.6: $BROWSER', () => {
    it('none opens nothing', () => {
      expect(reason(machine('darwin', {BROWSER: 'none'}))).to.equal('BROWSER=none')
    })

    it('a program gets the URL as its only argument, in CI and by SSH too', () => {
      const given = machine('linux', {BROWSER: '/opt/b', CI: '1', SSH_TTY: '/dev/pts/0'})
      expect(planBrowser(URL_TO_OPEN, given).launchers).to.deep.equal([
        {program: '/opt/b', arguments: [URL_TO_OPEN.href]},
      ])
    })

    it('a path with a space is one program when it is there', () => {
      const path = '/Applications/My Browser'
      const given = machine('darwin', {BROWSER: path}, {isProgram: (program) => program === path})
      expect(planBrowser(URL_TO_OPEN, given).launchers).to.deep.equal([{program: path, arguments: [URL_TO_OPEN.href]}])
    })

    it('a program with arguments gets the URL last', () => {
      const given = machine('linux', {BROWSER: 'firefox --new-window'})
      expect(planBrowser(URL_TO_OPEN, given).launchers).to.deep.equal([
        {program: 'firefox', arguments: ['--new-window', URL_TO_OPEN.href]},
      ])
    })

    it('%s means the URL', () => {
      const given = machine('linux', {BROWSER: 'browse --url=%s --quiet'})
      expect(planBrowser(URL_TO_OPEN, given).launchers).to.deep.equal([
        {program: 'browse', arguments: [`--url=${URL_TO_OPEN.href}`, '--quiet']},
      ])
    })

    it('space counts as not set', () => {
      expect(programs(machine('darwin', {BROWSER: '  '}))).to.deep.equal(['open'])
    })
  })
})

const HREF = 'https://parix.example/a?x=1&y=%22two%22&z=$(id)&w=%PATH%'

describe('starting a browser', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'parix-browser-'))
  })
  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  /** A program that writes down its arguments and its environment, and ends with `exitCode`. */
  function recorder(exitCode: number): string {
    const path = join(directory, `recorder-${exitCode}`)
    writeFileSync(
      path,
      `#!/bin/sh\nprintf '%s\\n' "$#" "$@" > '${directory}/arguments'\nenv > '${directory}/environment'\nexit ${exitCode}\n`,
    )
    chmodSync(path, 0o755)
    return path
  }

  it('threat 7.5, flaw 7: the URL arrives whole, as the only argument', async () => {
    const outcome = await openBrowser([{program: recorder(0), arguments: [HREF]}], process.env)
    expect(outcome).to.equal(undefined)
    expect(readFileSync(join(directory, 'arguments'), 'utf8')).to.equal(`1\n${HREF}\n`)
  })

  it('threat 8.1: the child has no API key in its environment, but the rest', async () => {
    const environment = {...process.env, PARIX_API_KEY: 'px_secret', PARIX_BASE_URL: 'https://parix.example'}
    await openBrowser([{program: recorder(0), arguments: [HREF]}], environment)
    const seen = readFileSync(join(directory, 'environment'), 'utf8')
    expect(seen).to.contain('PARIX_BASE_URL=').and.not.contain('px_secret')
  })

  it('threat 7.1, flaw 7: a missing program is a reason, not a crash', async () => {
    const outcome = await openBrowser([{program: join(directory, 'xdg-open'), arguments: [HREF]}], {PATH: ''})
    expect(outcome).to.contain('could not start').and.contain('ENOENT')
  })

  it('threat 7.1: a program that may not be run is a reason', async () => {
    const path = join(directory, 'plain')
    writeFileSync(path, '')
    expect(await openBrowser([{program: path, arguments: [HREF]}], {})).to.contain('EACCES')
  })

  for (const exitCode of [1, 2, 3, 4]) {
    it(`threat 7.2: a program that ends with ${exitCode} is a reason`, async () => {
      const outcome = await openBrowser([{program: recorder(exitCode), arguments: [HREF]}], process.env)
      expect(outcome).to.equal(`${recorder(exitCode)} ended with exit code ${exitCode}`)
    })
  }

  it('tries the next one when the first is not installed', async () => {
    const launchers = [
      {program: join(directory, 'xdg-open'), arguments: [HREF]},
      {program: recorder(0), arguments: ['open', HREF]},
    ]
    expect(await openBrowser(launchers, process.env)).to.equal(undefined)
    expect(readFileSync(join(directory, 'arguments'), 'utf8')).to.equal(`2\nopen\n${HREF}\n`)
  })

  it('knows which programs this machine has', () => {
    const machine = thisMachine()
    expect(machine.isProgram(process.execPath)).to.equal(true)
    expect(machine.isProgram(join(directory, 'nothing'))).to.equal(false)
  })
})
