import {mkdirSync, rmdirSync} from 'node:fs'
import {join} from 'node:path'
import {cacheDirectory, configDirectory, currentDirectory, stateDirectory} from '@parix/files/paths'

// Prints what each path is, as user `uid`, from a current directory that is gone.
const [uid, scratch] = process.argv.slice(2)
if (uid) {
  process.setgroups?.([])
  process.setuid?.(Number(uid))
}
if (scratch) {
  const gone = join(scratch, 'gone')
  mkdirSync(gone)
  process.chdir(gone)
  rmdirSync(gone)
}
const say = (work: () => string | undefined): string => {
  try {
    return work() ?? 'none'
  } catch (error) {
    return (error as Error).message
  }
}
process.stdout.write(
  JSON.stringify({
    config: say(() => configDirectory(process.env)),
    state: say(() => stateDirectory(process.env)),
    cache: say(() => cacheDirectory(process.env)),
    cwd: say(currentDirectory),
  }),
)
