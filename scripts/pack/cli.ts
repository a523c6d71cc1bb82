import {cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {HELP_TARGET} from '../build/baked.js'
import {bundleInto} from '../build/bundle.js'
import {ROOT, readPackage} from '../build/workspaces.js'
import {closure, copyPackages} from './closure.js'
import {licenceTexts} from './licences.js'
import {npmPack} from './npm.js'

/** What the bundle can't hold: a native library, which `parix local` loads. */
const NATIVE = ['libsql']

/** `parix plugins create` starts from it. */
const EXAMPLE = ['package.json', 'tsconfig.json', 'README.md', 'bin', 'src', 'test'].map(
  (name) => `examples/plugin-hello/${name}`,
)

/** Packs the built CLI into `out` and returns the tarball's path. lib/ must be built. */
export async function packCli(out: string): Promise<string> {
  const staging = mkdtempSync(join(tmpdir(), 'parix-pack-'))
  try {
    const {inputs} = await bundleInto(join(staging, 'dist'))
    writeFileSync(join(staging, 'THIRD-PARTY-LICENSES.txt'), licenceTexts(inputs))
    for (const name of ['bin/run.js', 'bin/package.json', 'README.md', 'LICENSE', ...EXAMPLE]) {
      if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(staging, name), {recursive: true})
    }
    const bundled = closure(NATIVE, join(ROOT, 'packages', 'plugin-local'))
    copyPackages(bundled, staging)
    writeFileSync(
      join(staging, 'package.json'),
      `${JSON.stringify(publishedPackage(bundled.map(({name}) => name)), null, 2)}\n`,
    )
    mkdirSync(out, {recursive: true})
    const tarball = join(out, `parix-${readPackage(ROOT).version}.tgz`)
    renameSync(await npmPack(staging, out), tarball)
    return tarball
  } finally {
    rmSync(staging, {recursive: true, force: true})
  }
}

/**
 * The package.json of the tarball. What it needs is in it, for this platform; the native library of any other platform is an
 * optional dependency, of which npm installs the one that fits.
 */
function publishedPackage(bundled: string[]): Record<string, unknown> {
  const {name, version, description, license, bin, engines, oclif} = readPackage(ROOT)
  const local = readPackage(join(ROOT, 'packages', 'plugin-local'))
  const dependencies = Object.fromEntries(NATIVE.map((native) => [native, local.dependencies?.[native]]))
  const optionalDependencies = NATIVE.map(
    (native) => readPackage(join(ROOT, 'node_modules', native)).optionalDependencies,
  )
  const own = {bin: oclif?.bin, dirname: oclif?.dirname, topicSeparator: oclif?.topicSeparator, helpClass: HELP_TARGET}
  return {
    ...{name, version, description, license, bin, engines, dependencies},
    optionalDependencies: Object.assign({}, ...optionalDependencies),
    bundleDependencies: bundled,
    oclif: own,
  }
}
