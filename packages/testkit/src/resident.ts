import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {fstatSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {TestHome} from './home.js'
import type {RunOptions, RunResult} from './run.js'

const RESIDENT = fileURLToPath(new URL('../bin/resident.cjs', import.meta.url))

export type RunResident = (
  words: readonly string[],
  options: {home: TestHome} & Pick<RunOptions, 'env' | 'cwd' | 'timeoutMs'>,
) => Promise<ResidentResult>

export interface ResidentResult extends RunResult {
  /**
   * The most that the process has had since it began, in KiB: of this command or one before. Undefined when the command ended
   * the process.
   */
  peakMemoryKiB?: number | undefined
}

const running = new Set<ChildProcess>()

/**
 * Each command line leaves the whole CLI behind as garbage: more room for it, and no threads that compete with those of other
 * tests. From a small heap on, V8 marks all of it at every fourth command, a quarter of what a command takes.
 */
const GARBAGE = [
  '--single-threaded-gc',
  '--min-semi-space-size=16',
  '--max-semi-space-size=16',
  '--initial-old-space-size=128',
]

/** What it grows to with that much garbage, and not beyond: with less it is ended, and all is compiled again, every 20 commands. */
const LARGE_MIB = 256

/**
 * A process that runs command lines of a built CLI, one after the other; see `residentParix`. It ends with this one.
 *
 * @param bin the CLI's `run.js`
 * @param nodeOptions such as `--import=…`
 * @param largeMib a command after which the process has more memory than this is its last
 */
export function startResident(
  bin: string,
  nodeOptions: readonly string[] = [],
  largeMib: number = LARGE_MIB,
): RunResident {
  let child: ChildProcess | undefined
  let last: Promise<unknown> = Promise.resolve()
  const output = outputFiles()

  const run: RunResident = async (words, {home, env, cwd = process.cwd(), timeoutMs = 60_000}) => {
    if (child === undefined || !running.has(child))
      child = await startChild([bin, String(largeMib)], nodeOptions, output.files)
    output.clear()
    const begun = performance.now()
    // Code that was compiled once is still there.
    const given = Object.entries({...home.environment, PARIX_NO_CODE_CACHE: '1', ...env})
    child.send({words, env: Object.fromEntries(given.filter(([, value]) => value !== undefined)), cwd})
    const ended = await end(child, timeoutMs)
    if (!ended.stays) {
      running.delete(child)
      child.kill('SIGKILL')
    }
    const [stdoutBytes, stderr] = [output.read(0), output.read(1).toString('utf8')]
    if (ended.killed) throw new Error(`Killed after its time limit: ${words.join(' ')}\n${stdoutBytes}\n${stderr}`)
    const {code, signal, peakMemoryKiB} = ended
    const milliseconds = performance.now() - begun
    return {stdout: stdoutBytes.toString('utf8'), stderr, stdoutBytes, code, signal, milliseconds, peakMemoryKiB}
  }
  return (words, options) => {
    const result = last.then(() => run(words, options))
    last = result.catch(() => {})
    return result
  }
}

/**
 * Ends the processes; another command line starts them again. A process of mocha keeps them from one test file to the next: what
 * a command leaves behind is cleared away before the next one, whichever file that is of, and the CLI need not be compiled again.
 */
export async function stopResidents(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      child.ref()
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }),
  )
}

/** stdout and stderr as files, which are written to at once: nothing is on its way when a command has ended. */
function outputFiles(): {files: number[]; clear(): void; read(index: number): Buffer} {
  const scratch = mkdtempSync(join(tmpdir(), 'parix-resident-'))
  const files = ['stdout', 'stderr'].map((name) => openSync(join(scratch, name), 'a+'))
  // They are there as long as they are open.
  rmSync(scratch, {recursive: true})
  return {
    files,
    clear: () => {
      for (const file of files) ftruncateSync(file)
    },
    read: (index) => {
      const bytes = Buffer.alloc(fstatSync(files[index]!).size)
      readSync(files[index]!, bytes, 0, bytes.length, 0)
      return bytes
    },
  }
}

async function startChild(
  words: readonly string[],
  nodeOptions: readonly string[],
  files: readonly number[],
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...GARBAGE, ...nodeOptions, RESIDENT, ...words], {
    env: {PATH: process.env.PATH},
    stdio: ['ignore', ...files, 'ipc'],
  })
  await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${RESIDENT} ended with ${code}`)))
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  // It waits for command lines; this process doesn't wait for it.
  child.unref()
  child.channel?.unref()
  return child
}

interface Ended extends Pick<ResidentResult, 'code' | 'signal' | 'peakMemoryKiB'> {
  /** The process waits for the next command line. */
  stays: boolean
  killed: boolean
}

function end(child: ChildProcess, timeoutMs: number): Promise<Ended> {
  return new Promise((resolve) => {
    let killed = false
    const timer = setTimeout(() => {
      killed = true
      child.kill('SIGKILL')
    }, timeoutMs)
    const done = (ended: Omit<Ended, 'killed'>) => {
      clearTimeout(timer)
      child.removeListener('message', onMessage)
      child.removeListener('exit', onExit)
      resolve({...ended, killed})
    }
    const onMessage = (message: Pick<Ended, 'code' | 'stays' | 'peakMemoryKiB'>) => done({...message, signal: null})
    const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
      done({code, stays: false, signal, peakMemoryKiB: undefined})
    child.once('message', onMessage as (message: unknown) => void)
    child.once('exit', onExit)
  })
}
