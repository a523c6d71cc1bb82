import {readFile} from 'node:fs/promises'
import type {Plugin} from 'esbuild'

/**
 * What is changed in the compiled code of @oclif/core, for the sake of start-up; docs/decisions/0005-start-up.md has the price
 * of each. A build fails when one of them no longer matches.
 */
const CHANGES: {file: RegExp; from: RegExp; to: string}[] = [
  // The first `localeCompare` loads ICU, which takes longer than all else that a plugin is loaded for.
  {
    file: /config[\\/]plugin\.js$/,
    from: /\.sort\(\(a, b\) => a\.id\.localeCompare\(b\.id\)\)/,
    to: '.sort((a, b) => (a.id < b.id ? -1 : 1))',
  },
  // A configuration of this very copy of oclif is not made once more for `run`, and for each command.
  {
    file: /config[\\/]config\.js$/,
    from: /if \(isConfig\(opts\)\) \{/,
    to: 'if (opts instanceof Config) return opts;\n        if (isConfig(opts)) {',
  },
]

/** oclif requires all of itself at once. Each of its requires waits until its name is first used. */
export function lazyCore(): Plugin {
  return {
    name: 'lazy-core',
    setup(build) {
      const applied = new Set<number>()
      let lazy = 0
      build.onLoad({filter: /[\\/]node_modules[\\/]@oclif[\\/]core[\\/]lib[\\/].*\.js$/}, async ({path}) => {
        let text = await readFile(path, 'utf8')
        for (const [index, {file, from, to}] of CHANGES.entries()) {
          if (!file.test(path) || !from.test(text)) continue
          text = text.replace(from, to)
          applied.add(index)
        }
        const contents = lazyRequires(text)
        if (contents !== text) lazy += 1
        return {contents, loader: 'js'}
      })
      build.onEnd(() => {
        const missing = CHANGES.filter((_, index) => !applied.has(index)).map(({from}) => String(from))
        if (lazy === 0) missing.push(String(REQUIRE))
        if (missing.length > 0)
          throw new Error(`@oclif/core is no longer as the build expects it: ${missing.join(', ')}`)
      })
    },
  }
}

/** tsc's form of an import in CommonJS; the numbered name never means anything else in the file. */
const REQUIRE = /^(?:const|var) (\w+_\d+) = ((?:__importDefault|__importStar)?\(?require\("[^"]+"\)\)?);$/gm

/** `source` with `const x_1 = require(…)` made lazy. */
export function lazyRequires(source: string): string {
  const names: string[] = []
  const declared = source.replace(REQUIRE, (_, name: string, value: string) => {
    names.push(name)
    return `let ${name}$; const ${name}$get = () => ${name}$ ??= ${value};`
  })
  return names.reduce(
    (text, name) => text.replace(new RegExp(`(?<![\\w$.])${name}(?![\\w$])`, 'g'), `(${name}$get())`),
    declared,
  )
}
