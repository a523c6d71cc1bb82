import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT, readPackage} from '../build/workspaces.js'

const INTRO = `The bundle of parix contains code of the packages below, each under its own licence.
This file is made from the bundle when it is packed.
`

/**
 * The licences of all packages whose code is in the bundle, as one text.
 *
 * @param inputs source files of the bundle, relative to the repository, as esbuild's metafile has them
 * @throws Error for a package that names no licence: it may not be shipped
 */
export function licenceTexts(inputs: Iterable<string>): string {
  const directories = new Set([...inputs].flatMap((input) => packageDirectory(input) ?? []))
  const parts = [...directories].map(licenceOf).sort((a, b) => (a.title < b.title ? -1 : 1))
  return [INTRO, ...parts.map(({title, text}) => `${'-'.repeat(80)}\n${title}\n\n${text.trim()}\n`)].join('\n')
}

/** `node_modules/a/node_modules/@b/c` for a file in it; undefined for our own. */
function packageDirectory(input: string): string | undefined {
  const path = input.replaceAll('\\', '/').replace(/^[\w-]+:/, '')
  const found = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0]
  return found !== undefined && existsSync(join(ROOT, found, 'package.json')) ? found : undefined
}

interface Licence {
  title: string
  text: string
}

function licenceOf(directory: string): Licence {
  const path = join(ROOT, directory)
  const json = readPackage(path) as {name: string; version: string; license?: unknown; author?: unknown}
  const license = typeof json.license === 'string' ? json.license : undefined
  const files = readdirSync(path).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name))
  const texts = files.map((name) => readFileSync(join(path, name), 'utf8'))
  if (texts.length === 0 && license === undefined) throw new Error(`${json.name} names no licence`)
  const title = `${json.name} ${json.version}${license === undefined ? '' : ` (${license})`}`
  return {
    title,
    text:
      texts.length > 0
        ? texts.join('\n\n')
        : standardText(license!, authorOf(json.author) ?? `the authors of ${json.name}`),
  }
}

function authorOf(author: unknown): string | undefined {
  if (typeof author === 'string') return author
  return typeof author === 'object' && author !== null ? (author as {name?: string}).name : undefined
}

/** Of packages that name their licence and bring no text. @throws Error for one whose text is not known here */
function standardText(license: string, holder: string): string {
  if (license.includes('MIT')) {
    const own = readFileSync(join(ROOT, 'LICENSE'), 'utf8')
    return own.replace(/^Copyright.*$/m, `Copyright (c) ${holder}`)
  }
  if (/ISC/.test(license)) return ISC(holder)
  if (/Apache-2\.0/.test(license)) return apache()
  throw new Error(`There is no text of ${license} here: add it`)
}

const ISC = (holder: string) => `Copyright (c) ${holder}

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`

/** From a package that brings it. */
function apache(): string {
  return readFileSync(join(ROOT, 'node_modules/typescript/LICENSE.txt'), 'utf8')
}
