import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type {Input} from '@oclif/core/interfaces'
import {parse as parseByOclif} from '@oclif/core/parser'
import {expect} from 'chai'
import {parseDashed} from '../src/dashed-values.js'
import {toParixError} from '../src/usage-error.js'

type Loose = Record<string, unknown>
const OPTIONS = {
  args: {first: Args.string(), second: Args.string()},
  flags: {
    name: Flags.string({char: 'n', aliases: ['called'], charAliases: ['c']}),
    many: Flags.string({multiple: true, multipleNonGreedy: true}),
    limit: Flags.integer(),
    shape: Flags.string({options: ['a', 'b']}),
    quiet: Flags.boolean({char: 'q'}),
    'dry-run': Flags.boolean(),
  },
  baseFlags: {json: Flags.boolean(), place: Flags.string({char: 'b'})},
} as unknown as Input<Loose, Loose, Loose>

function read(...argv: string[]) {
  return parseDashed(OPTIONS, argv, (options, words) => {
    const {flags, baseFlags, ...rest} = options
    return parseByOclif(words, {...rest, flags: {...baseFlags, ...flags}} as never) as never
  })
}

/** Whatever it is that oclif throws. */
function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail('nothing was thrown'),
    (error: unknown) => error,
  )
}

describe('a value that is spelled like a flag of the command', () => {
  for (const value of [
    '--json',
    '--quiet',
    '--dry-run',
    '-q',
    '-n',
    '-qx',
    '--name',
    '--name=x',
    '--',
    '-',
    '-7',
    '--no-such',
  ]) {
    for (const flag of ['--name=', '--called=', '-n=', '-n', '-c=', '-c', '--many=', '--place=', '-b', '-b=']) {
      // `-n--` is the flag and the end of flags in one word: nobody means a name by it.
      if (flag.length === 2 && value === '--') continue
      it(`is the value: ${flag}${value}`, async () => {
        const {flags, argv} = await read('one', `${flag}${value}`, '--json', 'two')
        const name = /^--many/.test(flag) ? 'many' : /^(--place|-b)/.test(flag) ? 'place' : 'name'
        expect(flags[name]).to.deep.equal(name === 'many' ? [value] : value)
        expect(flags.json).to.equal(true)
        expect(flags.quiet).to.not.equal(true)
        expect(argv).to.deep.equal(['one', 'two'])
      })
    }
  }

  it('after a space is the next flag, and said in words', async () => {
    const error = toParixError(await failure(read('--name', '--json')), 'parix probe')
    expect(error).to.include({kind: 'USAGE', message: '--name needs a value.'})
  })

  it('is read as it was given by flags with values of their own, and in errors', async () => {
    expect((await read('--limit=-5')).flags.limit).to.equal(-5)
    const said = async (...words: string[]) => toParixError(await failure(read(...words)), 'parix probe').message
    expect(await said('--limit=-q')).to.equal('--limit must be a whole number, not "-q".')
    expect(await said('--shape=-q')).to.match(/^[^\u0000]*a, b[^\u0000]*$/)
    expect(await said('--nothing=-q')).to.match(/^There is no flag --nothing=-q\./)
  })

  it('after -- is left alone', async () => {
    expect((await read('--', '--name=--json')).argv).to.deep.equal(['--name=--json'])
  })
})
