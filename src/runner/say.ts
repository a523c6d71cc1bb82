import {writeSync} from 'node:fs'
import {removeFirstLine} from '@parix/kit/first-line'
import {clean} from '@parix/kit/text'

/**
 * Says on stderr what there is to say before a command has a terminal of its own. A reader that has gone changes nothing, as
 * everywhere: neither what the command does nor its exit code.
 */
export function sayEarly(text: string): void {
  removeFirstLine()
  try {
    writeSync(2, clean(text))
  } catch {
    // Nobody reads it.
  }
}
