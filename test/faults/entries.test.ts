import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {pluginWorkspaces, ROOT} from '../../scripts/build/workspaces.js'
import {completionScript} from '../../src/completion/scripts.js'
import {type Catalog, type CommandEntry, findCommand, typed, visibleCommands} from '../../src/help/catalog.js'
import {guessCommand} from '../../src/help/guess.js'
import type {Look} from '../../src/help/layout.js'
import {helpOutput} from '../../src/help/show.js'
import {allCommands} from '../tidy/built.js'

type Topics = Record<string, {description?: string; examples?: string[]}>

const catalog: Catalog = {
  bin: 'parix',
  version: '0',
  description: '',
  examples: [],
  topics: pluginWorkspaces().flatMap(({json}) =>
    Object.entries((json as {oclif?: {topics?: Topics}}).oclif?.topics ?? {}).map(([name, topic]) => ({
      ...topic,
      name,
    })),
  ),
  commands: allCommands(),
}
const look: Look = {paint: (_style, text) => text, width: 80}
const commands = visibleCommands(catalog)
const words = ({id}: CommandEntry) => typed(id).split(' ')
const topics = [
  ...new Set(
    commands.flatMap(({id}) => {
      const parts = id.split(':')
      return parts.slice(1).map((_, end) => parts.slice(0, end + 1).join(' '))
    }),
  ),
]

/** The command lines among the examples in the help of `subject`, as they are shown on a wide terminal. */
function examples(subject: string[]): string[] {
  const text = helpOutput(catalog, subject, {look: {...look, width: 400}})
  const [, section = ''] = text.split(/^(?:EXAMPLES|USAGE)$/m)
  return [...section.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line!)
}

const withoutQuoted = (line: string) => line.replace(/'[^']*'|"[^"]*"/g, "''")

describe('help, of every topic and command', () => {
  it('of a topic never begins with a command that removes something', () => {
    expect(topics).to.include.members(['tb', 'tb outbox', 'local', 'auth', 'database'])
    for (const topic of topics) {
      const [first] = examples(topic.split(' '))
      expect(first, topic).to.match(/^parix /)
      expect(first, topic).not.to.match(/ (remove|reset|forget|prune|uninstall|logout)\b/)
    }
  })

  it('has no example in which a shell would look for files: brackets, stars and question marks are quoted', () => {
    for (const command of commands) {
      for (const line of examples(words(command))) {
        expect(withoutQuoted(line).replace(/ #.*/, ''), command.id).not.to.match(/[*?[\]]/)
      }
    }
  })

  it('says what the value of each flag is, and each thing once', () => {
    for (const command of commands) {
      const text = helpOutput(catalog, words(command), {look}).replace(/\s+/g, ' ')
      expect(text, command.id).not.to.match(/--[\w-]+=VALUE\b|\b1 rows\b|the id of the object/)
      expect(text, command.id).not.to.match(/\(can be repeated[^)]*\(can be repeated|\(can be repeated\) \(/)
    }
  })

  it('is filled as far as the terminal is wide: no line ends where the source does', () => {
    let broken = 0
    for (const command of commands) {
      const [, description = ''] = helpOutput(catalog, words(command), {look}).split('\nDESCRIPTION\n')
      const lines = description.split(/^[A-Z]/m, 1)[0]!.split('\n')
      for (const [at, line] of lines.entries()) {
        const next = lines[at + 1] ?? ''
        if (!/^ {2}\S/.test(line) || !/^ {2}[a-z]/.test(next)) continue
        broken += 1
        const whole = `${line} ${next.trim().split(' ', 1)[0]}`
        expect(whole.length, `${command.id}: ${line}`).to.be.greaterThan(80)
      }
    }
    expect(broken).to.be.greaterThan(100)
  })

  it('is one JSON document where that is asked for', () => {
    for (const subject of [[], ['tb'], ['tb', 'balance']]) {
      expect(JSON.parse(helpOutput(catalog, subject, {look, json: true}))).to.have.all.keys('words', 'text')
    }
  })
})

describe('words that people bring along', () => {
  it("the names of TigerBeetle's own operations lead to the commands of these names", () => {
    const operations = commands.filter(({id}) => /^tb:(create|lookup|get|query)-/.test(id))
    expect(operations).to.have.length(8)
    for (const {id} of operations) {
      const name = id.slice('tb:'.length)
      expect(guessCommand(catalog, ['tb', name.replaceAll('-', '_')])[0]).to.equal(`tb ${name}`)
    }
  })

  it('zsh that has not loaded its completions is told what to load first', () => {
    expect(completionScript('zsh')).to.match(/if \(\( \$\+functions\[compdef\] \)\).*\n?else print -u2 .*compinit/)
  })
})

describe('command lines in documents', () => {
  const packages = readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}/README.md`)
  const documents = ['README.md', ...packages, ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter(
    // docs/plugins.md is about commands of plugins that are not here; docs/commands.md is made of what the commands say.
    (path) => existsSync(join(ROOT, path)) && path.endsWith('.md') && !/^docs\/(plugins|commands)\.md$/.test(path),
  )

  for (const path of documents) {
    const lines = commandLines(readFileSync(join(ROOT, path), 'utf8'))
    if (lines.length === 0) continue
    it(`${path} names commands that are there, with flags that they have`, () => {
      for (const line of lines) expectTyped(line)
    })
  }
})

/** Lines of code blocks that begin with `parix`, with or without a prompt, up to a comment, a pipe or the next command. */
function commandLines(text: string): string[] {
  return [...text.matchAll(/^```(?:sh|bash|console|shell)?\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
    [...block!.matchAll(/^ *(?:\$ )?(?:[A-Z_]+=\S+ )*parix ((?:.*\\\n)*.*)$/gm)].map(([, line]) =>
      withoutQuoted(line!.replaceAll('\\\n', ' '))
        .split(/ #| {3,}|[|;&>)]/, 1)[0]!
        .trim(),
    ),
  )
}

function expectTyped(line: string): void {
  const given = line.split(/\s+/)
  const end = given.indexOf('--')
  const own = end === -1 ? given : given.slice(0, end)
  const flags = own.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=', 1)[0]!)
  const plain = own.filter((word) => !word.startsWith('-'))
  const command = plain
    .map((_, at) => findCommand(catalog, plain.slice(0, at + 1).join(':')))
    .findLast((found) => found !== undefined)
  if (command === undefined) {
    // A topic, a guide, a placeholder such as TOPIC, or a flag of the CLI itself.
    const known = plain.length === 0 || /^[A-Z…]/.test(plain[0]!) || topics.some((topic) => topic === plain.join(' '))
    expect(known, `parix ${line}`).to.equal(true)
    return
  }
  for (const flag of flags) {
    const entries = Object.values(command.flags ?? {})
    const has = entries.some(
      ({name, char, aliases, allowNo}) =>
        `--${name}` === flag ||
        (allowNo === true && `--no-${name}` === flag) ||
        aliases?.some((alias) => `--${alias}` === flag) ||
        (char !== undefined && flag.startsWith(`-${char}`) && !flag.startsWith('--')),
    )
    expect(has || flag === '--help' || flag === '-h', `parix ${line}: ${flag}`).to.equal(true)
  }
}
