import {HelpBase} from '@oclif/core/help'
import {toParixError} from '@parix/kit/command'
import {catalogOf, helpText, terminalLook} from './help/index.js'
import {printFailure} from './runner/failure.js'

/** oclif's door to our help (`oclif.helpClass`). */
export default class ParixHelp extends HelpBase {
  override async showHelp(argv: string[]): Promise<void> {
    try {
      process.stdout.write(helpText(catalogOf(this.config), argv, terminalLook(argv)))
    } catch (error) {
      printFailure(toParixError(error, this.config.bin), argv)
    }
  }

  override async showCommandHelp(command: {id: string}): Promise<void> {
    await this.showHelp(command.id.split(':'))
  }
}
