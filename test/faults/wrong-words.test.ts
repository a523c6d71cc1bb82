import {makeHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {type Catalog, visibleCommands} from '../../src/help/catalog.js'
import {guessCommand} from '../../src/help/guess.js'
import {notFound} from '../../src/hooks/command-not-found.js'
import {allCommands, built} from '../tidy/built.js'

/** What people type to look at something, here or in other tools. */
const LOOKS = [
  'get',
  'list',
  'ls',
  'show',
  'lookup',
  'query',
  'find',
  'read',
  'view',
  'check',
  'describe',
  'search',
  'count',
  'history',
  'inspect',
  'print',
  'watch',
]
/** Words of other tools that are not commands here. */
const UNKNOWN = [
  'import',
  'payment',
  'pay',
  'send',
  'execute',
  'batch',
  'balance-sheet',
  'transactions',
  'accounts',
  'transfers',
  'money',
  'ledger',
  'upload',
  'sync',
  'apply',
  'run',
  'deploy',
  'login',
  'org',
  'keys',
  'poll',
  'pots',
  'avoid',
  'passed',
]
/** Verbs of commands that change something: at the service, at a ledger, or on this machine. */
const WRITES = new Set([
  'create',
  'post',
  'void',
  'remove',
  'revoke',
  'reset',
  'forget',
  'resume',
  'import',
  'apply',
  'init',
  'use',
  'login',
  'logout',
  'switch',
  'install',
  'uninstall',
  'link',
  'update',
  'start',
  'stop',
  'refresh',
  'exec',
  'api',
])

const catalog: Catalog = {
  bin: 'parix',
  version: '0',
  description: '',
  examples: [],
  commands: allCommands(),
  topics: [],
}
const ids = visibleCommands(catalog).map(({id}) => id.split(':'))
const topics = [...new Set(ids.map((words) => words.slice(0, -1).join(' ')))]

/** The verb of a command that is suggested, where it changes something. */
function writeIn(guess: string): string | undefined {
  const words = guess.split(' ')
  const verb = words.findLast((word) => WRITES.has(word.split('-')[0]!))?.split('-')[0]
  // `tb import list` reads what the import wrote.
  return words.at(-1)!.match(/^(list|show|verify|inspect)$/) ? undefined : verb
}

/** At most one letter is missing, too many, or another; two are swapped. */
function nearlySame(typed: string, verb: string): boolean {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  const variants = (word: string) =>
    [...Array(word.length + 1).keys()].flatMap((at) => [
      word.slice(0, at) + word.slice(at + 1),
      ...letters.flatMap((letter) => [
        word.slice(0, at) + letter + word.slice(at),
        word.slice(0, at) + letter + word.slice(at + 1),
      ]),
      word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2),
    ])
  return typed === verb || variants(verb).includes(typed)
}

function expectHarmless(words: string[]): void {
  for (const guess of guessCommand(catalog, words)) {
    const verb = writeIn(guess)
    if (verb === undefined) continue
    const typed = words.flatMap((word) => [word, ...word.split('-')])
    expect(
      typed.some((word) => nearlySame(word, verb)),
      `${words.join(' ')} → ${guess}`,
    ).to.equal(true)
  }
}

describe('a word that is not a command', () => {
  it('never leads from a look at something to a command that changes it', () => {
    for (const words of ids) {
      const noun = words.at(-1)!.split('-').slice(1).join('-')
      for (const look of LOOKS) {
        for (const last of [look, noun && `${look}-${noun}`, `${look}-${words.at(-1)}`].filter(Boolean)) {
          expectHarmless([...words.slice(0, -1), last as string])
          expectHarmless([last as string])
        }
      }
    }
  })

  it('never leads from a word that is unknown to a command that changes something', () => {
    for (const topic of topics) for (const word of UNKNOWN) expectHarmless([...topic.split(' ').filter(Boolean), word])
  })

  it('whatever is typed: only what is a write but for one letter leads to one', () => {
    const verb = fc.constantFrom(...ids.map((words) => words.at(-1)!.split('-')[0]!))
    const mangled = fc
      .tuple(verb, fc.nat(), fc.string({unit: fc.constantFrom(...'aeiost-'), maxLength: 3}))
      .map(([word, at, more]) => {
        const place = at % (word.length + 1)
        return word.slice(0, place) + more + word.slice(place + 1)
      })
    const noun = fc.constantFrom('', '-accounts', '-transfers', '-account-balances')
    fc.assert(
      fc.property(fc.constantFrom(...topics), mangled, noun, (topic, word, more) => {
        expectHarmless([...topic.split(' ').filter(Boolean), `${word}${more}`].filter(Boolean))
      }),
      {numRuns: 500},
    )
  })

  it('is never run, and the command that is suggested is one', () => {
    for (const topic of topics) {
      const error = notFound(catalog, [...topic.split(' ').filter(Boolean), 'lst'].join(':'))
      expect(error.exitCode).to.equal(2)
    }
  })

  it('an unknown flag is compared without its dashes', async () => {
    const home = makeHome()
    try {
      const said = async (...words: string[]) => (await built(words, home)).stderr
      expect(await said('auth', 'login', '--org', 'x')).to.match(
        /There is no flag --org\. Did you mean --organization\?/,
      )
      expect(await said('auth', 'login', '--prot', '1')).to.match(/There is no flag --prot\. Did you mean --port\?/)
      expect(await said('tb', 'create-transfers', '--databse', 'x')).not.to.match(/Did you mean --d(ry-run|ata)/)
    } finally {
      home.remove()
    }
  })
})
