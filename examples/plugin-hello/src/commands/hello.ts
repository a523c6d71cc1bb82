import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {type Greeting, greet, greetingTable} from '../greeting.js'

/** `--json` prints what `run` returns. */
export default class HelloCommand extends ParixCommand<Greeting> {
  static override summary = 'greet yourself and your databases'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> books --loud']
  static override args = {database: Args.string({description: 'greet this database alone'})}
  static override flags = {loud: Flags.boolean({description: 'in capitals'})}

  async run(): Promise<Greeting> {
    const {args, flags} = await this.parse(HelloCommand)
    const greeting = await greet(await this.api(), args.database)
    const text = `Hello, ${greeting.name}!`
    this.show(flags.loud ? text.toUpperCase() : text)
    this.show(greetingTable(greeting))
    return greeting
  }
}
