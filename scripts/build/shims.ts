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
  // oclif asks it for one fact; the rest of it is for starting PowerShell.
  'wsl-utils': `
    import isWsl from "is-wsl"
    export {isWsl}
    export const powerShellPath = async () => (await import("wsl-utils")).powerShellPath()`,
}

export function shims(): Plugin {
  return {
    name: 'shims',
    setup({onResolve, onLoad}) {
      onResolve({filter: /^(string-width|debug|wsl-utils)$/}, ({path, importer, resolveDir, namespace}) => {
        // The shim's own import is for the real one.
        return namespace === 'shim' ? undefined : {path, namespace: 'shim', pluginData: {importer, resolveDir}}
      })
      onLoad({filter: /.*/, namespace: 'shim'}, ({path, pluginData}) => ({
        contents: SHIMS[path]!,
        resolveDir: (pluginData as {resolveDir: string}).resolveDir,
      }))
    },
  }
}
