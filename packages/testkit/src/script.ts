import {mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'

/** A TypeScript script of a test, bundled so that twenty processes of it start quickly. */
export interface Script {
  /** To be run by `node PATH`. */
  readonly path: string
  remove(): void
}

/** @param url of the script, such as `new URL('./scripts/refresh.ts', import.meta.url)` */
export async function bundleScript(url: URL): Promise<Script> {
  const outdir = mkdtempSync(join(tmpdir(), 'parix-script-'))
  await build({
    entryPoints: [fileURLToPath(url)],
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outExtension: {'.js': '.mjs'},
    conditions: ['parix-source'],
    banner: {js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);"},
    logLevel: 'error',
  })
  const name = `${basename(fileURLToPath(url), '.ts')}.mjs`
  if (!readdirSync(outdir).includes(name)) throw new Error(`esbuild did not write ${name}`)
  return {path: join(outdir, name), remove: () => rmSync(outdir, {recursive: true, force: true})}
}
