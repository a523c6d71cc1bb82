import {Command, Flags} from '@oclif/core'
import * as Args from '@oclif/core/args'
import {expect} from 'chai'
import {toParixError} from '../src/usage-error.js'

class Try extends Command {
  static override args = {
    name: Args.string({required: true, description: 'unique'}),
    id: Args.string({required: true}),
  }
  static override flags = {
    data: Flags.string({exclusive: ['field']}),
    field: Flags.string({multiple: true, multipleNonGreedy: true}),
    size: Flags.integer({min: 10, max: 20}),
    wait: Flags.boolean(),
    timeout: Flags.string({dependsOn: ['wait']}),
    kind: Flags.string({options: ['a', 'b']}),
  }
  async run() {
    await this.parse(Try)
  }
  override async catch(error: Error) {
    throw toParixError(error, 'parix try')
  }
}

/** What @oclif/core itself throws, as we say it. */
describe('wrong use', () => {
  const said: [string[], string][] = [
    [[], 'Missing: NAME (unique), ID.'],
    [['a'], 'Missing: ID.'],
    [['a', 'b', '--size', 'x'], '--size must be a whole number, not "x".'],
    [['a', 'b', '--size', '9'], '--size must be 10 or more, not 9.'],
    [['a', 'b', '--size', '21'], '--size must be 20 or less, not 21.'],
    [['a', 'b', '--siez', '9'], 'There is no flag --siez. Did you mean --size?'],
    [['a', 'b', '--size'], '--size needs a value.'],
    [['a', 'b', '--data', 's3cret', '--field', 's3cret'], "--field and --data can't be given together."],
    [['a', 'b', '--timeout', '1m'], '--timeout needs --wait.'],
  ]
  for (const [argv, sentence] of said) {
    it(`${argv.join(' ') || '(nothing)'}: ${sentence}`, async () => {
      const error = await Try.run(argv, {root: import.meta.dirname}).then(
        () => expect.fail('it passed'),
        (thrown: unknown) => thrown,
      )
      expect(error).to.include({kind: 'USAGE', exitCode: 2, message: sentence})
    })
  }

  it('what we have no sentence for stays as oclif says it', async () => {
    const error = await Try.run(['a', 'b', '--kind', 'c'], {root: import.meta.dirname}).catch((thrown: Error) => thrown)
    expect((error as Error).message).to.equal('Expected --kind=c to be one of: a, b')
  })
})
