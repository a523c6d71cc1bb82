import {expect} from 'chai'
import {type Catalog, type CommandEntry, childrenOf} from '../../src/help/catalog.js'
import {guessCommand} from '../../src/help/guess.js'
import type {Look} from '../../src/help/layout.js'
import {helpText} from '../../src/help/show.js'

const LOOK: Look = {paint: (_style, text) => text, width: 60}

const command = (id: string, more: Partial<CommandEntry> = {}): CommandEntry => ({
  id,
  summary: `what ${id} does`,
  examples: ['<%= config.bin %> <%= command.id %> --now'],
  ...more,
})

const catalog: Catalog = {
  bin: 'parix',
  version: '1.2.3',
  description: 'the whole of it',
  examples: ['parix tb send'],
  topics: [
    {name: 'tb', description: 'money'},
    {name: 'secret', hidden: true},
  ],
  commands: [
    command('version'),
    command('acme:report'),
    command('tb:send', {
      aliases: ['tb:move'],
      description: 'a longer word about it',
      args: {to: {name: 'to', required: true, description: 'whom'}, more: {name: 'more', multiple: true}},
      flags: {
        json: {name: 'json', type: 'boolean', helpGroup: 'GLOBAL', description: 'as JSON'},
        amount: {
          name: 'amount',
          char: 'a',
          type: 'option',
          helpValue: 'N',
          required: true,
          description: 'how much, in the smallest unit of the ledger, which is a long description',
        },
        kind: {name: 'kind', type: 'option', options: ['big', 'small'], default: 'small'},
        hidden: {name: 'hidden', type: 'boolean', hidden: true},
      },
    }),
    command('tb:move', {aliases: ['tb:move']}),
    command('tb:hidden', {hidden: true}),
    command('auth:login'),
    command('secret:one'),
  ],
}

describe('help', () => {
  it('sorts topics as people need them: signing in first, plugins of others before what is about parix itself', () => {
    expect(childrenOf(catalog).map(({name}) => name)).to.deep.equal(['auth', 'tb', 'acme', 'version'])
  })

  it('of the root leads with examples, then topics of others and the guides', () => {
    const text = helpText(catalog, [], LOOK)
    expect(text.indexOf('EXAMPLES')).to.be.below(text.indexOf('COMMANDS'))
    expect(text)
      .to.contain('  $ parix tb send\n')
      .and.to.match(/^ {2}tb +money$/m)
      .and.to.match(/^ {2}acme +what acme:report does$|^ {2}acme$/m)
    expect(text).to.contain('help exit-codes').and.not.to.contain('secret').and.not.to.contain('tb hidden')
  })

  it('of a command: summary, examples, usage, arguments, its own flags, then those of every command', () => {
    expect(helpText(catalog, ['tb', 'send', 'bob', '--amount', '5', '-h'], LOOK)).to.equal(`what tb:send does

EXAMPLES
  $ parix tb send --now

USAGE
  $ parix tb send TO [MORE...] --amount N [--kind CHOICE]

ARGUMENTS
  TO       whom
  MORE...

FLAGS
  -a, --amount=N     (required) how much, in the smallest
                     unit of the ledger, which is a long
                     description
      --kind=CHOICE  (big, small) [default: small]

GLOBAL FLAGS
      --json  as JSON

DESCRIPTION
  a longer word about it

ALIASES
  parix tb move
`)
  })

  it('of an alias, of a topic, with the help flag anywhere', () => {
    expect(helpText(catalog, ['tb', 'move', '--help'], LOOK)).to.match(/^what tb:/)
    expect(helpText(catalog, ['-h', 'tb'], LOOK)).to.match(/^money\n\nEXAMPLES\n {2}\$ parix tb send --now\n/)
    expect(helpText(catalog, ['help', 'tb'], LOOK)).to.match(/^money\n/)
    expect(helpText(catalog, ['tb:send'], LOOK)).to.match(/^what tb:send does/)
  })

  it('of what is not there names what may have been meant, and runs nothing', () => {
    expect(() => helpText(catalog, ['tb', 'sned'], LOOK))
      .to.throw('There is no help for "tb sned".')
      .with.nested.property('details.next')
      .deep.equal(['parix tb send --help'])
  })

  it('never cuts a word, however narrow the terminal', () => {
    const text = helpText(catalog, ['tb', 'send'], {...LOOK, width: 20})
    for (const word of ['--amount=N', 'description', '$ parix tb send --now']) expect(text).to.contain(word)
  })
})

describe('a guess', () => {
  it('finds a typo, a swap, a forgotten topic and a cut word, and leaves alone what is far', () => {
    expect(guessCommand(catalog, ['tb', 'sned'])).to.include('tb send')
    expect(guessCommand(catalog, ['tbb', 'send'])).to.include('tb send')
    expect(guessCommand(catalog, ['send'])).to.deep.equal(['tb send'])
    expect(guessCommand(catalog, ['versoin'])).to.include('version')
    expect(guessCommand(catalog, ['zzzzzz'])).to.deep.equal([])
  })

  it('never names a hidden command', () => {
    expect(guessCommand(catalog, ['tb', 'hiden'])).to.not.include('tb hidden')
  })
})
