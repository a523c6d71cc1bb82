import {cpSync, existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {readPackage} from '../build/workspaces.js'
import {closure, copyPackages} from './closure.js'
import {npmPack} from './npm.js'

export interface PackPluginOptions {
  /** The package's directory, built. */
  directory: string
  out: string
  /** Everything it needs goes into the tarball: it installs without a network. */
  selfContained: boolean
  /** Another version than its package.json has. */
  version?: string
  /** Makes the tarball of a directory that has all that goes into it; npm when left out. */
  pack?: (directory: string, out: string) => string | Promise<string>
}

/** Packs a package of this repository, and returns the tarball's path. */
export async function packPlugin(options: PackPluginOptions): Promise<string> {
  const {directory, out, selfContained, version, pack = npmPack} = options
  const staging = mkdtempSync(join(tmpdir(), 'parix-plugin-'))
  try {
    const json = readPackage(directory)
    for (const name of ['lib', 'oclif.manifest.json', 'README.md']) {
      if (existsSync(join(directory, name))) cpSync(join(directory, name), join(staging, name), {recursive: true})
    }
    const {devDependencies: _dev, scripts: _scripts, ...published} = json
    const bundled = selfContained ? closure(Object.keys(json.dependencies ?? {}), directory) : []
    copyPackages(bundled, staging)
    const packed = {
      ...published,
      version: version ?? json.version,
      ...(selfContained && {bundleDependencies: bundled.map(({name}) => name)}),
    }
    writeFileSync(join(staging, 'package.json'), `${JSON.stringify(packed, null, 2)}\n`)
    return await pack(staging, out)
  } finally {
    rmSync(staging, {recursive: true, force: true})
  }
}
