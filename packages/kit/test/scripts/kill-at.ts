// Preloaded into a process: kills it (-9) before or after a call of a file function that concerns the session file.
// KILL_AT names the function, the side and the how manieth such call, such as `renameSync before 1`.
import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'

type FileFunction = (...args: unknown[]) => unknown

const [name = '', side = '', which = '1'] = (process.env.KILL_AT ?? '').split(' ')
let calls = 0
const functions = fs as unknown as Record<string, FileFunction>
const original = functions[name]
const open = fs.openSync
/** Descriptors of temporary files: `fsync` and writes name those. */
const temporary = new Set<unknown>()

function isMeant(value: unknown): boolean {
  return temporary.has(value) || (typeof value === 'string' && /session\.json\.[0-9a-f]+\.tmp$/.test(value))
}

functions.openSync = (...args) => {
  const descriptor = open(...(args as Parameters<typeof open>))
  if (isMeant(args[0])) temporary.add(descriptor)
  return descriptor
}
if (original !== undefined) {
  const inner = name === 'openSync' ? functions.openSync : original
  functions[name] = (...args) => {
    const meant = isMeant(args[0]) && ++calls === Number(which)
    if (side === 'before' && meant) process.kill(process.pid, 'SIGKILL')
    const result = inner(...args)
    if (side === 'after' && meant) process.kill(process.pid, 'SIGKILL')
    return result
  }
}
syncBuiltinESMExports()
