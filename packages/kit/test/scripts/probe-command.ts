import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Config} from '@oclif/core/config'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'

/** A command that does what its flag says, run as the CLI would run it: what the base command makes of it is the test's. */
class Probe extends ParixCommand {
  static override id = 'probe'
  static override summary = 'do what --do says'
  static override flags = {
    do: Flags.string({default: 'answer'}),
    limit: Flags.integer(),
    secret: Flags.string(),
    text: Flags.string(),
  }

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Probe)
    this.terminal.say('said along the way')
    if (flags.do === 'refuse') {
      throw new ParixError('REFUSED', 'TigerBeetle refused 1 of 1 transfers.', {
        code: 'exceeds_credits',
        status: 409,
        tbResults: [{index: 0, result: 'exceeds_credits', code: 54, id: '7'}],
        next: 'parix tb explain exceeds_credits',
        cause: new Error('the cause', {cause: {access_token: flags.secret}}),
      })
    }
    if (flags.do === 'stream') {
      this.oneValuePerLine = true
      this.terminal.result('{"row":1}\n')
      throw new ParixError('UNAVAILABLE', 'The next page did not come.')
    }
    if (flags.do === 'crash') throw new TypeError('something of ours broke')
    if (flags.do === 'wait') {
      this.terminal.say('waiting')
      await new Promise((resolve) => setTimeout(resolve, 60_000))
    }
    if (flags.do.startsWith('pay')) {
      this.announce({
        shown: () => this.terminal.warn('struck off'),
        unshown: (why) => new ParixError('UNAVAILABLE', `Transfer 7 was created. ${why}`, {next: 'parix resume 7'}),
      })
    }
    if (flags.do === 'pay-refused') throw new ParixError('REFUSED', 'Refused: 7.')
    const response = {amount: 2n ** 128n - 1n, name: 'e\u009bvil\u007f', text: flags.text}
    this.show({
      details: [
        ['amount', response.amount],
        ['name', response.name],
      ],
    })
    return response
  }
}

const root = mkdtempSync(join(tmpdir(), 'parix-probe-'))
writeFileSync(
  join(root, 'package.json'),
  JSON.stringify({name: 'probe', version: '1.2.3', oclif: {bin: 'parix', topicSeparator: ' '}}),
)
const config = await Config.load({root})
await (new Probe(process.argv.slice(2), config) as unknown as {_run(): Promise<unknown>})._run()
