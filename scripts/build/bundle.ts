import {createHash} from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {type BuildOptions, build, type Plugin} from 'esbuild'
import {
  bakedFiles,
  bakedModule,
  bakedParts,
  commandIds,
  HELP_FILE,
  OCLIF_FILE,
  type Part,
  topicsAlone,
} from './baked.js'
import {engineIsGot, leanGot} from './got.js'
import {lazyCore} from './lazy-core.js'
import {lazyModules, NAMESPACE} from './lazy-modules.js'
import {lazyBuiltins, shims} from './shims.js'
import {isFresh, STAMP} from './stamp.js'
import {ROOT, readPackage} from './workspaces.js'

const SHARED: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Not minified but for spaces, which are a third of it and are read at each start: names in a stack trace stay.
  minifyWhitespace: true,
  legalComments: 'none',
  absWorkingDir: ROOT,
  write: false,
  metafile: true,
  define: {'import.meta.url': '__parixBundle.url'},
  logLevel: 'warning',
}

/** Parts that are heavy and seldom needed: each is a file of its own beside the bundle, loaded when it is first asked for. */
const APART: Record<string, string> = {
  'packages/plugin-local/lib/server/index.js': 'local-server.cjs',
  'packages/plugin-local/lib/server/identity/provider.js': 'local-identity.cjs',
  'packages/kit/lib/output/jq-engine.js': 'jq.cjs',
}

/** Each runs as a process, or a thread, of its own. */
const PROGRAMS = [
  {entry: 'lib/plugins/engine-main.js', file: 'plugin-engine.cjs', plugins: () => [withoutView(), lazyCore()]},
  {entry: 'packages/plugin-tb/lib/import/plain-part-main.js', file: 'plain-part.cjs', plugins: () => []},
]

/** The same for packages that the kit or oclif loads when it comes to it. All that is in the bundle is read at each start. */
const PACKAGES_APART: Record<string, {from: string; contents: string}> = {
  'openid-client': {from: 'packages/kit', contents: "export * from 'openid-client'"},
  'https-proxy-agent': {from: 'packages/kit', contents: "export * from 'https-proxy-agent'"},
  'decompress-response': {from: 'node_modules/got', contents: "export {default} from 'decompress-response'"},
  ...Object.fromEntries(
    ['minimatch', 'tinyglobby', 'ejs', 'cli-spinners', 'lilconfig'].map((name) => [
      name,
      {from: 'node_modules/@oclif/core', contents: `module.exports = require('${name}')`},
    ]),
  ),
}

/** The same for packages that modules import at their top, which are themselves loaded by few commands. */
const LIBRARIES_APART: Record<string, {file: string; from: string; contents: string}> = {
  zod: {file: 'zod', from: 'packages/books', contents: "export * from 'zod'"},
  // By name: what `export *` takes from a CommonJS package is not found by an `import()`, as in the kit.
  yaml: {
    file: 'yaml',
    from: 'packages/books',
    contents: "export {isMap, isScalar, LineCounter, parseDocument, stringify} from 'yaml'",
  },
  // A ledger for a dry run and for a replay; without data of its own in common with the schema, which stays in the bundle.
  '@parix/ledger': {file: 'ledger', from: 'packages/plugin-tb', contents: "export * from '@parix/ledger'"},
  // The pages of the console: for `parix console`, and for the local service, which is a part of its own.
  '@parix/console': {file: 'console', from: 'packages/plugin-tb', contents: "export * from '@parix/console'"},
  'csv-parse/sync': {file: 'csv-parse', from: 'packages/plugin-tb', contents: "export * from 'csv-parse/sync'"},
}

/**
 * Writes the whole CLI into `dist`: start.cjs, and a directory named by its content with the bundle in it. start.cjs comes last
 * and knows the directory, so a CLI that is started in the middle of a build is the old one or the new one.
 * docs/decisions/0005-start-up.md says why it is built this way.
 */
