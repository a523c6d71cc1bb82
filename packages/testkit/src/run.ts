import {type ChildProcess, spawn} from 'node:child_process'
import {mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'

export interface RunOptions {
  /** The whole environment of the process. Give it a test home's. */
  env?: Record<string, string | undefined>
  /** Written to stdin, which is then closed; without it stdin is empty. */
  stdin?: string | Uint8Array
  /** Leaves stdin open for the test to write to. */
  keepStdinOpen?: boolean
  cwd?: string
  /** The process is killed after this long, and `run` throws; 60 s when left out. */
  timeoutMs?: number
}

export interface RunResult {
  stdout: string
  stderr: string
  stdoutBytes: Buffer
  /** Exit code; null when a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
  milliseconds: number
}

export interface Running {
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  /** Waits until the output so far matches. @throws Error when the process ends before */
  saw(pattern: RegExp, stream?: 'stdout' | 'stderr'): Promise<RegExpMatchArray>
  /** @throws Error when it had to be killed after `timeoutMs` */
  readonly result: Promise<RunResult>
}

/** Runs a program to its end and collects what it said. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return start(program, args, options).result
}

/** Starts a program, for tests that talk to it while it runs. */
export function start(program: string, args: readonly string[], options: RunOptions = {}): Running {
  const started = performance.now()
  const child = spawn(program, [...args], {
    env: options.env === undefined ? {PATH: process.env.PATH} : withoutUndefined(options.env),
    ...(options.cwd !== undefined && {cwd: options.cwd}),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const chunks = {stdout: [] as Buffer[], stderr: [] as Buffer[]}
  const text = (stream: 'stdout' | 'stderr') => Buffer.concat(chunks[stream]).toString('utf8')
  const watchers = new Set<() => void>()
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk: Buffer) => {
      chunks[stream].push(chunk)
      for (const watch of watchers) watch()
    })
  }
  // A program that ends without reading its input is not the test's concern.
  child.stdin.on('error', () => {})
  if (options.keepStdinOpen !== true) child.stdin.end(options.stdin)
  else if (options.stdin !== undefined) child.stdin.write(options.stdin)

  const commandLine = [program, ...args].join(' ')
  let killed = false
  const timer = setTimeout(() => {
    killed = true
    child.kill('SIGKILL')
  }, options.timeoutMs ?? 60_000)
  const result = new Promise<RunResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      for (const watch of watchers) watch()
      if (killed) {
        reject(new Error(`Killed after its time limit: ${commandLine}\n${text('stdout')}\n${text('stderr')}`))
        return
      }
      const stdoutBytes = Buffer.concat(chunks.stdout)
      const milliseconds = performance.now() - started
      resolve({stdout: stdoutBytes.toString('utf8'), stderr: text('stderr'), stdoutBytes, code, signal, milliseconds})
    })
  })
  // Whoever only waits for output must not be hit by an unhandled rejection.
  result.catch(() => {})

  const saw = (pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout') =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      const look = () => {
        const match = text(stream).match(pattern)
        if (match === null && child.exitCode === null && child.signalCode === null) return
        watchers.delete(look)
        if (match !== null) resolve(match)
        else reject(new Error(`${commandLine} ended before ${pattern} was seen:\n${text('stdout')}\n${text('stderr')}`))
      }
      watchers.add(look)
      look()
    })

  return {child, stdout: () => text('stdout'), stderr: () => text('stderr'), saw, result}
}

function withoutUndefined(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

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
    // Ten megabytes that each process would parse; oclif asks for it where a plugin has sources alone.
    external: ['typescript'],
    banner: {js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);"},
    logLevel: 'error',
  })
  const name = `${basename(fileURLToPath(url), '.ts')}.mjs`
  if (!readdirSync(outdir).includes(name)) throw new Error(`esbuild did not write ${name}`)
  return {path: join(outdir, name), remove: () => rmSync(outdir, {recursive: true, force: true})}
}
