import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {ROOT, workspaces} from '../../scripts/build/workspaces.js'
import {otherFiles, type Source, sources} from './sources.js'

/** Which of our packages each may import (docs: CONTRIBUTING.md, imports go one way). */
const MAY_IMPORT: Record<string, RegExp> = {
  files: /^$/,
  src: /^@parix\/(kit|files)\//,
  kit: /^@parix\/files\//,
  ledger: /^@parix\/files\//,
  books: /^@parix\/(kit\/(contract|duration|errors|integers|json|suggest|text)|ledger)/,
  console: /^@parix\/(books\/|kit\/(errors|integers|next-command|text)$|ledger\/schema$)/,
  'plugin-api': /^@parix\/(kit\/|ledger\/schema$)/,
  'plugin-database': /^@parix\/(kit|files)\//,
  // The ledger itself, loaded lazily, replays transfers for audits and dry runs of imports.
  'plugin-tb': /^@parix\/(kit\/|files\/|ledger(\/schema)?$|books|console$)/,
  'plugin-local': /^@parix\/(kit\/|files\/|ledger|console$)/,
  testkit: /^@parix\/kit\//,
}
/**
 * The local service must not share code with the client: one mistake could hide on both sides. The console only shows what a
 * reader gives it, and commands are written by the module that writes all of them.
 */
const SERVER = /^packages\/plugin-local\/src\/server\//
const SERVER_MAY_IMPORT =
  /^@parix\/(kit\/(contract|literal|json|errors|integers)|files\/|ledger|console$)|^@parix\/kit\/next-command$/

/** Imported where it is there, or only for development; each with its reason. */
const OPTIONAL: Record<string, string[]> = {
  // A real TigerBeetle behind `parix local start --addresses`: the user installs its client.
  'plugin-local': ['tigerbeetle-node'],
  // The build puts got into a file of the kit, and into the bundle (docs/decisions/0002).
  kit: ['got'],
  // The kit for tests is private: the root package lists its tools.
  testkit: ['axe-core', 'esbuild', 'fast-check', 'parse5', 'oidc-provider', 'playwright-core', 'better-auth-1-6'],
}

const all = sources()

describe('imports', () => {
  it('every workspace has a rule', () => {
    const known = workspaces().map(({directory}) => (directory === ROOT ? 'src' : directory.split(/[\\/]/).at(-1)))
    expect(known.filter((name) => !(name! in MAY_IMPORT))).to.deep.equal([])
  })

  for (const [workspace, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${workspace} imports nothing of ours but ${allowed}`, () => {
      const wrong = all
        .filter((source) => source.workspace === workspace)
        .flatMap((source) => source.imports.map(({specifier}) => ({from: source.path, specifier})))
        .filter(({specifier}) => specifier.startsWith('@parix/') && !allowed.test(specifier))
      expect(wrong).to.deep.equal([])
    })
  }

  it('the local service imports only the contract, JSON, bytes of digits, errors, files and the ledger', () => {
    const wrong = all
      .filter(({path}) => SERVER.test(path))
      .flatMap(({path, imports}) => imports.map(({specifier}) => `${path}: ${specifier}`))
      .filter((line) => line.includes('@parix/') && !SERVER_MAY_IMPORT.test(line.split(': ')[1]!))
    expect(wrong).to.deep.equal([])
  })

  it('no file reaches into another package by a relative path', () => {
    const home = (path: string) => /^packages\/[^/]+\/src\/|^src\//.exec(path)?.[0]
    const wrong = all.flatMap(({path, imports}) =>
      imports
        .filter(({file}) => file !== undefined && home(file) !== home(path))
        .map(({specifier}) => `${path}: ${specifier}`),
    )
    expect(wrong).to.deep.equal([])
  })

  it('nothing imports a command', () => {
    const wrong = all.flatMap(({path, imports}) =>
      imports.filter(({file}) => file?.includes('/commands/')).map(({file}) => `${path}: ${file}`),
    )
    expect(wrong).to.deep.equal([])
  })

  it('every third-party import is a dependency of its own package', () => {
    const declared = new Map(
      workspaces().map(({directory, json}) => {
        const key = directory === ROOT ? 'src' : directory.split(/[\\/]/).at(-1)!
        const peers = json.peerDependencies as Record<string, string> | undefined
        return [key, [...Object.keys(json.dependencies ?? {}), ...Object.keys(peers ?? {}), ...(OPTIONAL[key] ?? [])]]
      }),
    )
    const wrong = all.flatMap((source) =>
      source.imports
        .filter(({specifier, typeOnly}) => !typeOnly && !/^(\.|node:|parix:)/.test(specifier))
        .map(({specifier}) =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !declared.get(source.workspace)?.includes(name))
        .map((name) => `${source.path}: ${name}`),
    )
    expect([...new Set(wrong)]).to.deep.equal([])
  })

  it('there are no cycles', () => {
    expect(cycles(all)).to.deep.equal([])
  })

  it('there are no dead files: each is imported, a command, an export of its package, or an entry of the build', () => {
    const doors = workspaces().flatMap(({directory, json}) => {
      const text = JSON.stringify([json.exports ?? {}, json.oclif ?? {}])
      return [...text.matchAll(/"\.\/(?:src|lib)\/([^"]+?)(?:\.ts|\.js|\.d\.ts)?"/g)].map(([, path]) =>
        join(directory, 'src', `${path}.ts`)
          .slice(ROOT.length + 1)
          .replaceAll('\\', '/'),
      )
    })
    const entries = readFileSync(join(ROOT, 'scripts/build/bundle.ts'), 'utf8')
    const imported = new Set([...all, ...otherFiles()].flatMap(({imports}) => imports.map(({file}) => file)))
    const dead = all
      .map(({path}) => path)
      .filter((path) => !path.includes('/commands/') && !imported.has(path) && !doors.includes(path))
      .filter((path) => !entries.includes(path.replace(/(^|\/)src\//, '$1lib/').replace(/\.ts$/, '.js')))
    expect(dead).to.deep.equal([])
  })
})

/** Cycles of imports that are there when the code runs, each from its first file on. */
function cycles(files: Source[]): string[] {
  const edges = new Map(
    files.map(({path, imports}) => [
      path,
      imports.flatMap(({file, typeOnly, lazy}) => (file && !typeOnly && !lazy ? [file] : [])),
    ]),
  )
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (path: string, trail: string[]) => {
    const start = trail.indexOf(path)
    if (start !== -1) found.add([...trail.slice(start), path].join(' → '))
    if (start !== -1 || done.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return [...found]
}
