import {spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {errorObject, ParixError} from '@parix/kit/errors'
import {nextCommand, renderAgain, renderCommand, systemCommand} from '@parix/kit/next-command'
import {clean} from '@parix/kit/text'
import {expect} from 'chai'
import fc from 'fast-check'

const SERVICE = {inPrint: {flag: 'http://localhost:5199', loginFlag: 'http://localhost:5199'}}
const PLAIN = {inPrint: {flag: undefined, loginFlag: undefined}}
const SHELLS = ['/bin/sh', '/bin/bash', '/bin/zsh', '/usr/bin/zsh'].filter(existsSync)

/** The words that a shell makes of a line, printed by the shell itself: no program has to start. A word contains no NUL. */
function wordsIn(shell: string, line: string): string[] {
  const {stdout} = spawnSync(shell, ['-c', line.replace(/^parix/, "printf '%s\\0'")], {encoding: 'utf8'})
  expect(stdout.endsWith('\0'), stdout).to.equal(true)
  return stdout.slice(0, -1).split('\0')
}

describe('commands that are printed to continue with', () => {
  it('name the service where a pasted command would use another one', () => {
    const balance = nextCommand('tb balance', {args: ['books', '7']})
    expect(renderCommand(balance, SERVICE)).to.equal('parix tb balance books 7 --base-url http://localhost:5199')
    expect(renderCommand(balance, PLAIN)).to.equal('parix tb balance books 7')
    expect(renderCommand(balance)).to.equal('parix tb balance books 7')
  })

  it('name no service where none is asked', () => {
    for (const words of [
      'tb explain',
      'tb id',
      'tb outbox show',
      'auth list',
      'auth switch',
      'local stop',
      'plugins',
    ]) {
      expect(renderCommand(nextCommand(words), SERVICE)).to.equal(`parix ${words}`)
    }
    expect(renderCommand(nextCommand('tb balance', {flags: {help: true}}), SERVICE)).to.equal('parix tb balance --help')
  })

  it('put an argument that begins with a dash after --, and join such a value to its flag', () => {
    const command = nextCommand('database remove', {args: ['--json'], flags: {confirm: '--json'}})
    expect(renderCommand(command, SERVICE)).to.equal(
      'parix database remove --confirm=--json --base-url http://localhost:5199 -- --json',
    )
  })

  it('repeat the data directory of a local service that was not the default one', () => {
    const service = {inPrint: {...PLAIN.inPrint, dataDir: './my data'}}
    expect(renderCommand(nextCommand('local stop'), service)).to.equal("parix local stop --data-dir './my data'")
    expect(renderCommand(nextCommand('database list'), service)).to.equal('parix database list')
  })

  it('repeat a command as it was given, with the service where that is not in it', () => {
    expect(renderAgain(['database', 'remove'], ['a b', '--yes'], SERVICE)).to.equal(
      "parix database remove --base-url http://localhost:5199 'a b' --yes",
    )
    for (const given of [['-b', 'http://localhost:1'], ['--base-url=http://localhost:1'], ['-bhttp://localhost:1']]) {
      expect(renderAgain(['database', 'list'], given, SERVICE)).to.equal(`parix database list ${given.join(' ')}`)
    }
    expect(renderAgain(['database', 'info'], ['--', '-b'], SERVICE)).to.include(
      '--base-url http://localhost:5199 -- -b',
    )
  })

  for (const shell of SHELLS) {
    it(`law: ${shell} reads the words that were meant, whatever a name contains`, () => {
      const name = fc.oneof(
        fc.constantFrom(
          'a b',
          "it's",
          '"',
          '--json',
          '-',
          '=ls',
          '~',
          '*',
          '$(id)',
          '`id`',
          '!!',
          '\\',
          'a\nb',
          'ü',
          '#x',
          '',
        ),
        fc.string({maxLength: 12}),
      )
      fc.assert(
        fc.property(fc.array(name, {minLength: 1, maxLength: 3}), name, (args, value) => {
          // A shell has no NUL, and sh none of the escapes that control characters are written with.
          fc.pre(![...args, value].some((word) => word.includes('\0') || (shell === '/bin/sh' && clean(word) !== word)))
          const line = renderCommand(nextCommand('x', {args, flags: {confirm: value}}))
          const words = wordsIn(shell, line)
          const end = words.indexOf('--')
          const flag = value.startsWith('-') ? [`--confirm=${value}`] : ['--confirm', value]
          const dashed = args.some((arg) => arg.startsWith('-'))
          expect(words).to.deep.equal(dashed ? ['x', ...flag, '--', ...args] : ['x', ...args, ...flag])
          expect(end === -1 || dashed || args.includes('--') || value === '--').to.equal(true)
        }),
        {numRuns: 40},
      )
    })
  }
})

describe('the advice of an error', () => {
  const advice = (details: ConstructorParameters<typeof ParixError>[2]) => {
    const {next, hint} = errorObject(new ParixError('FAILED', 'x', details), SERVICE).error
    return {next, hint}
  }

  it('next is a list of commands that run as they are; sentences are the hint', () => {
    const chmod = systemCommand('chmod', '600', '/a b/c')
    expect(advice({next: ['parix database list', chmod, 'Try again in 5 s.']})).to.deep.equal({
      next: ['parix database list --base-url http://localhost:5199', "chmod 600 '/a b/c'"],
      hint: 'Try again in 5 s.',
    })
  })

  it('a command in which something has to be filled in, or with a remark, is a hint', () => {
    for (const text of ['parix auth login --device   # with a code', 'Then: parix tb id']) {
      expect(advice({next: text})).to.deep.equal({next: undefined, hint: text})
    }
  })

  it('a command at the end of a hint names the service that the error is about', () => {
    const named = 'parix database use NAME --base-url http://localhost:5199'
    expect(advice({next: 'parix database use NAME'})).to.deep.equal({next: undefined, hint: named})
    for (const [hint, shown] of [
      ['Choose a default: parix database use NAME', `Choose a default: ${named}`],
      [`Choose one: ${named}`, `Choose one: ${named}`],
      ['Run parix as that user.', 'Run parix as that user.'],
      ['Install it: parix plugins install ./plugin.tgz', 'Install it: parix plugins install ./plugin.tgz'],
    ]) {
      expect(advice({hint: hint!}).hint).to.equal(shown)
    }
  })
})
