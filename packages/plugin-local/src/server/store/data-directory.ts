import {existsSync, readdirSync, rmdirSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {makeDirectory, replaceFile, replaceVolatileFile} from '@parix/files/atomic-write'
import {isFileError} from '@parix/files/errors'
import {distrust} from '@parix/files/ownership'
import {readPrivateText} from '@parix/files/read-private-file'
import {dataDirFault, ServiceFault} from '../faults.js'

const FILE_BYTES_MAX = 64 * 1024

/** Names inside the data directory. */
export const FILES = {
  database: 'parix.db',
  secrets: 'secrets.json',
  instance: 'service.json',
  log: 'service.log',
  /** One directory per ledger. */
  ledgers: 'ledgers',
  /** Charts of accounts that the console shows names from, one file per database. */
  charts: 'charts',
  /** Copies of ledgers, one directory per organization, one in it per snapshot. */
  snapshots: 'snapshots',
  /** Charts and bank files of demo books. */
  demo: 'demo',
} as const

/** Where chart and bank file of a database of demo books are. */
export function demoDirectory(dataDir: string, database: string): string {
  return join(dataDir, FILES.demo, encodeURIComponent(database))
}

/**
 * Creates `dataDir` (0700) if it isn't there yet. An existing one is left as it is, since it may have other uses; but nobody
 * else may be able to replace our files with theirs.
 *
 * @throws ServiceFault DATA_DIR_UNUSABLE
 */
export function prepareDataDir(dataDir: string): void {
  const stats = inDataDir(dataDir, () => {
    makeDirectory(dataDir)
    return statSync(dataDir)
  })
  const reason = distrust(stats)
  if (reason === 'not_owned') throw refuse(dataDir, `it belongs to user ${stats.uid}, not to ${process.geteuid?.()}.`)
  if (reason === 'writable_by_others')
    throw refuse(dataDir, `others can write to it. Close it: chmod go-w ${quoted(dataDir)}`)
}

function refuse(dataDir: string, reason: string): ServiceFault {
  return new ServiceFault('DATA_DIR_UNUSABLE', `The data directory ${dataDir} can't be used: ${reason}`)
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
}

/**
 * Replaces `dataDir/name` in one step, readable by its owner only: a reader sees the old content or the new, never half.
 *
 * @param durable whether it waits for the disk
 */
export function writePrivateFile(dataDir: string, name: string, content: string, durable = true): void {
  const path = join(dataDir, name)
  inDataDir(dataDir, () => (durable ? replaceFile(path, content) : replaceVolatileFile(path, content)))
}

/**
 * The content of `dataDir/name`, or undefined if there is no such file.
 *
 * @throws ServiceFault DATA_DIR_UNUSABLE if it is there and can't be read
 */
export function readPrivateFile(dataDir: string, name: string): string | undefined {
  const path = join(dataDir, name)
  try {
    return readPrivateText(path, {bytesMax: FILE_BYTES_MAX})
  } catch (error) {
    throw dataDirFault(path, causeOf(error)) ?? new ServiceFault('DATA_DIR_UNUSABLE', (error as Error).message)
  }
}

export function removePrivateFile(dataDir: string, name: string): void {
  inDataDir(dataDir, () => rmSync(join(dataDir, name), {force: true}))
}

/**
 * Removes what a service put into `dataDir`, and the directory if nothing else is in it. Whatever else a user has there
 * stays: `--data-dir` may have been a slip.
 *
 * @returns whether there was anything of ours
 * @throws ServiceFault DATA_DIR_UNUSABLE if something can't be removed
 */
export function wipeDataDir(dataDir: string): boolean {
  return inDataDir(dataDir, () => {
    const names = existsSync(dataDir) ? readdirSync(dataDir) : []
    const ours = names.filter((name) => Object.values(FILES).some((file) => name === file || isSideFile(name, file)))
    for (const name of ours) rmSync(join(dataDir, name), {recursive: true, force: true})
    if (names.length > 0 && ours.length === names.length) rmdirSync(dataDir)
    return ours.length > 0
  })
}

/** What SQLite and `writePrivateFile` put beside a file. */
function isSideFile(name: string, file: string): boolean {
  return name.startsWith(`${file}-`) || (name.startsWith(`${file}.`) && name.endsWith('.tmp'))
}

/** @throws ServiceFault for every failure of the file system in `work` */
export function inDataDir<T>(dataDir: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw dataDirFault(`The data directory ${dataDir}`, causeOf(error)) ?? error
  }
}

/** Node's own error behind one of `@parix/files`. */
function causeOf(error: unknown): unknown {
  return isFileError(error) ? (error.details.cause ?? error) : error
}
