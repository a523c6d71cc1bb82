import {readFileSync, type Stats, statSync} from 'node:fs'
import {homedir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {errnoOf, reasonOf} from '@parix/files/errors'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, plainCommand} from '@parix/kit/next-command'

/** What to install, as npm takes it. */
export interface Source {
  kind: 'registry' | 'file' | 'directory' | 'address'
  /** npm's own word for it: `name@range`, `file:/abs/x.tgz`, `file:/abs/directory`, a URL. */
  spec: string
  /** What was asked of a registry: a version, a range, or a tag. */
  tag?: string
}

const NAME = /^(@[a-z0-9~][a-z0-9-._~]*\/)?[a-z0-9~][a-z0-9-._~]*$/

/**
 * What the user means by `word`: a path (relative, absolute, or of a .tgz), an address, or a name of a registry with an
 * optional version. `tb` means `@parix/plugin-tb` where that plugin comes with the CLI.
 *
 * @param bundled names of the plugins that come with the CLI
 * @throws ParixError BAD_INPUT for what is none of these
 */
export function parseSource(word: string, bundled: readonly string[], cwd = process.cwd()): Source {
  const local = /^file:(?!\/\/)(.*)$/s.exec(word)?.[1] ?? (word.startsWith('file://') ? fileURLToPath(word) : word)
  if (local !== word || looksLikePath(word)) return localSource(local, cwd)
  // npm would take what begins with a dash for an option of its own.
  if (word.includes(':') && !word.startsWith('-')) return {kind: 'address', spec: word}
  const at = word.lastIndexOf('@')
  const name = at > 0 ? word.slice(0, at) : word
  const tag = at > 0 ? word.slice(at + 1) : 'latest'
  if (!NAME.test(name) || tag === '') {
    throw new ParixError('BAD_INPUT', `"${word}" is neither a package name, nor a file, directory or address.`, {
      next: plainCommand('plugins install', {flags: {help: true}}),
    })
  }
  return {kind: 'registry', spec: `${fullName(name, bundled)}@${tag}`, tag}
}

/** `@parix/plugin-tb` for `tb`, when it comes with the CLI; otherwise the name as it is. */
export function fullName(name: string, bundled: readonly string[]): string {
  const full = `@parix/plugin-${name}`
  return bundled.includes(full) ? full : name
}

function looksLikePath(word: string): boolean {
  return /^(\.{0,2}[\\/]|~[\\/]|\.{1,2}$|[A-Za-z]:[\\/])/.test(word) || (word.endsWith('.tgz') && !word.includes('://'))
}

function localSource(word: string, cwd: string): Source {
  const path = resolve(cwd, word.startsWith('~') ? join(homedir(), word.slice(1)) : word)
  const found = statOf(path, 'file or directory')
  if (found.isDirectory()) {
    packageJsonOf(path)
    return {kind: 'directory', spec: `file:${path}`}
  }
  if (found.isFile()) return {kind: 'file', spec: `file:${path}`}
  throw new ParixError('BAD_INPUT', `${path} is neither a file nor a directory.`, {code: 'not_a_plugin'})
}

/**
 * The package.json of the plugin in the directory `root`.
 *
 * @throws ParixError NOT_FOUND, BAD_INPUT, FAILED: why there is no plugin that could be used
 */
export function packageJsonOf(root: string): {name: string; [field: string]: unknown} {
  const found = statOf(root, 'directory')
  if (!found.isDirectory()) {
    const packed = /\.(tgz|tar\.gz)$/.test(root)
    throw new ParixError('BAD_INPUT', `${root} is not a directory.`, {
      code: 'not_a_plugin',
      ...(packed && {next: nextCommand('plugins install', {args: [root]})}),
    })
  }
  const path = join(root, 'package.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw notAPlugin(`There is no package.json in ${root}.`)
    throw unreadable(path, error)
  }
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw notAPlugin(`${path} is not JSON.`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw notAPlugin(`${path} is not an object.`)
  const {name} = json as {name?: unknown}
  if (typeof name !== 'string' || name === '') throw notAPlugin(`${path} has no "name".`)
  if (!NAME.test(name))
    throw notAPlugin(`The "name" in ${path} is not the name of a package: ${JSON.stringify(name.slice(0, 60))}.`)
  return {...json, name}
}

function statOf(path: string, what: string): Stats {
  try {
    return statSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw unreadable(path, error)
    throw new ParixError('NOT_FOUND', `There is no ${what} ${path}.`, {code: 'no_such_file'})
  }
}

function unreadable(path: string, error: unknown): ParixError {
  return new ParixError('FAILED', `${path} can't be read: ${reasonOf(error)}.`, {code: 'unreadable', cause: error})
}

function notAPlugin(message: string): ParixError {
  return new ParixError('BAD_INPUT', message, {
    code: 'not_a_plugin',
    next: nextCommand('plugins create', {flags: {help: true}}),
  })
}
