import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {expect} from 'chai'
import {ROOT, workspaces} from '../../scripts/build/workspaces.js'
import {otherFiles, sources} from './sources.js'

/** A document that source, tests and documents cite by number. */
interface Cited {
  /** The whole citation, with all its numbers in group 1: `threats 8.2, 8.4`, `semantics §6.23-31, §11`. */
  pattern: RegExp
  numbers: Set<string>
}

const text = (path: string) => readFileSync(join(ROOT, path), 'utf8')

const NUMBER = String.raw`\d+(?:\.\d+)?[a-d]?`
const list = (number: string) => String.raw`(${number}(?:(?:[-–]|, | and | or )${number})*)(?![\d.]*\d)`

const THREATS = new Set([...text('docs/security/threats.md').matchAll(/^\| (\d+\.\d+) \|/gm)].map(([, n]) => n ?? ''))
const CONVENTIONS = text('docs/cli-conventions.md')

const CITED: Cited[] = [
  {pattern: new RegExp(String.raw`\bthreats? ${list(String.raw`\d+\.\d+`)}`, 'gi'), numbers: THREATS},
  {
    pattern: new RegExp(String.raw`\bflaws? ${list(String.raw`\d+`)}`, 'gi'),
    numbers: new Set([...CONVENTIONS.matchAll(/^\| (\d+) \|/gm)].map(([, n]) => n ?? '')),
  },
  {
    // 'rules 3 and 4' of a section of the semantics are not those of the conventions.
    pattern: new RegExp(String.raw`(?<!§\d+ )\brules? ${list(String.raw`\d+`)}(?! of §)`, 'gi'),
    numbers: items(CONVENTIONS, '## Rules'),
  },
  {pattern: new RegExp(String.raw`\bdecisions? ${list(String.raw`\d+`)}`, 'gi'), numbers: decisions()},
  {pattern: new RegExp(String.raw`\bsemantics ${list(`§${NUMBER}`)}`, 'g'), numbers: semantics()},
]

describe('citations', () => {
  it('threats, flaws, rules, decisions and sections of the semantics that are cited exist', () => {
    const wrong = documents().flatMap(({path, text}) =>
      CITED.flatMap(({pattern, numbers}) =>
        [...text.matchAll(pattern)].flatMap(([citation, cited = '']) =>
          each(cited)
            .filter((number) => !numbers.has(number))
            .map((number) => `${path}: ${citation} (${number})`),
        ),
      ),
    )
    expect(wrong).to.deep.equal([])
  })

  it('sections that the ledger cites are those of its semantics', () => {
    const numbers = semantics()
    const wrong = documents()
      .filter(({path}) => path.startsWith('packages/ledger/'))
      .flatMap(({path, text}) =>
        [...text.matchAll(new RegExp(String.raw`(?<!RFC \d+ )§(${NUMBER})`, 'g'))]
          .filter(([, number = '']) => !numbers.has(number))
          .map(([citation]) => `${path}: ${citation}`),
      )
    expect(wrong).to.deep.equal([])
  })

  it('files that documents link to exist', () => {
    const wrong = markdown().flatMap(({path, text}) =>
      [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
        .filter(([, to = '']) => !/^[a-z]+:/.test(to) && !existsSync(join(ROOT, dirname(path), to)))
        .map(([, to]) => `${path}: ${to}`),
    )
    expect(wrong).to.deep.equal([])
  })

  it('paths of files that documents name exist', () => {
    const directories = [
      '',
      ...workspaces().map(({directory}) => relative(ROOT, directory)),
      'packages',
      'packages/plugin-local/src',
    ]
    const wrong = markdown().flatMap(({path, text}) =>
      [
        ...text.matchAll(
          /`((?:packages|src|docs|test|scripts|bench|kit|ledger|plugin-\w+)\/[\w./-]+\.(?:ts|md|json|js))`/g,
        ),
      ]
        .map(([, named = '']) => named)
        .filter(
          (named) => ![dirname(path), ...directories].some((directory) => existsSync(join(ROOT, directory, named))),
        )
        .map((named) => `${path}: ${named}`),
    )
    expect(wrong).to.deep.equal([])
  })
})

/** The numbers of a list, ranges filled: `8.2, 8.4–8.6` is 8.2, 8.4, 8.5, 8.6; `§6.23-31` is 6.23 to 6.31. */
function each(cited: string): string[] {
  const found: string[] = []
  for (const part of cited.split(/, | and | or /)) {
    const [first = '', last] = part.replaceAll('§', '').split(/[-–]/)
    found.push(first)
    if (last === undefined) continue
    const [section, from] = first.includes('.') ? first.split('.') : [undefined, first]
    for (let n = Number(from) + 1; n <= Number(last.split('.').at(-1)); n++)
      found.push(section === undefined ? `${n}` : `${section}.${n}`)
  }
  return found
}

/** The numbers of the ordered list below a heading. */
function items(document: string, heading: string): Set<string> {
  const start = document.indexOf(`${heading}\n`)
  const section = document.slice(start + heading.length, document.indexOf('\n## ', start + heading.length))
  return new Set([...section.matchAll(/^(\d+)\. /gm)].map(([, n]) => n ?? ''))
}

function decisions(): Set<string> {
  return new Set(
    readdirSync(join(ROOT, 'docs/decisions'))
      .filter((name) => /^\d{4}-/.test(name))
      .map((name) => String(Number(name.slice(0, 4)))),
  )
}

/** Sections (6), their headings (11.2), and the numbered rules in them (6.23, and 6.20a by its number). */
function semantics(): Set<string> {
  const found = new Set<string>()
  let section = ''
  for (const line of text('packages/ledger/docs/semantics.md').split('\n')) {
    const heading = /^#{2,3} (\d+(?:\.\d+)?)/.exec(line)?.[1]
    if (heading !== undefined) {
      section = heading
      found.add(heading)
    }
    for (const [, rule] of line.matchAll(/(?:^| )(\d+)\. /g)) found.add(`${section.split('.')[0]}.${rule}`)
    const letter = /^ +-? ?\(?([a-d])[.)] /.exec(line)?.[1]
    const last = [...found].at(-1)
    if (letter !== undefined && last !== undefined) found.add(`${last.replace(/[a-d]$/, '')}${letter}`)
  }
  return found
}

function markdown(): {path: string; text: string}[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'))
  const packages = workspaces()
    .map(({directory}) => relative(ROOT, directory))
    .filter((directory) => directory !== '')
  const below = ['docs', ...packages.map((directory) => join(directory, 'docs'))]
    .filter((directory) => existsSync(join(ROOT, directory)))
    .flatMap((directory) =>
      readdirSync(join(ROOT, directory), {recursive: true, encoding: 'utf8'}).map((name) => join(directory, name)),
    )
    .filter((path) => path.endsWith('.md'))
  const readmes = packages
    .map((directory) => join(directory, 'README.md'))
    .filter((path) => existsSync(join(ROOT, path)))
  return [...top, ...below, ...readmes].map((path) => ({path: path.replaceAll('\\', '/'), text: text(path)}))
}

function documents(): {path: string; text: string}[] {
  return [...sources(), ...otherFiles(), ...markdown()].filter(({path}) => path !== 'test/tidy/citations.test.ts')
}
