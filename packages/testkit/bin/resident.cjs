/**
 * `node resident.cjs RUN_JS LARGE_MIB`: runs command lines that come as messages, one after the other, in this one process. Each begins as a
 * process does: the CLI is loaded anew, with arguments, environment, directory and exit code of its own. One that ends by
 * process.exit() ends this process; `startResident` starts another. So does one after which the process has grown to more than
 * LARGE_MIB: code that is loaded anew is never quite given back.
 */
const largeBytes = Number(process.argv[3]) * 1024 * 1024
const {peakMemoryKiB} = require('./peak-memory.cjs')

const bin = require('node:fs').realpathSync(process.argv[2])
const umask = process.umask()
const globals = new Set(Reflect.ownKeys(globalThis))
const emitters = [process, process.stdout, process.stderr]
const own = new Map()

process.on('message', ({words, env, cwd}) => {
  process.argv = [process.execPath, bin, ...words]
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  process.chdir(cwd)
  freshInput()
  // Only the command keeps the process busy now: an empty event loop is its end, as it is in a process of its own.
  process.channel.unref()
  require(bin)
  process.once('beforeExit', finish)
})

for (const emitter of emitters) own.set(emitter, listeners(emitter))

function finish() {
  process.emit('exit', process.exitCode ?? 0)
  const code = process.exitCode ?? 0
  process.exitCode = undefined
  process.umask(umask)
  for (const emitter of emitters) {
    for (const [event, listener] of listeners(emitter)) {
      const kept = own.get(emitter).some((one) => one[0] === event && one[1] === listener)
      if (!kept) emitter.removeListener(event, listener)
    }
  }
  // The connections that a process closes as it ends; the next command would be given one of them.
  for (const name of ['node:http', 'node:https']) process.getBuiltinModule(name).globalAgent.destroy()
  for (const name of Reflect.ownKeys(globalThis)) if (!globals.has(name)) delete globalThis[name]
  for (const path of Object.keys(require.cache)) if (path !== __filename) delete require.cache[path]
  process.channel.ref()
  // A stream that the command has ended can't be written to by the next one.
  const ended = process.stdout.writableEnded || process.stderr.writableEnded
  const stays = !ended && process.memoryUsage.rss() < largeBytes
  // One that does not stay is ended by its parent: that a process has ended may be known before its last message is.
  process.send({code, stays, peakMemoryKiB: peakMemoryKiB()})
}

function listeners(emitter) {
  return emitter.eventNames().flatMap((event) => emitter.rawListeners(event).map((listener) => [event, listener]))
}

/** An input that the command before has read to its end never ends again. */
function freshInput() {
  let stream
  Object.defineProperty(process, 'stdin', {
    configurable: true,
    get: () => (stream ??= require('node:fs').createReadStream('/dev/null')),
  })
}

process.send({ready: true})
