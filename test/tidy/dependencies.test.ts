import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {builtinModules} from 'node:module'
import {join} from 'node:path'
import {expect} from 'chai'
import {ROOT, workspaces} from '../../scripts/build/workspaces.js'

interface Json {
  name: string
  private?: boolean
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  oclif?: {plugins?: string[]}
}

const IMPORT =
  /(?:\bfrom |\bimport\(|\bimport |\brequire\(|\bresolve\(|createRequire\(import\.meta\.url\)\()'([^'.][^']*)'/g

/** Names of the packages that the modules of a directory import, types left out. */
function imported(directory: string): Set<string> {
  const files = readdirSync(directory, {recursive: true, encoding: 'utf8'}).filter(
    (name) => /\.[jt]s$/.test(name) && !name.endsWith('.d.ts'),
  )
  const names = files.flatMap((file) => {
    const text = readFileSync(join(directory, file), 'utf8').replace(/^\s*(import|export) type [^']*'[^']*'$/gm, '')
    return [...text.matchAll(IMPORT)].map(([, name]) => name!)
  })
  const packages = names
    .filter((name) => !name.startsWith('node:') && !name.startsWith('parix:') && !builtinModules.includes(name))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  return new Set(packages)
}

/** A peer dependency of what is used has to be named, too. */
function peersOf(names: string[], directory: string): string[] {
  return names.flatMap((name) => {
    const path = [directory, ROOT]
      .map((at) => join(at, 'node_modules', name, 'package.json'))
      .find((at) => existsSync(at))
    if (path === undefined) return []
    const {peerDependencies = {}} = JSON.parse(readFileSync(path, 'utf8')) as {
      peerDependencies?: Record<string, string>
    }
    return Object.keys(peerDependencies)
  })
}

const all = workspaces().map(({directory, json}) => ({
  directory,
  json: json as unknown as Json,
  uses: imported(join(directory, 'src')),
}))
const ours = all.map(({json}) => json.name)
const decisions = readdirSync(join(ROOT, 'docs/decisions'))
  .map((name) => readFileSync(join(ROOT, 'docs/decisions', name), 'utf8'))
  .join('\n')

describe('dependencies', () => {
  for (const {directory, json, uses} of all) {
    const runtime = {...json.dependencies, ...json.optionalDependencies}
    it(`${json.name} names what it imports, and nothing else`, () => {
      // What is compiled in (got into the kit), and what only tests use: named for development.
      const development = {...json.devDependencies, ...(json.private === true && all[0]!.json.devDependencies)}
      const declared = new Set([...Object.keys(runtime), ...Object.keys(development), json.name])
      expect([...uses].filter((name) => !declared.has(name))).to.deep.equal([])
      const needed = new Set([...uses, ...(json.oclif?.plugins ?? []), ...peersOf(Object.keys(runtime), directory)])
      expect(Object.keys(runtime).filter((name) => !needed.has(name))).to.deep.equal([])
    })
  }

  it('each package of others that is needed at run time has its reason in docs/decisions', () => {
    const names = new Set(
      all.flatMap(({json, uses}) => [...Object.keys({...json.dependencies, ...json.optionalDependencies}), ...uses]),
    )
    const third = [...names].filter((name) => !ours.includes(name))
    expect(third.filter((name) => !decisions.includes(name))).to.deep.equal([])
  })
})
