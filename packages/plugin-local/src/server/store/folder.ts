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
import {ServiceFault} from '../faults.js'

/** Names inside the data folder. */
export const FILES = {
  database: 'parix.db',
  secrets: 'secrets.json',
  instance: 'service.json',
  log: 'service.log',
  /** One folder a ledger. */
  ledgers: 'ledgers',
} as const

const WRITABLE_BY_OTHERS = 0o022

/**
 * Makes `dataDir` (0700) where it isn't there yet. One that is there stays as it is, since it may be a folder with a life
 * of its own; but nobody else may be able to put files of theirs in the place of ours.
 *
 * @throws ServiceFault DATA_DIR_UNUSABLE
 */
export function prepareDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, {recursive: true, mode: 0o700})
    const {mode, uid} = statSync(dataDir)
    const me = process.getuid?.()
    if (me === undefined) return
    if (uid !== me) throw new Error(`it belongs to user ${uid}, not to ${me}`)
    if (mode & WRITABLE_BY_OTHERS) throw new Error(`others can write to it. Close it: chmod go-w '${dataDir}'`)
  } catch (error) {
    throw new ServiceFault('DATA_DIR_UNUSABLE', `The data folder ${dataDir} can't be used: ${reason(error)}`, {
      cause: error,
    })
  }
}

/** Replaces `dataDir/name` in one step, readable by its owner only: a reader sees the old content or the new, never half. */
export function writePrivateFile(dataDir: string, name: string, content: string): void {
  const path = join(dataDir, name)
  const temporary = `${path}.${process.pid}.tmp`
  const file = openSync(temporary, 'w', 0o600)
  try {
    writeSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

/** The content of `dataDir/name`, or undefined where there is no such file. */
export function readPrivateFile(dataDir: string, name: string): string | undefined {
  try {
    return readFileSync(join(dataDir, name), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ServiceFault('DATA_DIR_UNUSABLE', `${join(dataDir, name)} can't be read: ${reason(error)}`, {
      cause: error,
    })
  }
}

export function removePrivateFile(dataDir: string, name: string): void {
  rmSync(join(dataDir, name), {force: true})
}

/**
 * Takes away what a service put into `dataDir`, and the folder where nothing else is in it. Whatever else a user has there
 * stays: `--data-dir` may have been a slip.
 *
 * @returns whether there was anything of ours
 */
export function wipeDataDir(dataDir: string): boolean {
  const names = existsSync(dataDir) ? readdirSync(dataDir) : []
  const ours = names.filter((name) => Object.values(FILES).some((file) => name === file || isSideFile(name, file)))
  for (const name of ours) rmSync(join(dataDir, name), {recursive: true, force: true})
  if (names.length > 0 && ours.length === names.length) rmdirSync(dataDir)
  return ours.length > 0
}

/** What SQLite and `writePrivateFile` put beside a file. */
function isSideFile(name: string, file: string): boolean {
  return name.startsWith(`${file}-`) || (name.startsWith(`${file}.`) && name.endsWith('.tmp'))
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
