import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'

type FileFunction = (...args: unknown[]) => unknown

/** By the path that they are given first. */
const BY_PATH = [
  'openSync',
  'mkdirSync',
  'mkdtempSync',
  'renameSync',
  'linkSync',
  'unlinkSync',
  'rmSync',
  'readdirSync',
  'readFileSync',
  'statSync',
  'lstatSync',
] as const
/** By a descriptor of a file that was opened below the directory. */
const BY_DESCRIPTOR = ['writeSync', 'readSync', 'fsyncSync', 'fdatasyncSync', 'ftruncateSync'] as const

type FileCall = (typeof BY_PATH)[number] | (typeof BY_DESCRIPTOR)[number] | 'fdatasync'

export interface FailingDiskOptions {
  /** Calls that may fail. */
  calls?: readonly FileCall[]
  code?: 'ENOSPC' | 'EACCES' | 'EIO' | 'EROFS'
  /** Only the call after the first `allowed` fails; all from there on without it, as on a full disk. */
  once?: boolean
  /** A write that fails takes half of its bytes first. */
  half?: boolean
}

export interface FailingDisk {
  restore(): void
  /** How many calls failed. */
  refused(): number
  /** The first of those that failed. */
  first(): string | undefined
}

/** What a process writes with. */
export const WRITES: readonly FileCall[] = ['writeSync', 'fdatasyncSync', 'fsyncSync', 'fdatasync']
/** What makes files appear and disappear as well. */
export const CHANGES: readonly FileCall[] = [
  ...WRITES,
  'openSync',
  'mkdirSync',
  'mkdtempSync',
  'renameSync',
  'linkSync',
  'ftruncateSync',
]

/** Makes this process's file calls below `directory` fail after the first `allowed`, until they are restored. */
export function failDisk(
  directory: string,
  allowed: number,
  {calls = WRITES, code = 'ENOSPC', once = false, half = false}: FailingDiskOptions = {},
): FailingDisk {
  const functions = fs as unknown as Record<string, FileFunction>
  const originals = new Map<string, FileFunction>()
  const descriptors = new Set<unknown>()
  let made = 0
  let refused = 0
  let first: string | undefined
  const error = (name: string) => Object.assign(new Error(`${code}: the disk refuses, ${name}`), {code})
  const fails = (name: string): boolean => {
    if (!calls.includes(name as FileCall)) return false
    const place = made++
    if (place < allowed || (once && place > allowed)) return false
    refused++
    first ??= name
    return true
  }
  const replace = (name: string, replacement: (original: FileFunction) => FileFunction) => {
    const original = functions[name]!
    originals.set(name, original)
    functions[name] = replacement(original)
  }
  for (const name of BY_PATH)
    replace(name, (original) => (...args) => {
      const isBelow = String(args[0]).startsWith(directory)
      if (isBelow && fails(name)) throw error(name)
      const result = original(...args)
      if (isBelow && name === 'openSync') descriptors.add(result)
      return result
    })
  replace('closeSync', (original) => (...args) => {
    descriptors.delete(args[0])
    return original(...args)
  })
  for (const name of BY_DESCRIPTOR)
    replace(name, (original) => (...args) => {
      if (!descriptors.has(args[0]) || !fails(name)) return original(...args)
      if (half && name === 'writeSync') writeHalf(original, args)
      throw error(name)
    })
  replace('fdatasync', (original) => (...args) => {
    if (!descriptors.has(args[0]) || !fails('fdatasync')) return original(...args)
    setImmediate(() => (args[1] as (error: Error) => void)(error('fdatasync')))
    return undefined
  })
  syncBuiltinESMExports()
  return {
    restore() {
      for (const [name, original] of originals) functions[name] = original
      syncBuiltinESMExports()
    },
    refused: () => refused,
    first: () => first,
  }
}

/**
 * Keeps the `place`-th sync of this process that is not waited for, from 0, until `until`.
 *
 * @param error what it ends with then; nothing is synced
 * @returns what ends it
 */
export function holdSync(place: number, until: Promise<void>, error?: Error): () => void {
  const original = fs.fdatasync
  let made = 0
  const sync = (descriptor: number, done: fs.NoParamCallback) => {
    if (made++ !== place) original(descriptor, done)
    else void until.then(() => (error ? done(error) : original(descriptor, done)))
  }
  Object.assign(fs, {fdatasync: sync})
  syncBuiltinESMExports()
  return () => {
    Object.assign(fs, {fdatasync: original})
    syncBuiltinESMExports()
  }
}

/** Of a write with or without a place in the buffer and the file, the first half. */
function writeHalf(write: FileFunction, [descriptor, bytes, offset, length, position]: unknown[]): void {
  const from = (offset as number | undefined) ?? 0
  const size = (length as number | undefined) ?? (bytes as Uint8Array).length - from
  write(descriptor, bytes, from, size >> 1, position ?? null)
}

/**
 * Does `work` again and again, each time with the next of its file calls failing, until none fails.
 *
 * @param work is given the directory that file calls fail below, and how many of them pass
 * @param check what is left, with the error that `work` ended with
 * @returns how many calls failed, each in a run of its own
 */
export async function atEachFileCall(
  prepare: () => string,
  options: FailingDiskOptions,
  work: (directory: string) => unknown,
  check: (found: {directory: string; error: unknown; call: string; allowed: number}) => unknown,
): Promise<number> {
  for (let allowed = 0; ; allowed++) {
    const directory = prepare()
    const disk = failDisk(directory, allowed, options)
    let error: unknown
    try {
      await work(directory)
    } catch (caught) {
      error = caught
    } finally {
      disk.restore()
    }
    if (disk.refused() === 0) {
      if (error !== undefined) throw error
      return allowed
    }
    await check({directory, error, call: disk.first()!, allowed})
  }
}
