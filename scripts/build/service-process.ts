import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {build, type Plugin} from 'esbuild'
import {licenceTexts} from '../pack/licences.js'
import {engineIsGot, leanGot} from './got.js'
import {ROOT} from './workspaces.js'

const TESTING = join(ROOT, 'packages/plugin-local/lib/testing')

/**
 * Puts the process of `startParix` into a few files, `lib/testing/service/`, and names them in place of what tsc wrote in
 * `service-process.js`: whoever installs the package for a test suite has no bundle of the CLI, and would load 300 files at each start.
 */
export async function writeServiceProcess(): Promise<void> {
  const outdir = join(TESTING, 'service')
  rmSync(outdir, {recursive: true, force: true})
  const {metafile} = await build({
    bundle: true,
    // What is imported when it is needed stays in a file of its own.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifyWhitespace: true,
    legalComments: 'none',
    absWorkingDir: ROOT,
    entryPoints: [join(TESTING, 'serve.js')],
    outdir,
    external: ['libsql', 'tigerbeetle-node', '@parix/console'],
    // Packages that are CommonJS ask for parts of Node by it.
    banner: {
      js: "import {createRequire as __parixRequire} from 'node:module'; const require = __parixRequire(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
    plugins: [providerApart(), engineIsGot(), leanGot().plugin],
  })
  mkdirSync(outdir, {recursive: true})
  writeFileSync(join(outdir, 'THIRD-PARTY-LICENSES.txt'), licenceTexts(Object.keys(metafile.inputs)))
  writeFileSync(join(TESTING, 'service-process.js'), "export {serve} from './service/serve.js'\n")
}

/** A suite hardly ever signs somebody in: the identity provider stays what it is in the package, and its packages where they are. */
function providerApart(): Plugin {
  return {
    name: 'provider-apart',
    setup({onResolve}) {
      onResolve({filter: /[\\/]provider\.js$/}, ({kind}) =>
        kind === 'dynamic-import' ? {path: '../../server/identity/provider.js', external: true} : undefined,
      )
    },
  }
}
