import {type NextStep, ParixError} from '../errors.js'
import type {Terminal} from './terminal.js'

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
