import type {Plugin} from 'esbuild'

/**
 * Packages that every start would load for something that hardly any start needs. Each stands in the bundle as a small
 * module that loads the real one when it is first needed, and then behaves as it does.
 */
const SHIMS: Record<string, string> = {
  // Column widths of text that isn't ASCII.
  'string-width': 'let real; module.exports = (text) => (real ??= require("string-width"))(text)',
  // It says nothing unless DEBUG is set, and decides that when it is loaded.
  debug: `
    const silent = () => Object.assign(() => {}, {enabled: false, extend: silent, destroy: () => true})
    module.exports = process.env.DEBUG ? require("debug") : Object.assign(silent, {enabled: () => false})`,
  // Of files of plugins alone.
  'get-package-type': 'let real; module.exports = {sync: (path) => (real ??= require("get-package-type")).sync(path)}',
  // oclif asks it for one fact, which the package looks up in four files. Of a shell in WSL, the environment says so.
  'wsl-utils': `
    const {WSL_DISTRO_NAME, WSL_INTEROP} = process.env
    export const isWsl = (WSL_DISTRO_NAME ?? WSL_INTEROP) !== undefined && require("is-wsl").default
    export const powerShellPath = async () => (await import("wsl-utils")).powerShellPath()`,
}

export function shims(): Plugin {
  return {
    name: 'shims',
    setup({onResolve, onLoad}) {
      onResolve(
        {filter: /^(string-width|debug|wsl-utils|get-package-type)$/},
        ({path, importer, resolveDir, namespace}) => {
          // The shim's own import is for the real one.
          return namespace === 'shim' ? undefined : {path, namespace: 'shim', pluginData: {importer, resolveDir}}
        },
      )
      onLoad({filter: /.*/, namespace: 'shim'}, ({path, pluginData}) => ({
        contents: SHIMS[path]!,
        resolveDir: (pluginData as {resolveDir: string}).resolveDir,
      }))
    },
  }
}

/**
 * Parts of Node that take milliseconds to load, and that a module imports at its top for what it may do later. In the
 * bundle each is loaded when the first of its names is used.
 */
const SLOW_BUILTINS = [
  'crypto',
  'fs/promises',
  'child_process',
  'readline',
  'timers/promises',
  'perf_hooks',
  'net',
  'tls',
  'tty',
  'http',
  'https',
  'http2',
  'zlib',
  'vm',
]

export function lazyBuiltins(): Plugin {
  const names = new RegExp(`^(node:)?(${SLOW_BUILTINS.join('|')})$`)
  return {
    name: 'lazy-builtins',
    setup({onResolve, onLoad}) {
      onResolve({filter: names}, ({path, namespace, kind}) => {
        // A require is left as it is: lazyCore has made oclif's lazy, and a class may extend what a package requires.
        if (namespace === 'lazy-builtin' || kind !== 'import-statement') return undefined
        return {path: path.replace('node:', ''), namespace: 'lazy-builtin', sideEffects: false}
      })
      onLoad({filter: /.*/, namespace: 'lazy-builtin'}, ({path}) => ({contents: lazyBuiltin(path)}))
    },
  }
}

/** A stand-in for the module and for any copy of its names: it loads the module when one of them is read. */
function lazyBuiltin(name: string): string {
  return `
    let real
    const load = () => real ??= require("node:${name}")
    const get = (_, key) => key === "__esModule" ? true : key === "default" ? load() : load()[key]
    const lazy = module.exports = new Proxy({}, {get, getPrototypeOf: () => lazy})`
}
