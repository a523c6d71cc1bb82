import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync} from 'node:fs'
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
}

export async function startRegistry(modules: string): Promise<Registry> {
  const scratch = mkdtempSync(join(tmpdir(), 'parix-registry-'))
  const packages = new Map<string, Version[]>()
  const requests: string[] = []
  const add = (tarball: string, json = jsonOf(tarball)) => {
    packages.set(json.name, [...(packages.get(json.name) ?? []), {json, tarball}])
  }
  const addInstalled = (name: string) => {
    for (const [index, directory] of installedCopies(modules, name).entries()) {
      const tarball = join(scratch, `${name.replace('/', '-')}-${index}.tgz`)
      const transform = `s,^${basename(directory)},package,`
      const words = ['--exclude=node_modules', '--transform', transform, '-C', dirname(directory), basename(directory)]
      execFileSync('tar', ['czf', tarball, ...words])
      add(tarball)
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
      rmSync(scratch, {recursive: true, force: true})
    },
  }
  return registry
}

function jsonOf(tarball: string): Version['json'] {
  return JSON.parse(execFileSync('tar', ['xzOf', tarball, 'package/package.json'], {encoding: 'utf8'}))
}

/** Packages of that name in `modules`, and in those that packages there have of their own, one of each version. */
function installedCopies(modules: string, name: string): string[] {
  const directories = modulesBelow(modules).map((one) => join(one, name))
  // Our own packages are links, and must be published to be there.
  const real = directories.filter(
    (directory) => existsSync(join(directory, 'package.json')) && isOwn(directory, modules),
  )
  const versions = real.map((directory) => {
    const {version} = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {version: string}
    return [version, directory] as const
  })
  return [...new Map(versions).values()]
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
      versions.map(({json, tarball}) => {
        const bytes = readFileSync(tarball)
        const dist = {
          tarball: `${url}/${name}/-/${json.version}.tgz`,
          shasum: createHash('sha1').update(bytes).digest('hex'),
          integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
        }
        return [json.version, {...json, dist}]
      }),
    ),
  }
}
