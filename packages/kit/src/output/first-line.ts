import {writeSync} from 'node:fs'
import {basename} from 'node:path'
import {excerpt} from '../text.js'
import {type ColourWishes, wantsColour} from './colour.js'

/**
 * The line that goes away which says that a large file is being read. It can be drawn before the CLI itself is loaded, by a
 * program of which no module is shared with that of the command; so what is drawn is noted beside the modules.
 */

/** From this size on a command says what it does before it has read its file, in bytes. */
export const LARGE_FILE_BYTES = 1_000_000

/** The frame with which the animation begins. */
export const FIRST_FRAME = '⠋'

const DRAWN = Symbol.for('@parix/kit: a first line is drawn')
/** What takes a drawn line off. */
export const TAKE_OFF = '\r\u001b[K'
/** As nothing is known of the terminal yet, the line must be short: one that wraps could not be taken off again. */
const NAME_CHARACTERS_MAX = 24

type Noted = {[DRAWN]?: boolean}

/** What is said of a file that is read. */
export function readingFile(name: string, bytes: number): string {
  return `Reading ${name} (${Math.round(bytes / 1e6)} MB)`
}

/** Draws the line on stderr, which must be a terminal, unless nothing may be animated (rule 13). */
export function drawFirstLine(name: string, bytes: number, wishes: Omit<ColourWishes, 'isTerminal'>): void {
  if (!wantsColour({...wishes, isTerminal: true})) return
  try {
    const short = name.length > NAME_CHARACTERS_MAX ? basename(name) : name
    writeSync(2, `${FIRST_FRAME} ${readingFile(excerpt(short, NAME_CHARACTERS_MAX), bytes)}`)
  } catch {
    // Nobody sees it.
    return
  }
  Object.assign(globalThis, {[DRAWN]: true} satisfies Noted)
  process.once('exit', removeFirstLine)
}

/** Whether the line is there; from now on the caller is who takes it off. */
export function takeFirstLine(): boolean {
  const noted = globalThis as Noted
  const drawn = noted[DRAWN] === true
  noted[DRAWN] = false
  return drawn
}

/** Takes the line off where it is there: something else is to be said. */
export function removeFirstLine(): void {
  if (!takeFirstLine()) return
  try {
    writeSync(2, TAKE_OFF)
  } catch {
    // Nobody sees it.
  }
}
