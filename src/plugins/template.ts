import {cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {ParixError} from '@parix/kit/errors'

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
export function createPlugin(name: string, directory: string, root: string): string[] {
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
