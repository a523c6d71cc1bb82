// Preloaded into the CLI: appends to the file WATCH_LOG where the process connects to and which files it opens, and moves its
// clock by CLOCK_SHIFT_MS.
import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'
import net from 'node:net'

const {CLOCK_SHIFT_MS} = process.env
const open = fs.openSync

/** A process that runs several commands is given a file for each. */
const log = (line: string) => {
  if (process.env.WATCH_LOG) fs.appendFileSync(process.env.WATCH_LOG, `${line}\n`)
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  const [options] = (Array.isArray(args[0]) ? args[0] : args) as [{host?: string; port?: number}]
  log(`connect ${options?.host} ${options?.port}`)
  return Reflect.apply(connect, this, args)
} as typeof connect
fs.openSync = ((path: fs.PathLike, ...rest: [never]) => {
  log(`open ${path}`)
  return open(path, ...rest)
}) as typeof open
if (CLOCK_SHIFT_MS) {
  const shift = Number(CLOCK_SHIFT_MS)
  const now = Date.now
  Date.now = () => now() + shift
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now() + shift] : args, newTarget),
  })
}
syncBuiltinESMExports()
