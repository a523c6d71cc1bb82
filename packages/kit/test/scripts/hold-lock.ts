// Enters the lock of the session store, writes down when, and leaves; with `die` it is killed inside.
import {appendFileSync} from 'node:fs'
import {setTimeout as delay} from 'node:timers/promises'
import {openSessionStore} from '@parix/kit/session'

const [log = '', mode] = process.argv.slice(2)

await openSessionStore().withLock(async () => {
  appendFileSync(log, `enter ${process.pid}\n`)
  if (mode === 'die') process.kill(process.pid, 'SIGKILL')
  await delay(5)
  appendFileSync(log, `leave ${process.pid}\n`)
})
