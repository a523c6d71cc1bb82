import {HelpBase} from '@oclif/core/help'
import {toParixError} from '@parix/kit/command'
import {createTerminal} from '@parix/kit/output'
import {catalogOf} from './help/catalog.js'
import {terminalLook} from './help/layout.js'
import {helpText} from './help/show.js'
import {printFailure} from './runner/failure.js'

/** The help class of oclif (`oclif.helpClass`); plugins load it, too. */
export default class ParixHelp extends HelpBase {
  override async showHelp(argv: string[]): Promise<void> {
    try {
      const nested = (this.opts as {all?: boolean}).all === true
      createTerminal().result(helpText(catalogOf(this.config), argv, terminalLook(argv), nested))
    } catch (error) {
      printFailure(toParixError(error, this.config.bin), argv)
    }
  }

  override async showCommandHelp(command: {id: string}): Promise<void> {
    await this.showHelp(command.id.split(':'))
  }
}
