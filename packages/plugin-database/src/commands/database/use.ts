import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type {Api} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import {cleanLine} from '@parix/kit/text'
import {currentDefault, type DefaultDatabase, setDefault, unsetDefault} from '../../default.js'

/** `--json`: `{database, origin, source, path}`: the default (null: none), for which service, and where it is stored. */
export default class DatabaseUseCommand extends ParixCommand<DefaultDatabase> {
  static override summary = 'choose the database that commands are about when they name none'
  static override description =
    `Kept per service and organization in your own settings, or with --project per service in .parix.json, in the nearest directory above that has one, or here. PARIX_DATABASE takes precedence over both, and the project's over yours. Without a name, says which default applies and why.`

  static override aliases = ['database:switch', 'database:select', 'db:use']
  static override examples = [
    '<%= config.bin %> <%= command.id %> books',
    '<%= config.bin %> <%= command.id %> books --project',
    '<%= config.bin %> <%= command.id %> --unset',
  ]

  static override args = {'database-id': Args.string({description: 'its id or name'})}

  static override flags = {
    project: Flags.boolean({description: 'for this directory and those below, in .parix.json'}),
    unset: Flags.boolean({description: 'remove the default'}),
  }

  async run(): Promise<DefaultDatabase> {
    const {args, flags} = await this.parse(DatabaseUseCommand)
    const name = args['database-id']
    if (flags.unset && name !== undefined) this.error('--unset takes no name.', {exit: 2})
    const api = await this.api()
    const world = {environment: process.env}
    const scope = flags.project ? 'project' : 'user'
    if (flags.unset) return this.tellUnset(await unsetDefault(api, scope, world), api)
    if (name === undefined) return this.tellCurrent(currentDefault(api, world))
    return this.tellSet(await setDefault(api, scope, name, world), api)
  }

  private tellCurrent(current: DefaultDatabase): DefaultDatabase {
    const {database, origin, path} = current
    if (database === null)
      this.terminal.say(
        `No default database for ${origin}. Choose one: ${this.commandText('database use', {args: ['NAME']})}`,
      )
    else {
      this.show(cleanLine(database))
      this.terminal.say(`the default for ${origin}, from ${path ?? 'PARIX_DATABASE'}`)
    }
    return current
  }

  private tellSet(stored: DefaultDatabase, api: Api): DefaultDatabase {
    this.show(`${cleanLine(stored.database ?? '')} is now the default database for ${stored.origin}.`)
    this.terminal.say(`Stored in ${stored.path}`)
    const inForce = currentDefault(api, {environment: process.env})
    if (inForce.path !== stored.path) {
      const where = inForce.path ?? 'PARIX_DATABASE'
      this.terminal.warn(`Here ${cleanLine(inForce.database ?? '')} is used all the same: ${where} goes before it.`)
    }
    return stored
  }

  private tellUnset(unset: DefaultDatabase, api: Api): DefaultDatabase {
    if (unset.path === null) this.show('There was no default to remove.')
    else this.show(`Removed the default of ${unset.origin} from ${unset.path}.`)
    const inForce = currentDefault(api, {environment: process.env})
    if (inForce.database !== null) {
      const where = inForce.path ?? 'PARIX_DATABASE'
      this.terminal.say(`Here ${cleanLine(inForce.database)} is used still, from ${where}.`)
    }
    return unset
  }
}
