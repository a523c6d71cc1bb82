import {closeSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync, writeSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {makeDirectory} from '@parix/files/atomic-write'
import {currentDirectory} from '@parix/files/paths'
import {stringifyJson} from '@parix/kit/json'
import {isArray} from '../events/plain-file.js'
import {readItems} from '../input/documents.js'
import {sourceOf} from '../input/source.js'
import {pipeOf, spool} from '../input/spool.js'
import {createProblems} from '../records/problems.js'
import {NotAnArray} from '../rows/array-lines.js'
import {readBlocks} from './blocks.js'
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

/** stdin, pipes and JSON arrays are written to a file first, from which the import can go on. */
export async function prepareInput({file, flags, terminal}: ImportCall, directory: string): Promise<ImportInput> {
  const pipe = await pipeOf(file, terminal)
  const {format: given} = flags
  if (pipe === undefined && given !== 'json' && !file.endsWith('.json')) {
    const path = resolve(currentDirectory(), file)
    return {
      name: file,
      path,
      format: given ?? (await formatOf(file, path)),
      key: path,
      refusedPath: `${path}.refused.ndjson`,
    }
  }
  makeDirectory(directory)
  const spooled = pipe && (await spool(terminal, {directory, bytesMax: -1, what: 'rows', pipe}))
  const temporary = mkdtempSync(join(directory, '.input-'))
  const remove = () => {
    spooled?.remove()
    rmSync(temporary, {recursive: true, force: true})
  }
  const path = join(temporary, 'input')
  try {
    let {format} = flags
    if (format === 'json' || file.endsWith('.json')) {
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
      format: format === 'csv' || format === 'ndjson' ? format : await formatOf(name, kept),
      key,
      done: () => rmSync(kept, {force: true}),
      refusedPath: pipe ? `${kept}.refused.ndjson` : `${resolve(currentDirectory(), file)}.refused.ndjson`,
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** The objects of a JSON array, one per line, as they are written, a block at a time; anything else is left to the exact reader. */
async function writeItems(name: string, from: string, path: string): Promise<void> {
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
