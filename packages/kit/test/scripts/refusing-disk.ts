// Preloaded into a process: everything below the directory DISK is on a disk that refuses writes with the errno DISK_ERRNO.
// A full disk (ENOSPC) still creates names, and takes no bytes; any other refuses every change.
import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'

type FileFunction = (...args: unknown[]) => unknown

const {DISK = '', DISK_ERRNO = ''} = process.env
const functions = fs as unknown as Record<string, FileFunction>
const descriptors = new Set<unknown>()
const refuse = (call: string) => {
  throw Object.assign(new Error(`${DISK_ERRNO}: refused, ${call}`), {code: DISK_ERRNO})
}
const isOn = (value: unknown) => descriptors.has(value) || (typeof value === 'string' && value.startsWith(DISK))

const wrap = (name: string, isRefused: (args: unknown[]) => boolean) => {
  const original = functions[name]!
  functions[name] = (...args) => (isRefused(args) ? refuse(name) : original(...args))
}
if (DISK_ERRNO !== 'ENOSPC') {
  for (const name of ['mkdirSync', 'renameSync', 'linkSync', 'unlinkSync', 'rmSync', 'chmodSync', 'utimesSync']) {
    wrap(name, ([path]) => isOn(path) && !(name === 'mkdirSync' && fs.existsSync(path as string)))
  }
  wrap('openSync', ([path, flags]) => isOn(path) && typeof flags === 'string' && flags !== 'r')
}
const open = functions.openSync!
functions.openSync = (...args) => {
  const descriptor = open(...args)
  if (isOn(args[0])) descriptors.add(descriptor)
  return descriptor
}
const close = functions.closeSync!
functions.closeSync = (...args) => {
  descriptors.delete(args[0])
  return close(...args)
}
wrap('writeSync', ([descriptor]) => descriptors.has(descriptor))
wrap('writeFileSync', ([path]) => isOn(path))
syncBuiltinESMExports()
