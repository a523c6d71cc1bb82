import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type BuildOptions, build, type Plugin} from 'esbuild'
import {lazyBuiltins} from './shims.js'
import {ROOT} from './workspaces.js'

/**
 * got, without what takes milliseconds at each start and is not used: docs/decisions/0002-one-http-client-on-got.md has the
 * figures. Each replacement fails the build when got no longer asks for it.
 */
const REPLACED: Record<string, string> = {
  // HTTP/2, a cache and a DNS cache are never asked for (packages/kit/src/http/exchange.ts).
  'http2-wrapper': unused('http2-wrapper', 'export default {get auto() { return unused() }}'),
  'cacheable-request': unused('cacheable-request', 'export class CacheError extends Error {}; export default unused'),
  'cacheable-lookup': unused('cacheable-lookup', 'export default unused'),
  // Bodies are texts and bytes, never forms.
  'form-data-encoder': unused(
    'form-data-encoder',
    'export const isFormData = () => false; export {unused as FormDataEncoder}',
  ),
  // The real one, loaded by the first response that is compressed; here is what it leaves alone.
  'decompress-response': `
    const compressed = /^(gzip|x-gzip|deflate|br|zstd|compress|x-compress)$/
    export default (response) =>
      compressed.test((response.headers["content-encoding"] ?? "").trim().toLowerCase())
        ? require("decompress-response").default(response)
        : response`,
  // Numbers for diagnostics channels; random ones would load OpenSSL.
  'node:crypto': 'let count = 0; export const randomUUID = () => process.pid + "-" + (count += 1)',
}

function unused(name: string, module: string): string {
  return `const unused = () => { throw new Error("${name} is not part of this build of got") }; ${module}`
}

const IS = /[\\/]@sindresorhus[\\/]is[\\/]distribution[\\/]index\.js$/
const FROM_GOT = /[\\/]node_modules[\\/]got[\\/]dist[\\/]/

/**
 * For every bundle that got is part of; `edit` is for `lazyModules`, which loads files by itself.
 * @throws Error, at the end of the build, when a replacement no longer matches
 */
export function leanGot(): {plugin: Plugin; edit: (path: string, source: string) => string} {
  const left = new Set([...Object.keys(REPLACED), 'Intl.ListFormat'])
  const edit = (path: string, source: string): string => {
    const contents = IS.test(path) ? lazyFormatters(source) : undefined
    if (contents !== undefined) left.delete('Intl.ListFormat')
    return contents ?? source
  }
  const plugin: Plugin = {
    name: 'lean-got',
    setup(build) {
      let present = false
      build.onResolve({filter: new RegExp(`^(${Object.keys(REPLACED).join('|')})$`)}, (found) => {
        if (!FROM_GOT.test(found.importer) || found.namespace === 'lean-got') return undefined
        left.delete(found.path)
        present = true
        return {path: found.path, namespace: 'lean-got', pluginData: {resolveDir: found.resolveDir}}
      })
      build.onLoad({filter: /.*/, namespace: 'lean-got'}, ({path, pluginData}) => ({
        contents: REPLACED[path]!,
        resolveDir: (pluginData as {resolveDir: string}).resolveDir,
      }))
      build.onLoad({filter: IS}, async ({path}) => ({contents: edit(path, await readFile(path, 'utf8'))}))
      build.onEnd(() => {
        if (!present || left.size === 0) return
        throw new Error(`got no longer uses ${[...left].join(', ')}: mend scripts/build/got.ts`)
      })
    },
  }
  return {plugin, edit}
}

/** @sindresorhus/is, which checks got's options, makes two formatters for its error messages: that loads ICU. */
function lazyFormatters(source: string): string | undefined {
  const contents = source.replace(
    /^const (\w+Formatter) = (new Intl\.ListFormat\(.*\));$/gm,
    'const $1 = {format: (list) => $2.format(list)};',
  )
  return contents === source ? undefined : contents
}

/** The module of the kit that is nothing but got. */
const ENGINE = join(ROOT, 'packages/kit/lib/http/engine.js')

/** In the CLI's bundle the engine is got itself, compiled and cached with the rest. */
export function engineIsGot(): Plugin {
  return {
    name: 'engine-is-got',
    setup({onResolve, onLoad}) {
      onResolve({filter: /^\.\/engine\.js$/}, ({path, resolveDir}) =>
        join(resolveDir, path) === ENGINE ? {path: 'engine', namespace: 'engine'} : undefined,
      )
      onLoad({filter: /.*/, namespace: 'engine'}, () => ({contents: "export {got} from 'got'", resolveDir: ROOT}))
    },
  }
}

const OPTIONS: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minifyWhitespace: true,
  legalComments: 'inline',
  absWorkingDir: ROOT,
  write: true,
  logLevel: 'warning',
}

/**
 * Puts got into one file of the kit, `lib/http/engine.cjs`, in place of what tsc wrote: an installed plugin brings its own
 * kit, and would load 23 packages otherwise.
 */
export async function writeEngine(): Promise<void> {
  await build({
    ...OPTIONS,
    stdin: {contents: "export {got} from 'got'", resolveDir: ROOT},
    outfile: ENGINE.replace(/js$/, 'cjs'),
    plugins: [leanGot().plugin, lazyBuiltins()],
  })
  await build({
    ...OPTIONS,
    format: 'esm',
    stdin: {contents: "import engine from './engine.cjs'; export const {got} = engine", resolveDir: join(ENGINE, '..')},
    outfile: ENGINE,
    external: ['./engine.cjs'],
  })
}
