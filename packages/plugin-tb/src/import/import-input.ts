import {createWriteStream, mkdtempSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {makeDirectory} from '@parix/files/atomic-write'
import {currentDirectory} from '@parix/files/paths'
import {ParixError} from '@parix/kit/errors'
import {stringifyJson} from '@parix/kit/json'
import {startProgress, type Terminal} from '@parix/kit/output'
import {readItems} from '../input/documents.js'
import {readSource} from '../input/source.js'
import {createProblems} from '../records/problems.js'
import {digestOfFile} from './checked.js'
import type {ImportCall} from './import-call.js'
import {formatOf, type RowFormat} from './read-rows.js'

export interface ImportInput {
  /** For errors, and for the file of refused rows. */
  name: string
  path: string
  format: RowFormat
  /** What identifies the input: its absolute path, or the digest of what came by stdin. */
  key: string
  refusedPath: string
  /** Removes what was written for this import, when it is complete. */
  done?: () => void
}

/** stdin and JSON arrays are written to a file first, from which the import can go on. */
export async function prepareInput({file, flags, terminal}: ImportCall, directory: string): Promise<ImportInput> {
  if (file !== '-' && flags.format !== 'json' && !file.endsWith('.json')) {
    assertFile(file)
    const path = resolve(currentDirectory(), file)
    return {
      name: file,
      path,
      format: flags.format ?? (await formatOf(file, path)),
      key: path,
      refusedPath: `${path}.refused.ndjson`,
    }
  }
  makeDirectory(directory)
  const temporary = mkdtempSync(join(directory, '.input-'))
  const remove = () => rmSync(temporary, {recursive: true, force: true})
  const path = join(temporary, 'input')
  try {
    let {format} = flags
    if (format === 'json' || file.endsWith('.json')) {
      await writeItems(file, terminal, path)
      format = 'ndjson'
    } else await spool(terminal, path)
    const digest = await digestOfFile(path)
    const name = file === '-' ? 'stdin' : file
    const kept = join(directory, `input-${digest.slice(0, 32)}`)
    renameSync(path, kept)
    remove()
    const key = file === '-' ? `stdin:${digest}` : resolve(currentDirectory(), file)
    return {
      name,
      path: kept,
      format: format === 'csv' || format === 'ndjson' ? format : await formatOf(name, kept),
      key,
      done: () => rmSync(kept, {force: true}),
      refusedPath: file === '-' ? `${kept}.refused.ndjson` : `${resolve(currentDirectory(), file)}.refused.ndjson`,
    }
  } catch (error) {
    remove()
    throw error
  }
}

function assertFile(file: string): void {
  const found = statSync(file, {throwIfNoEntry: false})
  if (found === undefined)
    throw new ParixError('BAD_INPUT', `There is no file ${file}. Nothing was sent.`, {code: 'no_file'})
  if (!found.isFile()) throw new ParixError('BAD_INPUT', `${file} is not a file. Nothing was sent.`, {code: 'no_file'})
}

/** A pipe may stall: how much has come is on the screen meanwhile. */
async function spool(terminal: Terminal, path: string): Promise<void> {
  if (terminal.is.stdin) terminal.warn('Reading rows from the keyboard; Ctrl-D on a new line ends them.')
  let bytes = 0
  const state = () => ({text: 'Reading stdin', done: bytes, unit: 'bytes'})
  const progress = startProgress(terminal, state())
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length
      progress.update(state())
      yield chunk
    }
  }
  await pipeline(process.stdin, count, createWriteStream(path, {mode: 0o600})).finally(progress.end)
}

async function writeItems(file: string, terminal: Terminal, path: string): Promise<void> {
  const source = (await readSource({file}, terminal))!
  const problems = createProblems()
  const items = readItems(source, problems)
  problems.throwIfAny(source.name)
  writeFileSync(path, items.map(({value}) => `${stringifyJson(value, 0)}\n`).join(''), {mode: 0o600})
}
