import fs, {readdirSync} from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'
import {dirname} from 'node:path'

// As exFAT answers.
fs.linkSync = () => {
  throw Object.assign(new Error('not permitted'), {code: 'EPERM'})
}
syncBuiltinESMExports()
const {tryLock} = await import('@parix/files/lock')
const path = process.argv[2]!
const first = tryLock(path, {stale: 'process'})
const second = tryLock(path, {stale: 'process'})
const held = 'lock' in first && first.lock.isHeld()
if ('lock' in first) first.lock.release()
process.stdout.write(`held ${held}, second ${'lock' in second}, left: ${readdirSync(dirname(path)).length}\n`)
