import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import {join} from 'node:path'
import {dataDirFault, ServiceFault} from '../faults.js'

/** Names inside the data directory. */
export const FILES = {
  database: 'parix.db',
  secrets: 'secrets.json',
  instance: 'service.json',
  log: 'service.log',
  /** One directory per ledger. */
  ledgers: 'ledgers',
} as const

const WRITABLE_BY_OTHERS = 0o022

/**
 * Creates `dataDir` (0700) if it isn't there yet. An existing one is left as it is, since it may have other uses; but nobody
 * else may be able to replace our files with theirs.
 *
 * @throws ServiceFault DATA_DIR_UNUSABLE
 */
export function prepareDataDir(dataDir: string): void {
  const {mode, uid} = inDataDir(dataDir, () => {
    mkdirSync(dataDir, {recursive: true, mode: 0o700})
    return statSync(dataDir)
  })
  const me = process.getuid?.()
  if (me === undefined) return
  if (uid !== me) throw refuse(dataDir, `it belongs to user ${uid}, not to ${me}.`)
  if (mode & WRITABLE_BY_OTHERS)
    throw refuse(dataDir, `others can write to it. Close it: chmod go-w ${quoted(dataDir)}`)
}

function refuse(dataDir: string, reason: string): ServiceFault {
  return new ServiceFault('DATA_DIR_UNUSABLE', `The data directory ${dataDir} can't be used: ${reason}`)
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
}

/** Replaces `dataDir/name` in one step, readable by its owner only: a reader sees the old content or the new, never half. */
export function writePrivateFile(dataDir: string, name: string, content: string): void {
  const path = join(dataDir, name)
  const temporary = `${path}.${process.pid}.tmp`
  inDataDir(dataDir, () => {
    try {
      const file = openSync(temporary, 'w', 0o600)
      try {
        writeSync(file, content)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, path)
    } catch (error) {
      rmSync(temporary, {force: true})
      throw error
    }
  })
}

/**
 * The content of `dataDir/name`, or undefined if there is no such file.
 *
 * @throws ServiceFault DATA_DIR_UNUSABLE if it is there and can't be read
 */
export function readPrivateFile(dataDir: string, name: string): string | undefined {
  try {
    return readFileSync(join(dataDir, name), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw dataDirFault(join(dataDir, name), error) ?? error
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
    throw dataDirFault(`The data directory ${dataDir}`, error) ?? error
  }
}
