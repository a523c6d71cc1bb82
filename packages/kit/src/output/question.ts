import {ParixError} from '../errors.js'
import {clean} from '../text.js'

export interface Question {
  /** Shown as it is, with a space behind it. */
  text: string
  /** Ends the wait: the question is withdrawn, because the answer came by another way. */
  signal?: AbortSignal
}

/**
 * One line from the person at the keyboard, asked on stderr so that stdout stays the answer's.
 *
 * @throws ParixError CANCELLED at Ctrl-D, INTERRUPTED at Ctrl-C
 */
export async function askLine(
  question: Question,
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
): Promise<string> {
  const {createInterface} = await import('node:readline')
  const reader = createInterface({input: stdin, output: stderr})
  let answered = false
  try {
    return await new Promise<string>((resolve, reject) => {
      reader.once('SIGINT', () => {
        stderr.write('\n')
        answered = true
        reject(new ParixError('INTERRUPTED', 'Interrupted. Nothing was changed.'))
      })
      reader.once('close', () => {
        // Ctrl-D leaves the cursor behind the question; the error begins on a line of its own.
        if (!question.signal?.aborted && !answered) stderr.write('\n')
        reject(new ParixError('CANCELLED', 'Cancelled. Nothing was changed.'))
      })
      question.signal?.addEventListener('abort', () => reader.close(), {once: true})
      // It may have been withdrawn while readline was loading: an event that has passed is not heard.
      if (question.signal?.aborted) return reader.close()
      reader.question(`${clean(question.text)} `, (line) => {
        answered = true
        resolve(line)
      })
    })
  } finally {
    reader.close()
  }
}
