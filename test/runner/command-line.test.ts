import {expect} from 'chai'
import type {Catalog} from '../../src/help/catalog.js'
import {readCommandLine} from '../../src/runner/command-line.js'
import {allCommands} from '../tidy/built.js'

const commands = allCommands() as unknown as Catalog['commands']
const catalog: Catalog = {bin: 'parix', version: '1', description: '', examples: [], commands, topics: []}
const typed = commands.map(({id}) => id.split(':'))

describe('reading a command line', () => {
  it('a global flag may be before any word of any command', () => {
    for (const words of typed) {
      for (let at = 0; at < words.length; at += 1) {
        for (const flags of [
          ['-q'],
          ['--quiet'],
          ['--json'],
          ['-b', 'http://x'],
          ['--base-url=http://x'],
          ['-qbhttp://x'],
        ]) {
          const argv = [...words.slice(0, at), ...flags, ...words.slice(at), 'books']
          expect(readCommandLine(catalog, argv), argv.join(' ')).to.deep.equal({
            kind: 'command',
            id: words.join(':'),
            argv: [...words, ...flags, 'books'],
          })
        }
      }
    }
  })

  it('any other flag before the last word of a command is refused, and never answered with help', () => {
    for (const words of typed.filter(({length}) => length > 1)) {
      for (const flags of [['--nope'], ['--limit', '3'], ['-x'], ['--json=1'], ['--nope', '--json'], ['--']]) {
        const argv = [...words.slice(0, -1), ...flags, words.at(-1)!]
        const isCommand = commands.some(({id}) => id === words.slice(0, -1).join(':'))
        // `tb outbox --limit 3 resume`: the flag belongs to `tb outbox`, and is for oclif to judge.
        if (isCommand) expect(readCommandLine(catalog, argv).kind).to.equal('command')
        else expect(() => readCommandLine(catalog, argv), argv.join(' ')).to.throw(/comes before the name of a command/)
      }
    }
  })

  it('help is for what asks for it, and for no words', () => {
    const help = (words: string[], json = false) => ({kind: 'help', words, json})
    expect(readCommandLine(catalog, [])).to.deep.equal(help([]))
    expect(readCommandLine(catalog, ['--json'])).to.deep.equal(help([], true))
    expect(readCommandLine(catalog, ['tb'])).to.deep.equal(help(['tb']))
    expect(readCommandLine(catalog, ['tb', '-q', '--json'])).to.deep.equal(help(['tb'], true))
    expect(readCommandLine(catalog, ['-q', 'tb', 'balance', 'books', '-h'])).to.deep.equal(
      help(['tb', 'balance', 'books']),
    )
    expect(readCommandLine(catalog, ['auth', 'status', '--', '--help']).kind).to.equal('command')
  })

  it('the version is for its flag alone, whatever global flags are there', () => {
    for (const argv of [['--version'], ['-v'], ['--json', '-v'], ['-v', '--json']]) {
      expect(readCommandLine(catalog, argv)).to.deep.equal({kind: 'version', json: argv.includes('--json')})
    }
    expect(() => readCommandLine(catalog, ['tb', '--version'])).to.throw(/comes before/)
  })

  it('a global flag without its value is refused', () => {
    expect(() => readCommandLine(catalog, ['tb', '-b'])).to.throw('-b needs a value')
    expect(() => readCommandLine(catalog, ['--base-url', '--json', 'tb'])).to.throw('--base-url needs a value')
  })

  it('words that name nothing are a command that is not there', () => {
    expect(readCommandLine(catalog, ['tb', 'nope', 'x', '--json'])).to.deep.equal({
      kind: 'command',
      id: 'tb:nope:x',
      argv: ['tb', 'nope', 'x', '--json'],
    })
  })
})
