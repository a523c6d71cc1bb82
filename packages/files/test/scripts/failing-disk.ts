import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'

// A disk that takes the first half of what is written and then fails, as a full one does.
const [work, path, errno] = process.argv.slice(2) as [string, string, string]
const {createFile, replaceFile, reserveReplacement} = await import('@parix/files/atomic-write')
const {tryLock} = await import('@parix/files/lock')
const reservation = work === 'commit' ? reserveReplacement(path, 1) : undefined
const write = fs.writeSync
let calls = 0
fs.writeSync = ((fd: number, bytes: Uint8Array, ...rest: number[]) => {
  if (fd <= 2) return write(fd, bytes, ...rest)
  if (++calls === 1) return write(fd, bytes, rest[0] ?? 0, Math.floor(bytes.length / 2), rest[2] ?? null)
  throw Object.assign(new Error(errno), {code: errno})
}) as typeof fs.writeSync
syncBuiltinESMExports()
try {
  if (work === 'replace') replaceFile(path, 'a new text')
  if (work === 'reserve') reserveReplacement(path, 100)
  if (work === 'commit') reservation!.commit('a new text')
  if (work === 'create') createFile(path, 'a new text')
  if (work === 'lock') tryLock(path, {stale: 'process'})
  throw new Error('did not fail')
} catch (error) {
  const {code, message, details} = error as {code: string; message: string; details?: {errno: string}}
  fs.writeSync = write
  process.stdout.write(JSON.stringify({code, message, errno: details?.errno ?? code}))
}
