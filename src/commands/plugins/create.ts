import {cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {basename, dirname, join, resolve} from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'
import {renderCommand, systemCommand} from '@parix/kit/next-command'

export interface CreateResult {
  name: string
  folder: string
  files: string[]
}

export default class PluginsCreateCommand extends ParixCommand<CreateResult> {
  static override summary = 'create a plugin of your own: a command, its test, and the build'
  static override examples = [
    '<%= config.bin %> <%= command.id %> report',
    '<%= config.bin %> <%= command.id %> report --folder tools/report',
  ]
  static override args = {name: Args.string({description: 'the name of its first command', required: true})}
  static override flags = {
    folder: Flags.string({helpValue: 'DIR', description: 'directory to create; parix-plugin-NAME if omitted'}),
  }

  async run(): Promise<CreateResult> {
    const {args, flags} = await this.parse(PluginsCreateCommand)
    const directory = resolve(flags.folder ?? `parix-plugin-${args.name}`)
    const files = createPlugin(args.name, directory, this.config.root)
    this.show(`Created ${directory}:\n${files.map((file) => `  ${file}`).join('\n')}`)
    const enter = renderCommand(systemCommand('cd', directory))
    this.terminal.say(
      `Next:\n  ${enter}\n  npm install && npm test\n  ${this.commandText('plugins link', {args: ['.']})}`,
    )
    return {name: args.name, folder: directory, files}
  }
}

/** The example plugin, which comes with the CLI, is what new plugins are made from. */
const EXAMPLE = join('examples', 'plugin-hello')
const NOT_COPIED = ['node_modules', 'lib', 'oclif.manifest.json', 'package-lock.json']

/**
 * Writes a new plugin with a command `name` into `directory`, which must not exist.
 *
 * @param root the CLI's directory
 * @returns the files written, relative to `directory`
 * @throws ParixError BAD_INPUT for a name that can't be a command's, CONFLICT when the directory is there
 */
function createPlugin(name: string, directory: string, root: string): string[] {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(name)) {
    throw new ParixError(
      'BAD_INPUT',
      `"${name}" can't be the name of a command: small letters, digits and dashes, a letter first.`,
    )
  }
  if (existsSync(directory)) throw new ParixError('CONFLICT', `${directory} already exists. Nothing was written.`)
  cpSync(join(root, EXAMPLE), directory, {recursive: true, filter: (path) => !NOT_COPIED.includes(basename(path))})
  // npm leaves .gitignore out of what it publishes, so it may not have come along.
  writeFileSync(join(directory, '.gitignore'), 'node_modules/\nlib/\noclif.manifest.json\n*.tgz\n')
  const files = readdirSync(directory, {recursive: true, withFileTypes: true}).filter((entry) => entry.isFile())
  return files.map((entry) => rename(join(entry.parentPath, entry.name), name).slice(directory.length + 1)).sort()
}

/** `hello`, `Hello` and the links into this repository, in the file's text and its name. */
function rename(path: string, name: string): string {
  const className = name.replace(/(^|-)(.)/g, (_, _dash, letter: string) => letter.toUpperCase())
  const text = readFileSync(path, 'utf8')
    .replace(/\]\(\.\.\/\.\.\/[^)]*\)/g, ']')
    .replaceAll('HelloCommand', `${className}Command`)
    .replace(/(parix |plugin-|commands\/|'|test\/|ids?: ')hello(?=['\s`:."-]|$)/gm, `$1${name}`)
  writeFileSync(path, text)
  const renamed = join(dirname(path), basename(path).replace('hello', name))
  if (renamed !== path) renameSync(path, renamed)
  return renamed
}
