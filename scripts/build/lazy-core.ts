import {readFile} from 'node:fs/promises'
import type {Plugin} from 'esbuild'

/**
 * @oclif/core requires all of itself at once. Here each of its requires waits until the name is first used, so that a
 * command doesn't pay for help, themes, spinners and templates it never shows. The code is otherwise untouched; the
 * platform tests run the same commands through both.
 */
export function lazyCore(): Plugin {
  return {
    name: 'lazy-core',
    setup(build) {
      build.onLoad({filter: /[\\/]@oclif[\\/]core[\\/]lib[\\/].*\.js$/}, async ({path}) => ({
        contents: lazyRequires(await readFile(path, 'utf8')),
        loader: 'js',
      }))
    },
  }
}

/** tsc's form of an import in CommonJS; the numbered name never stands for anything else in the file. */
const REQUIRE = /^const (\w+_\d+) = ((?:__importDefault|__importStar)?\(?require\("[^"]+"\)\)?);$/gm

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
