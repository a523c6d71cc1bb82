import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {openBrowser, thisMachine} from '../../src/auth/browser.js'

const HREF = 'https://parix.example/a?x=1&y=%22two%22&z=$(id)&w=%PATH%'

describe('starting a browser', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parix-browser-'))
  })
  afterEach(() => rmSync(folder, {recursive: true, force: true}))

  /** A program that writes down its arguments and its environment, and ends with `exitCode`. */
  function recorder(exitCode: number): string {
    const path = join(folder, `recorder-${exitCode}`)
    writeFileSync(
      path,
      `#!/bin/sh\nprintf '%s\\n' "$#" "$@" > '${folder}/arguments'\nenv > '${folder}/environment'\nexit ${exitCode}\n`,
    )
    chmodSync(path, 0o755)
    return path
  }

  it('threat 7.5, flaw 7: the URL arrives whole, as the only argument', async () => {
    const outcome = await openBrowser([{program: recorder(0), arguments: [HREF]}], process.env)
    expect(outcome).to.equal(undefined)
    expect(readFileSync(join(folder, 'arguments'), 'utf8')).to.equal(`1\n${HREF}\n`)
  })

  it('threat 8.1: the child has no API key in its environment, but the rest', async () => {
    const environment = {...process.env, PARIX_API_KEY: 'px_secret', PARIX_BASE_URL: 'https://parix.example'}
    await openBrowser([{program: recorder(0), arguments: [HREF]}], environment)
    const seen = readFileSync(join(folder, 'environment'), 'utf8')
    expect(seen).to.contain('PARIX_BASE_URL=').and.not.contain('px_secret')
  })

  it('threat 7.1, flaw 7: a missing program is a reason, not a crash', async () => {
    const outcome = await openBrowser([{program: join(folder, 'xdg-open'), arguments: [HREF]}], {PATH: ''})
    expect(outcome).to.contain('could not start').and.contain('ENOENT')
  })

  it('threat 7.1: a program that may not be run is a reason', async () => {
    const path = join(folder, 'plain')
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
      {program: join(folder, 'xdg-open'), arguments: [HREF]},
      {program: recorder(0), arguments: ['open', HREF]},
    ]
    expect(await openBrowser(launchers, process.env)).to.equal(undefined)
    expect(readFileSync(join(folder, 'arguments'), 'utf8')).to.equal(`2\nopen\n${HREF}\n`)
  })

  it('knows which programs this machine has', () => {
    const machine = thisMachine()
    expect(machine.isProgram(process.execPath)).to.equal(true)
    expect(machine.isProgram(join(folder, 'nothing'))).to.equal(false)
  })
})
