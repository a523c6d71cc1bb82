import {readdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {createVolatileFile, makeDirectory, removeQuietly, temporaryPath} from '@parix/files/atomic-write'
import {distrust} from '@parix/files/ownership'
import {readPrivateFile} from '@parix/files/read-private-file'

/**
 * Compiled code, kept between runs. It is executed, so it is believed only when this user alone could have written it: a
 * regular file of theirs that nobody else may write, in a directory of theirs that nobody else may write. Whatever fails here,
 * the CLI runs as it would without: nothing is reported, nothing is retried.
 */
export interface CacheKey {
  /** Made anew by each build. */
  hash: string
  /** Which part of the CLI was run: each has a file with just the functions it needs. */
  part: string
}

const FILE_BYTES_MAX = 64 * 1024 * 1024
const SEAL_BYTES = 8

/**
 * V8 refuses a cache of another version or of other flags. Both are in the path, so that no two of them replace each other's;
 * V8's own number for them is in `node:v8`, which takes longer to load than a cache to read.
 */
export function cachePath(directory: string, {hash, part}: CacheKey): string {
  const {arch, versions, execArgv, env} = process
  const flags = sum(Buffer.from([...execArgv, env.NODE_OPTIONS ?? ''].join('\n').padEnd(4)), 1)
  return join(directory, 'code', `${hash}-${arch}-${versions.v8}-${flags.toString(16)}`, `${part}.bin`)
}

/** The cached bytes, or undefined where there are none to be trusted. */
export function readCodeCache(path: string): Buffer | undefined {
  try {
    if (distrust(statSync(dirname(path))) !== undefined) return undefined
    const file = readPrivateFile(path, {bytesMax: FILE_BYTES_MAX})
    return file && file.target === path ? unsealed(file.bytes) : undefined
  } catch {
    return undefined
  }
}

/**
 * Writes what `make` makes, whole or not at all, and removes what earlier builds left. `make` isn't called where nothing
 * can be written.
 */
export function writeCodeCache(path: string, make: () => Buffer): void {
  const temporary = temporaryPath(path)
  try {
    makeDirectory(dirname(path))
    if (distrust(statSync(dirname(path))) !== undefined) return
    createVolatileFile(temporary, '')
    writeFileSync(temporary, sealed(make()))
    renameSync(temporary, path)
    removeOlder(dirname(path))
    removeSurplus(dirname(path))
  } catch {
    removeQuietly(temporary)
  }
}

/**
 * V8 looks at the head of a cache alone, and runs what follows as it is. So a sum of the whole stands at the end: a file
 * that lost a part, as after a power cut, is distinguished from a whole one. A sample is summed, which finds every block that is gone,
 * and takes no time.
 */
function sealed(data: Buffer): Buffer {
  const seal = Buffer.alloc(SEAL_BYTES)
  seal.writeUInt32LE(data.length, 0)
  seal.writeUInt32LE(sum(data), 4)
  return Buffer.concat([data, seal])
}

function unsealed(file: Buffer): Buffer | undefined {
  if (file.length < SEAL_BYTES) return undefined
  const data = file.subarray(0, file.length - SEAL_BYTES)
  const whole = file.readUInt32LE(data.length) === data.length && file.readUInt32LE(data.length + 4) === sum(data)
  return whole ? data : undefined
}

/** FNV-1a over one word in each `step`. By default that is one in 256 bytes; a disk's blocks are larger. */
function sum({buffer, byteOffset, length}: Buffer, step = 64): number {
  // Bytes of a buffer that doesn't start at a word are moved first: only small ones don't.
  const words =
    byteOffset % 4 === 0
      ? new Uint32Array(buffer, byteOffset, length >>> 2)
      : new Uint32Array(buffer.slice(byteOffset, byteOffset + (length & ~3)))
  let hash = 0x811c9dc5
  for (let at = 0; at < words.length; at += step) hash = Math.imul(hash ^ words[at]!, 0x01000193)
  return hash >>> 0
}

/** Of other builds only: another Node's cache of this one stays. */
function removeOlder(current: string): void {
  const hash = current.slice(dirname(current).length + 1).split('-', 1)[0]!
  for (const name of readdirSync(dirname(current))) {
    if (!name.startsWith(hash)) rmSync(join(dirname(current), name), {recursive: true, force: true})
  }
}

/** Of each command up to a megabyte is kept: of more than that many, the oldest go. */
const FILES_MAX = 30

function removeSurplus(directory: string): void {
  const files = readdirSync(directory).filter((name) => name.endsWith('.bin'))
  if (files.length <= FILES_MAX) return
  const byAge = files
    .map((name) => ({path: join(directory, name), written: statSync(join(directory, name)).mtimeMs}))
    .sort((a, b) => a.written - b.written)
  for (const {path} of byAge.slice(0, files.length - FILES_MAX)) rmSync(path, {force: true})
}
