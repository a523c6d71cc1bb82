import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import {type BuildOptions, build, type Plugin} from 'esbuild'
import {bakedModule} from './baked.js'
import {lazyCore} from './lazy-core.js'
import {ROOT} from './workspaces.js'

const SHARED: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Not minified: with the code cache it gains nothing, and a stack trace can be read.
  minify: false,
  keepNames: true,
  legalComments: 'none',
  absWorkingDir: ROOT,
  define: {'import.meta.url': '__parixBundleUrl'},
  logLevel: 'warning',
}

/**
 * Writes dist/parix.cjs, the whole CLI in one file, and dist/start.cjs, which loads it. From lib/, which tsc has checked.
 * docs/decisions/0005-start-up.md says why it is built this way.
 */
export async function bundle(): Promise<void> {
  const dist = join(ROOT, 'dist')
  mkdirSync(dist, {recursive: true})
  const result = await build({
    ...SHARED,
    entryPoints: [join(ROOT, 'lib/runner/main.js')],
    write: false,
    metafile: true,
    // oclif looks for these to run a linked plugin from its TypeScript sources; they are the plugin author's.
    external: ['typescript', 'tsx', 'tsx/*', 'ts-node'],
    plugins: [apart(), bakedModule(), lazyCore()],
  })
  writeFileSync(join(dist, 'meta.json'), JSON.stringify(result.metafile))
  const text = withPassedImport(result.outputFiles[0]!.text)
  writeFileSync(join(dist, 'parix.cjs'), text)
  await buildApart(dist)
  await build({
    ...SHARED,
    entryPoints: [join(ROOT, 'lib/runner/start.js')],
    outfile: join(dist, 'start.cjs'),
    footer: {js: 'start(__dirname)'},
    define: {
      PARIX_BUNDLE_HASH: JSON.stringify(createHash('sha256').update(text).digest('hex').slice(0, 32)),
      PARIX_NAME_AND_VERSION: JSON.stringify(nameAndVersion()),
    },
  })
}

/** Parts that are heavy and seldom needed: each is a file of its own beside the bundle, loaded when it is first asked for. */
const APART: Record<string, string> = {
  'packages/plugin-local/lib/server/index.js': 'local-server.cjs',
  'packages/plugin-api/lib/jq-engine.js': 'jq.cjs',
}

function apart(): Plugin {
  return {
    name: 'apart',
    setup({onResolve}) {
      onResolve({filter: /^\./}, ({kind, path, resolveDir}) => {
        const file = APART[relative(ROOT, join(resolveDir, path)).replaceAll('\\', '/')]
        return kind === 'dynamic-import' && file !== undefined ? {path: `./${file}`, external: true} : undefined
      })
    },
  }
}

async function buildApart(dist: string): Promise<void> {
  for (const [entry, file] of Object.entries(APART)) {
    if (!existsSync(join(ROOT, entry))) continue
    await build({
      ...SHARED,
      entryPoints: [join(ROOT, entry)],
      outfile: join(dist, file),
      external: ['libsql'],
      banner: {js: "const __parixBundleUrl = require('node:url').pathToFileURL(__filename).href;"},
    })
  }
}

/** A script that is compiled from a cache has no `import()` of its own (docs/decisions/0005): start.cjs passes one in. */
function withPassedImport(text: string): string {
  return text.replace(/(?<![\w$.'"`])import\(/g, '__parixImport(')
}

function nameAndVersion(): string {
  const {name, version} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    name: string
    version: string
  }
  return `${name}/${version}`
}
