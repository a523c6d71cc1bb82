import {lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createVolatileFile} from '@parix/files/atomic-write'
import {liveness, ownIdentity, type ProcessIdentity} from '@parix/files/process-identity'

const PREFIX = 'parix-ephemeral-'
const OWNER = 'owner.json'
/** A directory without an owner is being created, unless it is as old as this. */
const OWNERLESS_MS = 60_000

/** A data directory that lives as long as this process. */
export interface EphemeralDir {
  dataDir: string
  remove(): void
}

/** Creates one (0700) in the system's temporary directory, after removing those of processes that were killed. */
export function createEphemeralDir(): EphemeralDir {
  removeLeftovers()
  const dataDir = mkdtempSync(join(tmpdir(), PREFIX))
  createVolatileFile(join(dataDir, OWNER), JSON.stringify(ownIdentity()))
  return {dataDir, remove: () => rmSync(dataDir, {recursive: true, force: true})}
}

/** Only directories of this user, whose process is certainly gone: another container may share the temporary directory. */
function removeLeftovers(): void {
  const directory = tmpdir()
  for (const name of readdirSync(directory).filter((entry) => entry.startsWith(PREFIX))) {
    const path = join(directory, name)
    try {
      const {uid, mtimeMs} = lstatSync(path)
      if (uid !== (process.getuid?.() ?? uid) || !lstatSync(path).isDirectory()) continue
      if (isLeft(path, mtimeMs)) rmSync(path, {recursive: true, force: true})
    } catch {
      // Somebody else removes it at the same time, or it is not ours to remove.
    }
  }
}

function isLeft(path: string, mtimeMs: number): boolean {
  let owner: ProcessIdentity
  try {
    owner = JSON.parse(readFileSync(join(path, OWNER), 'utf8')) as ProcessIdentity
  } catch {
    return Date.now() - mtimeMs > OWNERLESS_MS
  }
  const {alive, certain} = liveness(owner)
  return !alive && (certain || process.platform !== 'linux')
}