export async function bundle(dist = join(ROOT, 'dist')): Promise<Bundled> {
  const baking = await bakedParts()
  const files = await filesOf(baking)
  // Of all of them: the code cache is keyed by it, and V8 compares no more of a source than its length.
  const sum = createHash('sha256')
  for (const [name, text] of files) sum.update(`${name}\0${text}\0`)
  const hash = sum.digest('hex').slice(0, 16)
  for (const [name, text] of files) writeWhole(join(dist, hash, name), text)
  const {name, version} = readPackage(ROOT)
  const start = await outputOf({
    entryPoints: [join(ROOT, 'lib/runner/start.js')],
    plugins: [lazyBuiltins()],
    footer: {js: 'start(__dirname)'},
    define: {
      PARIX_BUNDLE_HASH: JSON.stringify(hash),
      PARIX_TOPICS: JSON.stringify(topicsAlone(baking)),
      PARIX_COMMANDS: JSON.stringify(commandIds(baking)),
      PARIX_NAME_AND_VERSION: JSON.stringify(`${name}/${version}`),
    },
  })
  writeWhole(join(dist, 'oclif.cjs'), OCLIF_FILE)
  writeWhole(join(dist, 'help.cjs'), HELP_FILE)
  writeWhole(join(dist, 'start.cjs'), start)
  removeOlder(dist, hash)
  return {hash, inputs: [...inputs]}
}

/** The files of the bundle's directory, by name. */
async function filesOf(baking: Part[]): Promise<[name: string, text: string][]> {
  const baked = bakedFiles(baking)
  const got = leanGot()
  const plugins = [parts(), apart(), engineIsGot(), bakedModule(baking), shims(), got.plugin, lazyBuiltins()]
  const lazy = () => lazyModules(got.edit)
  const functionOf = async (options: BuildOptions) => asFunction(await outputOf(options))
  const entry = (path: string) => ({entryPoints: [join(ROOT, path)]})
  const contentsOf = (contents: string, from: string) => ({stdin: {contents, resolveDir: join(ROOT, from)}})
  const files: [name: string, text: string | Promise<string>][] = [
    ['manifests.json', baked.manifests],
    ['index.json', baked.index],
    [
      'parix.cjs',
      functionOf({...entry('lib/runner/main.js'), ...INSIDE, ...MAIN, plugins: [lazy(), ...plugins, lazyCore()]}),
    ],
    ['help.cjs', functionOf({...entry('lib/runner/help-main.js'), ...INSIDE, plugins: [lazy(), ...plugins]})],
  ]
  for (const [path, file] of Object.entries(APART)) {
    if (!existsSync(join(ROOT, path))) continue
    files.push([file, functionOf({...entry(path), ...PART, plugins: [parts(), beside(['@parix/console'])]})])
  }
  for (const {entry: path, file, plugins} of PROGRAMS)
    files.push([file, outputOf({...entry(path), ...PART, ...PROCESS, plugins: plugins()})])
  for (const [name, {from, contents}] of Object.entries(PACKAGES_APART))
    files.push([`${name}.cjs`, functionOf({...contentsOf(contents, from), ...PART})])
  for (const {file, from, contents} of Object.values(LIBRARIES_APART)) {
    const plugins = file === 'console' ? [beside(['zod', 'yaml'])] : []
    files.push([`${file}.cjs`, functionOf({...contentsOf(contents, from), ...PART, plugins})])
  }
  return Promise.all(files.map(async ([name, text]): Promise<[string, string]> => [name, await text]))
}

export interface Bundled {
  /** The name of its directory. */
  hash: string
  /** All source files that it was made from, relative to the repository. */
  inputs: string[]
}

/** Ends a build without errors. */
export function writeStamp(bundled: Bundled): void {
  writeFileSync(STAMP, JSON.stringify(bundled))
}

/**
 * The bundle in another place: a copy of the last build's, where that is newer than everything that goes into it (bundling
 * takes eight seconds of a processor), else made anew.
 */
export async function bundleInto(dist: string): Promise<Bundled> {
  if (!isFresh()) return bundle(dist)
  const bundled = JSON.parse(readFileSync(STAMP, 'utf8')) as Bundled
  for (const name of [bundled.hash, 'oclif.cjs', 'help.cjs', 'start.cjs'])
    cpSync(join(ROOT, 'dist', name), join(dist, name), {recursive: true})
  return bundled
}

/** oclif looks for these to run a linked plugin from its TypeScript sources; they are the plugin author's. */
const COMPILERS = ['typescript', 'tsx', 'tsx/*', 'ts-node']

const MAIN: BuildOptions = {external: COMPILERS}

const PART: BuildOptions = {
  // Both load a binary that lies beside them.
  external: ['libsql', 'tigerbeetle-node', ...COMPILERS],
}

const PROCESS: BuildOptions = {
  banner: {js: "const __parixBundle = {url: require('node:url').pathToFileURL(__filename).href};"},
}

/** For what start.cjs calls as a function. */
const INSIDE: BuildOptions = {define: {...SHARED.define, 'performance.now': '__parixNow'}}

