/** What `--check` found of a file: whether its requests may be under way in any order. */

import {createHash} from 'node:crypto'
import {createReadStream, statSync} from 'node:fs'
import {join} from 'node:path'
import {makeDirectory, replaceFile} from '@parix/files/atomic-write'
import {ParixError} from '@parix/kit/errors'
import {readTextIfThere} from './job-log.js'

interface Checked {
  bytes: number
  sha256: string
  /** Why the order matters; undefined where it does not. */
  ordered?: string
}

const CHECKED_FILE = 'checked.json'

/** @param directory of the job */
export async function noteCheck(directory: string, path: string, ordered: string | undefined): Promise<void> {
  makeDirectory(directory)
  const checked: Checked = {
    bytes: statSync(path).size,
    sha256: await digestOfFile(path),
    ...(ordered !== undefined && {ordered}),
  }
  replaceFile(join(directory, CHECKED_FILE), JSON.stringify(checked))
}

/** @throws ParixError USAGE unless `--check` has seen exactly this file, and that its order does not matter */
export async function assertUnordered(directory: string, name: string, path: string): Promise<void> {
  const text = readTextIfThere(join(directory, CHECKED_FILE))
  const checked = text === undefined ? undefined : (JSON.parse(text) as Checked)
  if (checked?.bytes !== statSync(path).size || checked.sha256 !== (await digestOfFile(path))) {
    throw new ParixError(
      'USAGE',
      `--unordered is for files that --check has seen as they are now, and ${name} is not one. Nothing was sent.`,
      {code: 'not_checked', hint: 'Give the same command with --check in place of --unordered first.'},
    )
  }
  if (checked.ordered === undefined) return
  throw new ParixError('USAGE', `The rows of ${name} must be sent in order: ${checked.ordered}. Nothing was sent.`, {
    code: 'order_matters',
    hint: 'Leave out --unordered.',
  })
}

export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, {highWaterMark: 1 << 20})) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
