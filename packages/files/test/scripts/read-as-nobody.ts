import {readPrivateFile} from '@parix/files/read-private-file'

process.setgroups?.([])
process.setgid?.(65_534)
process.setuid?.(65_534)
try {
  const file = readPrivateFile(process.argv[2]!, {bytesMax: 1000})
  process.stdout.write(JSON.stringify({code: file === undefined ? 'missing' : 'read', message: ''}))
} catch (error) {
  const {code, message, details} = error as {code: string; message: string; details: object}
  process.stdout.write(JSON.stringify({code, message, ...details, cause: undefined}))
}
