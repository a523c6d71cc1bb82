import {existsSync, statSync} from 'node:fs'
import {homedir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ParixError} from '@parix/kit/errors'

/** What to install, as npm takes it. */
export interface Source {
  kind: 'registry' | 'file' | 'folder' | 'address'
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
      next: 'parix plugins install --help',
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
  if (!existsSync(path)) throw new ParixError('NOT_FOUND', `There is no file or directory ${path}.`)
  return {kind: statSync(path).isDirectory() ? 'folder' : 'file', spec: `file:${path}`}
}
