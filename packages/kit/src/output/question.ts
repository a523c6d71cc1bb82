import {type NextStep, ParixError} from '../errors.js'
import {clean} from '../text.js'
import type {Terminal} from './terminal.js'

export interface Question {
  /** Shown as it is, followed by a space. */
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
        // Ctrl-D leaves the cursor after the question; the error begins on a line of its own.
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

/** What somebody is about to end for good, and how they are asked. */
export interface Subject {
  /** What has to be typed. */
  name: string
  /** What `--confirm` may say in place of the name, such as an id. */
  alike?: readonly string[]
  /** What will be gone, with all that tells it from others; called only where there is somebody to read it. */
  asked(): Promise<string>
  /** `Type its name to remove it for good:` */
  prompt: string
  /** What holds without a yes: `Nothing was removed`. */
  undone: string
  /** The command that asks nothing. */
  next: NextStep
}

export interface Confirmation {
  /** `--confirm NAME`. */
  confirm?: string | undefined
  /** `--yes`. */
  yes: boolean
}

/**
 * What can't be undone: the name has to be typed, or given by `--confirm` (rule 5).
 *
 * @throws ParixError CANCELLED, BAD_INPUT (another name was confirmed), USAGE (nobody can be asked)
 */
export async function confirmByName(
  subject: Subject,
  {confirm, yes}: Confirmation,
  terminal: Pick<Terminal, 'ask' | 'warn'>,
): Promise<void> {
  const {name, alike = [], undone} = subject
  if (confirm !== undefined) {
    if (confirm === name || alike.includes(confirm)) return
    throw new ParixError(
      'BAD_INPUT',
      `${undone}: --confirm says ${JSON.stringify(confirm)}, but this is ${JSON.stringify(name)}.`,
      {code: 'wrong_confirmation'},
    )
  }
  if (yes) return
  if (terminal.ask === undefined) {
    throw new ParixError('USAGE', `${undone}: nobody can be asked here. Give --confirm with its name, or --yes.`, {
      code: 'confirmation_needed',
      next: subject.next,
    })
  }
  terminal.warn(await subject.asked())
  const typed = await terminal.ask({text: subject.prompt})
  if (typed.trim() === name) return
  throw new ParixError('CANCELLED', `Cancelled: that is not its name. ${undone}.`)
}
