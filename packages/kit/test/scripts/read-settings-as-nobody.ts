// Prints what reading the settings at PATH gives a user without rights.
import {isParixError} from '@parix/kit/errors'
import {readSettings} from '@parix/kit/settings'

process.setgroups?.([])
process.setgid?.(65_534)
process.setuid?.(65_534)
try {
  process.stdout.write(JSON.stringify({kind: 'read', settings: readSettings(process.argv[2]!)}))
} catch (error) {
  if (!isParixError(error)) throw error
  process.stdout.write(JSON.stringify({kind: error.kind, message: error.message, next: error.details.next}))
}
