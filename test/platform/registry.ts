import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {basename, dirname, join} from 'node:path'
import {gt} from 'semver'

/**
 * An npm registry on 127.0.0.1, read-only: what was published to it, and every third-party package that this repository has
 * installed, packed when first asked for. So plugins install as from the real one, and nothing leaves the machine.
 */
export interface Registry {
  url: string
  /** What was asked for, as `GET /name`. */
  requests: string[]
  /** Offers a tarball; several versions of a name may be offered, those that are installed here among them. */
  publish(tarball: string): void
  stop(): Promise<void>
}

interface Version {
  json: {name: string; version: string; [key: string]: unknown}
  tarball: string
  integrity?: string
}

/** Tarballs of installed packages, for every registry of a run and of the next: a version is the same wherever it is installed. */
const PACKED = join(process.env.PARIX_TEST_KEPT ?? tmpdir(), `parix-tests-packed-${process.getuid?.() ?? ''}`)

function packed(directory: string, name: string): string {
  const tarball = join(PACKED, `${name.replace('/', '-')}.tgz`)
  if (existsSync(tarball)) return tarball
  mkdirSync(PACKED, {recursive: true, mode: 0o700})
  // Other tests may be packing the same one.
  const own = mkdtempSync(join(PACKED, 'new-'))
  renameSync(packDirectory(directory, own), tarball)
  rmSync(own, {recursive: true})
  return tarball
}

/** Packs all but node_modules: as `npm pack`, for packages without a list of files, in a tenth of the time. With `modules`, those too. */
export function packDirectory(directory: string, out: string, {modules = false} = {}): string {
  const {name, version} = packageJsonOf(directory)
  const tarball = join(out, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
  const transform = `s,^${basename(directory)},package,`
  const words = [
    ...(modules ? [] : ['--exclude=node_modules']),
    '--transform',
    transform,
    '-C',
    dirname(directory),
    basename(directory),
  ]
  execFileSync('tar', ['--use-compress-program', 'gzip -1', '-cf', tarball, ...words])
  return tarball
}

export async function startRegistry(modules: string): Promise<Registry> {
  const packages = new Map<string, Version[]>()
  const requests: string[] = []
  const add = (tarball: string, json = jsonOf(tarball)) => {
    packages.set(json.name, [...(packages.get(json.name) ?? []), {json, tarball}])
  }
  const addInstalled = (name: string) => {
    for (const [version, directory] of installedCopies(modules, name)) {
      add(packed(directory, `${name}-${version}`), packageJsonOf(directory))
    }
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').slice(1).split('?')[0]!)
    requests.push(`${request.method} /${path}`)
    const [name, file] = path.split('/-/')
    if (!packages.has(name!)) addInstalled(name!)
    const versions = packages.get(name!)
    if (request.method !== 'GET' || versions === undefined) {
      response.writeHead(404, {'content-type': 'application/json'}).end('{"error": "Not found"}')
      return
    }
    if (file === undefined) {
      response
        .writeHead(200, {'content-type': 'application/json'})
        .end(JSON.stringify(packument(name!, versions, registry.url)))
      return
    }
    const found = versions.find(({json}) => file === `${json.version}.tgz`)
    response.writeHead(found ? 200 : 404).end(found && readFileSync(found.tarball))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const registry: Registry = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    publish(tarball) {
      const json = jsonOf(tarball)
      if (!packages.has(json.name)) addInstalled(json.name)
      add(tarball, json)
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return registry
}

function packageJsonOf(directory: string): Version['json'] {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
}

function jsonOf(tarball: string): Version['json'] {
  return JSON.parse(execFileSync('tar', ['xzOf', tarball, 'package/package.json'], {encoding: 'utf8'}))
}

/** Packages of that name in `modules`, and in those that packages there have of their own, one of each version. */
function installedCopies(modules: string, name: string): [version: string, directory: string][] {
  const directories = modulesBelow(modules).map((one) => join(one, name))
  // Our own packages are links, and must be published to be there.
  const real = directories.filter(
    (directory) => existsSync(join(directory, 'package.json')) && isOwn(directory, modules),
  )
  const versions = real.map((directory) => {
    return [packageJsonOf(directory).version, directory] as const
  })
  return [...new Map(versions)]
}

const known = new Map<string, string[]>()

/** `modules` itself, and every node_modules below it. */
function modulesBelow(modules: string): string[] {
  const found = known.get(modules) ?? [
    modules,
    ...readdirSync(modules)
      .flatMap((one) => (one.startsWith('@') ? readdirSync(join(modules, one)).map((two) => join(one, two)) : [one]))
      .map((one) => join(modules, one, 'node_modules'))
      .filter((directory) => existsSync(directory))
      .flatMap(modulesBelow),
  ]
  known.set(modules, found)
  return found
}

function isOwn(directory: string, modules: string): boolean {
  return realpathSync(directory) === directory.replace(modules, realpathSync(modules))
}

/** What npm needs of a registry's answer. */
function packument(name: string, versions: Version[], url: string): unknown {
  const newest = versions.map(({json}) => json.version).reduce((a, b) => (gt(b, a) ? b : a))
  return {
    name,
    'dist-tags': {latest: newest},
    versions: Object.fromEntries(
      versions.map((version) => {
        const {json, tarball} = version
        version.integrity ??= `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
        const dist = {tarball: `${url}/${name}/-/${json.version}.tgz`, integrity: version.integrity}
        return [json.version, {...json, dist}]
      }),
    ),
  }
}
