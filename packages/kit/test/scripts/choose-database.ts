// Makes NAME the default database of the service NAME in the settings at PATH.
import {isParixError} from '@parix/kit/errors'
import {updateSettings} from '@parix/kit/settings'

const [path, name] = process.argv.slice(2) as [string, string]
try {
  await updateSettings(path, (settings) => {
    settings.databases = {...settings.databases, [name]: name}
  })
} catch (error) {
  if (!isParixError(error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
