import {createHash} from 'node:crypto'
import {linkSync, mkdirSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {TestHome} from './home.js'

/**
 * The CLI keeps the code that it compiled in its user's cache directory. Each test has a home of its own, so that it would
 * compile everything again, a third of the time of a run. What one run compiled is therefore given to the next as a hard link;
 * the CLI reads it as a file of its own, with all of its checks.
 */
const CHECKOUT = createHash('sha256')
  .update(fileURLToPath(import.meta.url))
  .digest('hex')
  .slice(0, 16)
const SHARED = join(tmpdir(), `parix-tests-code-${process.getuid?.() ?? ''}-${CHECKOUT}`)
/** The cache has a directory for each build and each set of options of Node. */
const DIRECTORIES_MAX = 16

/** Gives `home` the code that a command with these words will want, if some run has compiled it. */
export function lendCodeCache(home: TestHome, words: readonly string[]): void {
  const parts = new Set(partsOf(words).map((part) => `${part}.bin`))
  for (const build of list(SHARED)) {
    // What begins with `-` is a part beside the bundle, which any command may load.
    const files = list(join(SHARED, build)).filter((file) => parts.has(file) || file.startsWith('-'))
    link(join(SHARED, build), codeIn(home, build), files)
  }
}

/** Keeps what a run has compiled in `home` for the tests to come. */
export function keepCodeCache(home: TestHome): void {
  for (const build of list(codeIn(home))) {
    const kept = list(join(SHARED, build))
    const files = list(codeIn(home, build)).filter((file) => file.endsWith('.bin') && !kept.includes(file))
    if (files.length === 0) continue
    if (kept.length === 0) makeRoom(build)
    link(codeIn(home, build), join(SHARED, build), files)
  }
}

/** Of other builds first; else those with the least in them, which are of options that few tests give to Node. */
function makeRoom(build: string): void {
  const [hash] = build.split('-')
  const parts = (kept: string) => (kept.startsWith(`${hash}-`) ? list(join(SHARED, kept)).length : 0)
  const kept = list(SHARED).sort((a, b) => parts(a) - parts(b))
  for (const old of kept.slice(0, Math.max(0, kept.length - DIRECTORIES_MAX + 1))) remove(join(SHARED, old))
}

function codeIn({environment}: TestHome, ...more: string[]): string {
  return join(environment.XDG_CACHE_HOME!, 'parix', 'code', ...more)
}

/** The ids of commands that these words may begin with, as files of the cache are named. */
function partsOf(words: readonly string[]): string[] {
  const plain = words.filter((word) => !word.startsWith('-')).flatMap((word) => word.split(':'))
  return [
    'other',
    'help-bundle',
    'help-topic',
    'help-completion',
    ...[1, 2, 3, 4].map((length) => plain.slice(0, length).join('.')),
  ].filter((part) => part !== '' && !part.includes('/'))
}

/** Whatever fails (another file system, a full disk, a file that is there), the CLI compiles for itself. */
function link(from: string, to: string, files: readonly string[]): void {
  const there = files.length === 0 ? [] : list(to)
  for (const file of files.filter((name) => !there.includes(name))) {
    try {
      mkdirSync(to, {recursive: true, mode: 0o700})
      linkSync(join(from, file), join(to, file))
    } catch {}
  }
}

/** Another test file may be adding to it: then it stays until the next time. */
function remove(directory: string): void {
  try {
    rmSync(directory, {recursive: true, force: true})
  } catch {}
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
