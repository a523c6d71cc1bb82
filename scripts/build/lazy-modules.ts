import {readFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import {type Plugin, transform} from 'esbuild'

/**
 * esbuild hoists all functions of an ES module to the top of the bundle, where V8 makes each of them at every start, whether or
 * not its module is ever evaluated. A CommonJS module is one function, which costs nothing before it is called. So ES modules
 * are made CommonJS before they are bundled; docs/decisions/0005-start-up.md has the price.
 *
 * @param edit what a file's source is replaced by before that
 */
export function lazyModules(edit: (path: string, source: string) => string): Plugin {
  return {
    name: 'lazy-modules',
    setup(build) {
      build.onResolve({filter: /^parix:interop$/}, ({path}) => ({path, namespace: 'interop'}))
      build.onLoad({filter: /.*/, namespace: 'interop'}, () => ({contents: INTEROP}))
      build.onResolve({filter: /.*/}, async ({path, importer, resolveDir, kind, pluginData, namespace}) => {
        if (pluginData === SEEN || path === 'parix:interop') return undefined
        // What was an import resolves as one: packages may offer another file to `require`.
        const as = namespace === NAMESPACE && kind === 'require-call' ? 'import-statement' : kind
        const found = await build.resolve(path, {importer, resolveDir, namespace, kind: as, pluginData: SEEN})
        const isModule = found.namespace === 'file' && !found.external && /\.m?js$/.test(found.path)
        return isModule && ES_MODULE.test(await readFile(found.path, 'utf8'))
          ? {path: found.path, namespace: NAMESPACE}
          : found
      })
      build.onLoad({filter: /.*/, namespace: NAMESPACE}, async ({path}) => ({
        contents: await asCommonJs(edit(path, await readFile(path, 'utf8')), path),
        resolveDir: dirname(path),
      }))
    },
  }
}

/** Where esbuild does not look for a package.json, by whose `type` it would take the file for an ES module again. */
export const NAMESPACE = 'was-module'
const SEEN = {}
const ES_MODULE = /^(?:import\b(?!\()|export\b)/m

async function asCommonJs(source: string, path: string): Promise<string> {
  const {code} = await transform(source, {
    format: 'cjs',
    target: 'node20',
    platform: 'node',
    sourcefile: path,
    define: {'import.meta.url': '__parixBundle.url'},
  })
  return `const {${NAMES.join(',')}} = require("parix:interop");\n${code.replace(HELPERS, '')}`
}

/** What esbuild puts before each file that it makes CommonJS: once for all files here. */
const HELPERS = /^var __\w+ = .*\n(?:[ )}].*\n)*/gm
const NAMES = ['__export', '__reExport', '__toESM', '__toCommonJS']

const INTEROP = `
const copy = (to, from) => {
  for (const name of Object.getOwnPropertyNames(from))
    if (name !== 'default' && name !== '__esModule' && !Object.hasOwn(to, name))
      Object.defineProperty(to, name, {get: () => from[name], enumerable: true})
  return to
}
exports.__export = (to, all) => {
  for (const name in all) Object.defineProperty(to, name, {get: all[name], enumerable: true})
}
exports.__reExport = (to, from) => copy(to, from)
exports.__toCommonJS = (exported) => Object.defineProperty(exported, '__esModule', {value: true})
const seen = new Map()
exports.__toESM = (module) => {
  if (module?.__esModule) return module
  if (!seen.has(module)) seen.set(module, copy(Object.defineProperty({}, 'default', {value: module, enumerable: true}), module ?? {}))
  return seen.get(module)
}`
