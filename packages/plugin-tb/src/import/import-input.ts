import {closeSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync, writeSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {makeDirectory} from '@parix/files/atomic-write'
import {errnoOf, reasonOf} from '@parix/files/errors'
import {currentDirectory} from '@parix/files/paths'
import {isParixError, ParixError} from '@parix/kit/errors'
import {stringifyJson} from '@parix/kit/json'
import {headOf, isArray} from '../events/event-file.js'
import {readItems} from '../input/documents.js'
import {sourceOf} from '../input/source.js'
import {pipeOf, type Spooled, spool} from '../input/spool.js'
import {createProblems} from '../records/problems.js'
import {NotAnArray} from '../rows/array-lines.js'
import {readBlocks} from './blocks.js'
import {digestOfFile} from './checked.js'
import type {ImportCall, ImportFlags} from './import-call.js'
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

/** stdin, pipes and JSON arrays are written to a file first, from which the import can go on. */
export async function prepareInput({file, flags, terminal}: ImportCall, directory: string): Promise<ImportInput> {
  const pipe = await pipeOf(file, terminal)
  const {format: given} = flags
  if (pipe === undefined && !isJson(given, file, file)) {
    const path = resolve(currentDirectory(), file)
    return {
      name: file,
      path,
      format: await rowFormat(given, file, path),
      key: path,
      refusedPath: `${path}.refused.ndjson`,
    }
  }
  let spooled: Spooled | undefined
  let temporary: string | undefined
  const remove = () => {
    spooled?.remove()
    if (temporary !== undefined) rmSync(temporary, {recursive: true, force: true})
  }
  try {
    makeDirectory(directory)
    temporary = mkdtempSync(join(directory, '.input-'))
    spooled = pipe && (await spool(terminal, {directory, bytesMax: -1, what: 'rows', pipe}))
    const path = join(temporary, 'input')
    let format = given
    if (isJson(given, file, spooled?.path ?? file)) {
      await writeItems(pipe?.name ?? file, spooled?.path ?? file, path)
      format = 'ndjson'
    } else renameSync(spooled!.path, path)
    const digest = await digestOfFile(path)
    const name = pipe?.name ?? file
    const kept = join(directory, `input-${digest.slice(0, 32)}`)
    renameSync(path, kept)
    remove()
    // A pipe has no contents of its own: its name says nothing about them.
    const key = pipe ? `stdin:${digest}` : resolve(currentDirectory(), file)
    return {
      name,
      path: kept,
      format: await rowFormat(format, name, kept),
      key,
      done: () => rmSync(kept, {force: true}),
      refusedPath: pipe ? `${kept}.refused.ndjson` : `${resolve(currentDirectory(), file)}.refused.ndjson`,
    }
  } catch (error) {
    remove()
    throw isParixError(error) || errnoOf(error) === undefined ? error : unwritable(pipe?.name ?? file, directory, error)
  }
}

/** What is said goes before the name, and an array before the name of anything else. */
function isJson(given: ImportFlags['format'], name: string, path: string): boolean {
  if (given !== undefined) return given === 'json'
  if (/\.json$/i.test(name)) return true
  try {
    // A header may begin with a bracket, too: `[id],[amount]`.
    return /^\s*\[\s*[{\]]/.test(headOf(path))
  } catch (error) {
    // Whoever reads it says that it can't be read.
    if (errnoOf(error) === undefined) throw error
    return false
  }
}

function unwritable(name: string, directory: string, error: unknown): ParixError {
  const text = `${name} can't be kept in ${directory}: ${reasonOf(error)}. Nothing was sent.`
  return new ParixError('FAILED', text, {code: 'spool_unwritable', retryable: true, cause: error})
}

function rowFormat(given: ImportFlags['format'], name: string, path: string): RowFormat | Promise<RowFormat> {
  return given === 'csv' || given === 'ndjson' ? given : formatOf(name, path)
}

/** The objects of a JSON array, one per line, as they are written, a block at a time; anything else is left to the exact reader. */
export async function writeItems(name: string, from: string, path: string): Promise<void> {
  try {
    if (isArray(from)) return await writeLines(name, from, path)
  } catch (error) {
    if (!(error instanceof NotAnArray)) throw error
  }
  const source = sourceOf(name, from)
  const problems = createProblems()
  const items = readItems(source, problems)
  problems.throwIfAny(source.name)
  writeFileSync(path, items.map(({value}) => `${stringifyJson(value, 0)}\n`).join(''), {mode: 0o600})
}

async function writeLines(name: string, from: string, path: string): Promise<void> {
  const out = openSync(path, 'w', 0o600)
  try {
    for await (const {buffer, tooLong} of readBlocks({name, path: from, array: true}, 0)) {
      if (tooLong !== undefined) throw new NotAnArray()
      for (let done = 0; done < buffer.length; ) done += writeSync(out, buffer, done)
    }
  } finally {
    closeSync(out)
  }
}
