import {appendFileSync} from 'node:fs'
import {acquireLock} from '@parix/files/lock'

const [path, log, ending] = process.argv.slice(2) as [string, string, string?]
const attempt = await acquireLock(path, {stale: 'heartbeat', waitMaxMs: 60_000})
if ('heldBy' in attempt) throw new Error('waited in vain')
appendFileSync(log, `enter ${process.pid}\n`)
if (ending === 'die') process.kill(process.pid, 'SIGKILL')
if (ending === 'exit') process.exit(0)
await new Promise((resolve) => setTimeout(resolve, 5))
if (!attempt.lock.isHeld()) throw new Error('lost the lock')
appendFileSync(log, `leave ${process.pid}\n`)
attempt.lock.release()
