import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {built, resultOf} from '../tidy/built.js'

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/
/** A colour, the clipboard, a link, a title, the beginning of the line, the line before, letters from right to left. */
const EVIL =
  '\u001b[31mred\u001b]52;c;ZXZpbA==\u0007\u001b]8;;http://evil\u001b\\\u009b2J\rError: gone\u202egnp.exe\u2066\u0008\u0000\nparix: all is well'
const LONG = `begin ${EVIL} ${'long '.repeat(2000)}end`

/** Texts of a manifest that help, lists, completion and suggestions show. */
const COMMAND = {
  summary: LONG,
  description: LONG,
  examples: [LONG, {command: EVIL, description: EVIL}],
  usage: EVIL,
  aliases: [`evil:al${EVIL}`],
  hiddenAliases: [],
  args: {[`arg${EVIL}`]: {name: `arg${EVIL}`, description: LONG, options: [EVIL]}},
  flags: {
    [`flag${EVIL}`]: {
      name: `flag${EVIL}`,
      type: 'option',
      helpValue: EVIL,
      helpGroup: EVIL,
      description: LONG,
      options: [EVIL],
      default: EVIL,
      env: EVIL,
    },
  },
  state: 'deprecated',
  deprecationOptions: {message: EVIL, to: EVIL},
}

/** A ParixCommand, as an author writes it: what the kit makes of its errors is ours. */
const COMMAND_MODULE = `import {ParixCommand} from '${pathToFileURL(join(ROOT, 'packages/kit/lib/command.js')).href}'
export default class Look extends ParixCommand { async run() { await this.parse(Look) } }`

const LINES: [words: string[], code: number][] = [
  [['--help'], 0],
  [['help'], 0],
  [['help', 'evil'], 0],
  [['evil'], 0],
  [['evil', '--help'], 0],
  [['evil', 'look', '--help'], 0],
  [['help', '--nested-commands'], 0],
  [['evil', 'lok'], 2],
  [['evil', 'look', '--falg'], 2],
  [['evi'], 2],
  [['plugins'], 0],
  [['plugins', 'inspect', 'parix-plugin-evil'], 0],
  [['plugins', 'inspect', `x${EVIL.replace('\u0000', '')}`], 3],
  [['commands'], 0],
  [['__complete', ''], 0],
  [['__complete', 'evil', ''], 0],
  [['__complete', 'evil', 'look', '-'], 0],
  [['__complete', 'evil', 'look', ''], 0],
  [['__complete', 'help', 'evil', ''], 0],
]

