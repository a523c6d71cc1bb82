import {spawn} from 'node:child_process'
import {closeSync, mkdirSync, openSync} from 'node:fs'
import {join} from 'node:path'
import {type ErrorKind, type ErrorObject, EXIT_CODES, ParixError} from '@parix/kit/errors'
import type {LocalService} from './running.js'
import {FILES} from './server/store/folder.js'

/** Variables that a process of long life has no business with. */
const NOT_PASSED_ON = ['PARIX_API_KEY']

/**
 * Runs `parix local start` in a process of its own that outlives this one and the terminal, and resolves when it is ready.
 * What it has to say afterwards goes to `service.log` in the data folder.
 *
 * @param words further flags of the command
 * @throws ParixError what the other process said, when it can't start
 */
export async function startDetached(dataDir: string, port: number, words: string[]): Promise<LocalService> {
  mkdirSync(dataDir, {recursive: true, mode: 0o700})
  const log = openSync(join(dataDir, FILES.log), 'a', 0o600)
  const env = {...process.env}
  for (const name of NOT_PASSED_ON) delete env[name]
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      process.argv[1]!,
      'local',
      'start',
      '--json',
      `--port=${port}`,
      `--data-dir=${dataDir}`,
      ...words,
    ],
    {detached: true, stdio: ['ignore', 'pipe', log], env},
  )
  closeSync(log)
  const stdout = child.stdout!
  try {
    return await readFirstDocument(stdout, child)
  } finally {
    stdout.destroy()
    child.unref()
  }
}

/** The document that the process prints when it is ready, or the error object that it ends with. */
async function readFirstDocument(stdout: NodeJS.ReadableStream, child: NodeJS.EventEmitter): Promise<LocalService> {
  let text = ''
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    stdout.once('end', resolve)
  })
  const ready = new Promise<LocalService>((resolve) => {
    stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      const document = parse(text)
      if (document && 'baseUrl' in document) resolve(document)
    })
  })
  const service = await Promise.race([ready, ended])
  if (service) return service
  throw failure(parse(text))
}

function failure(document: LocalService | ErrorObject | undefined): ParixError {
  if (!document || !('error' in document)) {
    return new ParixError('FAILED', 'The local service ended before it was ready.', {next: 'parix local start'})
  }
  const {code, message, exitCode, next} = document.error
  const kinds = Object.keys(EXIT_CODES) as ErrorKind[]
  const kind = kinds.find((candidate) => EXIT_CODES[candidate] === exitCode) ?? 'FAILED'
  return new ParixError(kind, message, {code, ...(next && {next})})
}

function parse(text: string): LocalService | ErrorObject | undefined {
  try {
    return JSON.parse(text) as LocalService | ErrorObject
  } catch {
    return undefined
  }
}
