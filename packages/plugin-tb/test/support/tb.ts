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

let config: Promise<Config> | undefined

/**
 * Runs a command by its words inside this process, with streams, environment and exit code of its own: the real command
 * and real HTTP, without a second of start-up for each. Tests that need a process (signals, kill) use `parix` of the testkit.
 */
export async function tb(words: string | readonly string[], options: TbOptions): Promise<TbResult> {
  const args = typeof words === 'string' ? words.split(' ').filter((word) => word !== '') : [...words]
  const depth = /^(outbox|export|import)$/.test(args[0] ?? '') ? 2 : 1
  const path = args.slice(0, depth)
  config ??= Config.load({root: new URL('../../', import.meta.url).pathname}) as Promise<Config>
  const loaded = await config
  const {default: command} = await import(`../../src/commands/tb/${path.join('/')}.ts`)
  command.id = ['tb', ...path].join(':')
  const streams = {stdout: options.stdout ? failing(options.stdout) : capture(), stderr: capture()}
  const restore = replace(options, streams)
  try {
    await command.run(args.slice(depth), loaded)
    const code = Number(process.exitCode ?? 0)
    const [stdout, stderr] = [streams.stdout.text(), streams.stderr.text()]
    return {stdout, stderr, code, json: () => JSON.parse(stdout)}
  } finally {
    restore()
  }
}

function capture(): PassThrough & {text: () => string} {
  const chunks: Buffer[] = []
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
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
