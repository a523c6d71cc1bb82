import {createReadStream} from 'node:fs'
import {ParixError} from '@parix/kit/errors'
import type {Terminal} from '@parix/kit/output'

/** A whole batch of 8,190 transfers is about 4 MB; what is larger than this is not a request of an API. */
export const INPUT_BYTES_MAX = 64 * 1024 * 1024

/**
 * A file, or stdin for `-`, read to its end before anything is sent: after a refused token the same bytes go out again
 * (threats 5.18).
 *
 * @throws ParixError BAD_INPUT when it can't be read or is too large
 */
export async function readInput(path: string, terminal: Pick<Terminal, 'say' | 'is'>): Promise<Buffer> {
  if (path === '-' && terminal.is.stdin) terminal.say('Reading the body from the keyboard. End it with Ctrl-D.')
  const stream: AsyncIterable<Buffer> = path === '-' ? process.stdin : createReadStream(path)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of stream) {
      bytes += chunk.length
      if (bytes > INPUT_BYTES_MAX) break
      chunks.push(chunk)
    }
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : (code ?? message)
    throw new ParixError('BAD_INPUT', `Nothing was sent: ${name(path)} can't be read: ${why}.`, {cause: error})
  }
  if (bytes > INPUT_BYTES_MAX) {
    const mebibytes = INPUT_BYTES_MAX / 1024 / 1024
    throw new ParixError('BAD_INPUT', `Nothing was sent: ${name(path)} is larger than ${mebibytes} MiB.`)
  }
  return Buffer.concat(chunks, bytes)
}

function name(path: string): string {
  return path === '-' ? 'stdin' : path
}