describe('what a plugin says of itself', function () {
  this.timeout(60_000)
  let home: TestHome

  before(async () => {
    home = makeHome()
    const root = join(home.path, 'evil')
    mkdirSync(join(root, 'commands'), {recursive: true})
    const oclif = {
      commands: './commands',
      topicSeparator: ' ',
      topics: {evil: {description: LONG, examples: [EVIL]}, [`more${EVIL}`]: {description: EVIL}},
    }
    const json = {
      name: 'parix-plugin-evil',
      version: '1.0.0',
      type: 'module',
      description: LONG,
      dependencies: {[EVIL]: EVIL},
      oclif,
    }
    writeFileSync(join(root, 'package.json'), JSON.stringify(json))
    const ids = ['evil:look', `evil:x${EVIL}`, `evil:two words`, `evil:${'y'.repeat(10_000)}`]
    const commands = Object.fromEntries(ids.map((id) => [id, {...COMMAND, id, pluginName: EVIL, pluginType: 'link'}]))
    const manifest = {version: `1.0.0-${LONG}`, commands}
    writeFileSync(join(root, 'oclif.manifest.json'), JSON.stringify(manifest))
    mkdirSync(join(root, 'commands/evil'))
    writeFileSync(join(root, 'commands/evil/look.js'), COMMAND_MODULE)
    const linked = await resultOf(['plugins', 'link', root], home)
    expect(linked.code, linked.stderr).to.equal(0)
    expect(linked.stdout + linked.stderr).not.to.match(CONTROL)
    expect(linked.stdout).to.contain('parix evil look')
  })
  after(() => home.remove())

  for (const [words, code] of LINES) {
    it(
      `reaches no stream raw, and fills no screen: parix ${words.join(' ').slice(0, 40)}`.replace(/[^ -~]/g, '?'),
      async () => {
        for (const json of words[0] === '__complete' ? [[]] : [[], ['--json']]) {
          // The module of the command needs oclif, which a process that has run other commands has loaded in parts.
          const runLine = words.includes('--falg') ? built : resultOf
          const result = await runLine([...words, ...json], home)
          expect(result.code, result.stdout.slice(0, 2000) + result.stderr.slice(0, 2000)).to.equal(code)
          expect(result.stderr).not.to.match(CONTROL)
          expect(result.stdout).not.to.match(json.length > 0 ? /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/ : CONTROL)
          expect(result.stderr).not.to.match(/^(Error: gone|parix: all is well)/m)
          if (json.length === 0 && code !== 0) expect(result.stderr.length).to.be.lessThan(4000)
        }
      },
    )
  }

  it('makes no candidate of completion of its own: a name is one word, its description one line', async () => {
    const {stdout} = await resultOf(['__complete', 'evil', ''], home)
    expect(stdout.split('\n').map((line) => line.split('\t')[0])).to.deep.equal(['look', ''])
    expect(stdout.length).to.be.lessThan(1000)
  })

  it('is one line of a list', async () => {
    const {stdout} = await resultOf(['--help'], home)
    const lines = stdout.split('\n')
    const at = lines.findIndex((line) => /^ +evil /.test(line))
    expect(at).to.be.greaterThan(0)
    expect(lines.slice(at).indexOf('')).to.be.lessThan(20)
  })

  it('leaves the commands that can be typed, and says how many can not', async () => {
    const {code, stderr} = await resultOf(['evil', 'look', '--help'], home)
    expect(code).to.equal(0)
    expect(stderr).to.match(/^Plugin parix-plugin-evil: commands left out, whose names can't be typed: \d+\.$/m)
  })

  it('a manifest of another version is not believed, and what Node says of it is cleaned', async () => {
    const own = makeHome()
    try {
      const plugin = {name: 'parix-plugin-old', version: '1.0.0', type: 'module', oclif: {commands: './commands'}}
      own.write('old/package.json', plugin)
      own.write('old/oclif.manifest.json', {version: `2${EVIL}`, commands: {}})
      own.write('old/commands/old.js', 'export default class {static async run() {}}')
      own.write('.local/share/parix/package.json', {
        oclif: {schema: 1, plugins: [{name: plugin.name, type: 'link', root: `${own.path}/old`}]},
      })
      for (const words of [['plugins'], ['old'], ['--help'], ['tb', 'id']]) {
        const {stdout, stderr} = await resultOf(words, own)
        expect(stdout + stderr).not.to.match(CONTROL)
        expect(stderr).not.to.match(/^(Error: gone|parix: all is well)/m)
      }
    } finally {
      own.remove()
    }
  })

  it('a list of plugins with hostile names is cleaned, and the command that removes one runs as it is', async () => {
    const own = makeHome()
    try {
      const plugins = [
        {name: `a ${EVIL.replace('\u0000', '')}`, type: 'link', root: '/no/such'},
        {name: 'b', type: 'user', root: `/no/${EVIL}`},
      ]
      own.write('.local/share/parix/package.json', JSON.stringify({oclif: {schema: 1, plugins}}))
      for (const words of [['plugins'], ['version'], ['--help'], ['tb', 'id']]) {
        const {stdout, stderr} = await resultOf(words, own)
        expect(stdout + stderr).not.to.match(CONTROL)
        expect(stderr).not.to.match(/^(Error: gone|parix: all is well)/m)
      }
    } finally {
      own.remove()
    }
  })
})
