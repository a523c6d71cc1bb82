import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'

// Prints how often each way to replace a file waits for the disk.
const [path] = process.argv.slice(2) as [string]
const {replaceFile, replaceVolatileFile} = await import('@parix/files/atomic-write')
const sync = fs.fsyncSync
let syncs = 0
fs.fsyncSync = (fd) => {
  syncs += 1
  sync(fd)
}
syncBuiltinESMExports()
replaceFile(path, 'durable')
const durable = syncs
replaceVolatileFile(path, 'volatile')
process.stdout.write(JSON.stringify([durable, syncs - durable]))
