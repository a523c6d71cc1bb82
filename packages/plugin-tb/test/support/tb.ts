import {existsSync} from 'node:fs'
import {PassThrough, Readable, Writable} from 'node:stream'
import {Config} from '@oclif/core/config'
import type {RecordingService, TestHome} from '@parix/testkit'

export interface TbOptions {
  home: TestHome
  service?: Pick<RecordingService, 'baseUrl'>
  /** On top of the home's environment. */
  env?: Record<string, string | undefined>
  stdin?: string
  cwd?: string
  /** What is wrong with stdout: a full disk, or a pipe that nobody reads. */
  stdout?: 'ENOSPC' | 'EPIPE'
}

export interface TbResult {
  stdout: string
  stderr: string
  code: number
  /** stdout, parsed strictly. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of many shapes
  json(): any
}

const ROOT = new URL('../../', import.meta.url).pathname

let config: Promise<Config> | undefined

/** Commands by path: `import()` of one that is there still asks the thread that compiles TypeScript. */
// biome-ignore lint/suspicious/noExplicitAny: a class of oclif, whose `_run` is for oclif alone
const commands = new Map<string, Promise<any>>()

/**
 * Runs a command by its words inside this process, with streams, environment and exit code of its own: the real command
 * and real HTTP, without a second of start-up for each. Tests that need a process (signals, kill) use `parix` of the testkit.
 */
export function tb(words: string | readonly string[], options: TbOptions): Promise<TbResult> {
  return command(['tb', ...split(words)], options)
}

/** As `tb`, for the other topics of this plugin: `chart`, `history`, `test`. */
export async function command(words: string | readonly string[], options: TbOptions): Promise<TbResult> {
  const all = split(words)
  config ??= Config.load({root: ROOT}) as Promise<Config>
  const loaded = await config
  const found = [3, 2, 1]
    .map((depth) => all.slice(0, depth))
    .find(
      (path) => path.every((word) => /^[\w-]+$/.test(word)) && existsSync(`${ROOT}src/commands/${path.join('/')}.ts`),
    )
  // `history` alone is the index of its directory.
  const path = found ?? [all[0]!, 'index']
  const args = all.slice(found?.length ?? 1)
  const file = path.join('/')
  if (!commands.has(file)) commands.set(file, import(`../../src/commands/${file}.ts`))
  const {default: Command} = await commands.get(file)
  Command.id = path.filter((word) => word !== 'index').join(':')
  const streams = {stdout: options.stdout ? failing(options.stdout) : capture(), stderr: capture()}
  const restore = replace(options, streams)
  try {
    // As `Command.run` does, which reads the plugin anew for each command, all commands of it.
    await new Command(args, loaded)._run()
    const code = Number(process.exitCode ?? 0)
    const [stdout, stderr] = [streams.stdout.text(), streams.stderr.text()]
    return {stdout, stderr, code, json: () => JSON.parse(stdout)}
  } finally {
    restore()
  }
}

function split(words: string | readonly string[]): string[] {
  return typeof words === 'string' ? words.split(' ').filter((word) => word !== '') : [...words]
}

function capture(): PassThrough & {text: () => string} {
  const chunks: Buffer[] = []
  const stream = new PassThrough()
  // A copy, as the operating system makes one: once it is written, its memory may be used again.
  stream.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
  return Object.assign(stream, {text: () => Buffer.concat(chunks).toString('utf8')})
}

/** The real cases are tested by processes; this is one of them in every command's own test. */
function failing(code: string): Writable & {text: () => string} {
  const stream = new Writable({write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), {code}))})
  stream.on('error', () => {})
  return Object.assign(stream, {text: () => ''})
}

function replace({home, service, env, stdin, cwd}: TbOptions, streams: Record<'stdout' | 'stderr', Writable>) {
  const before = {
    env: process.env,
    exitCode: process.exitCode,
    cwd: process.cwd(),
    streams: (['stdin', 'stdout', 'stderr'] as const).map(
      (name) => [name, Object.getOwnPropertyDescriptor(process, name)!] as const,
    ),
  }
  const wanted = {
    ...home.environment,
    PARIX_API_KEY: 'px_test',
    ...(service && {PARIX_BASE_URL: service.baseUrl}),
    PARIX_RETRY_DELAY: '1ms',
    ...env,
  }
  process.env = Object.fromEntries(
    Object.entries(wanted).filter(([, value]) => value !== undefined),
  ) as NodeJS.ProcessEnv
  process.exitCode = undefined
  process.chdir(cwd ?? home.path)
  for (const [name, value] of Object.entries({
    ...streams,
    stdin: Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]),
  })) {
    Object.defineProperty(process, name, {value, configurable: true})
  }
  return () => {
    process.env = before.env
    process.exitCode = before.exitCode
    process.chdir(before.cwd)
    for (const [name, descriptor] of before.streams) Object.defineProperty(process, name, descriptor)
  }
}