const inputs = new Set<string>()

async function outputOf(options: BuildOptions): Promise<string> {
  const {outputFiles, metafile} = await build({...SHARED, ...options})
  for (const input of Object.keys(metafile!.inputs)) inputs.add(asPath(input))
  return outputFiles![0]!.text
}

/** As esbuild names the files of its own `file` namespace. */
function asPath(input: string): string {
  return input.startsWith(`${NAMESPACE}:`) ? relative(ROOT, input.slice(NAMESPACE.length + 1)) : input
}

/** For a part that shares another part: it is loaded from its file beside it, when it is first needed. */
function beside(names: readonly string[]): Plugin {
  return {
    name: 'beside',
    setup({onResolve}) {
      onResolve({filter: new RegExp(`^(${names.join('|')})$`)}, ({path}) => ({
        path: `./${LIBRARIES_APART[path]!.file}.cjs`,
        external: true,
      }))
    },
  }
}

/** What is imported when it is needed, and is a part, stays in its file. */
function parts(): Plugin {
  return {
    name: 'parts',
    setup({onResolve}) {
      onResolve({filter: /^\./}, ({kind, path, resolveDir}) => {
        const file = APART[relative(ROOT, join(resolveDir, path)).replaceAll('\\', '/')]
        return kind === 'dynamic-import' && file !== undefined ? {path: `./${file}`, external: true} : undefined
      })
    },
  }
}

function apart(): Plugin {
  return {
    name: 'apart',
    setup({onResolve}) {
      onResolve({filter: new RegExp(`^(${Object.keys(LIBRARIES_APART).join('|')})$`)}, ({path}) => ({
        path: `./${LIBRARIES_APART[path]!.file}.cjs`,
        external: true,
      }))
      onResolve({filter: new RegExp(`^(${Object.keys(PACKAGES_APART).join('|')})$`)}, ({kind, path}) =>
        kind === 'import-statement' ? undefined : {path: `./${path}.cjs`, external: true},
      )
    },
  }
}

/**
 * @oclif/plugin-plugins starts npm once to ask whether the registry has a package, and once more to install it. `npm install` says
 * by itself what the registry has not.
 */
function withoutView(): Plugin {
  const call = 'await this.npmHasPackage(name, true);'
  return {
    name: 'without-view',
    setup({onLoad}) {
      onLoad({filter: /[\\/]@oclif[\\/]plugin-plugins[\\/]lib[\\/]plugins\.js$/}, ({path}) => {
        const text = readFileSync(path, 'utf8')
        if (!text.includes(call))
          throw new Error('@oclif/plugin-plugins no longer asks for a package as the build expects it')
        return {contents: text.replace(call, ''), loader: 'js'}
      })
    },
  }
}

/** The first look at the global `performance` loads a part of Node that nothing else needs; this clock is as good. */
const CLOCK = 'const __parixNow = () => Number(process.hrtime.bigint()) / 1e6;'

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname', '__parixImport', '__parixBundle']

/**
 * The bundle, or a part beside it, as one function, as start.cjs calls it. A script that is compiled from a cache has no `import()` of its own
 * (docs/decisions/0005-start-up.md), so one is passed in.
 */
function asFunction(text: string): string {
  const body = asAscii(text).replace(/(?<![\w$.'"`])import\(/g, '__parixImport(')
  return `(function (${PARAMETERS.join(', ')}) {${CLOCK}${body}\n})\n`
}

/**
 * start.cjs reads these files byte by byte, which V8 keeps in half the memory and compiles in less time. esbuild escapes what is in strings;
 * here follow regular expressions and templates, where an escape means the same. In `String.raw` it would not.
 */
function asAscii(text: string): string {
  const other = /[^\u0000-\u007f]/g
  if (/String\.raw`[^`]*[\u0080-\uffff]/.test(text))
    throw new Error('String.raw with more than ASCII can not be bundled')
  return text.replace(other, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(`${path}.${process.pid}`, text)
  renameSync(`${path}.${process.pid}`, path)
}

const KEEP_MS = 3_600_000

/** Earlier builds go once nothing that was started from them is likely to run. */
function removeOlder(dist: string, hash: string): void {
  for (const entry of readdirSync(dist, {withFileTypes: true})) {
    const path = join(dist, entry.name)
    const old = Date.now() - statSync(path).mtimeMs > KEEP_MS
    if (entry.isDirectory() && entry.name !== hash && old) rmSync(path, {recursive: true, force: true})
  }
}
