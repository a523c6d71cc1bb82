import {readFileSync} from 'node:fs'
import {ParixError} from '@parix/kit/errors'
import type {Terminal} from '@parix/kit/output'

/** The flags by which objects come as JSON. */
export interface SourceFlags {
  file?: string | undefined
  payload?: string | undefined
}

export interface Source {
  text: string
  /** For errors: `--payload`, `transfers.ndjson`, `stdin`. */
  name: string
}

/**
 * The JSON that `--payload` holds, or `--file` names (`-`: stdin); undefined when neither is given.
 *
 * @throws ParixError BAD_INPUT when the file can't be read
 */
export async function readSource(flags: SourceFlags, terminal: Terminal): Promise<Source | undefined> {
  if (flags.payload !== undefined) return {text: flags.payload, name: '--payload'}
  if (flags.file === undefined) return undefined
  if (flags.file === '-') return {text: await readStdin(terminal), name: 'stdin'}
  try {
    return {text: readFileSync(flags.file, 'utf8'), name: flags.file}
  } catch (error) {
    throw new ParixError('BAD_INPUT', `${flags.file} can't be read: ${reason(error)}. Nothing was sent.`, {
      cause: error,
    })
  }
}

async function readStdin(terminal: Terminal): Promise<string> {
  if (terminal.is.stdin) terminal.warn('Reading JSON from the keyboard; Ctrl-D on a new line ends it.')
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString('utf8')
}

function reason(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  return code === 'EACCES' ? 'it may not be read' : message
}
