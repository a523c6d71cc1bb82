export {suggest} from './suggest.js'

/**
 * Text from the service is data: a name may hold escape sequences that would move the cursor, set the clipboard (OSC 52)
 * or hide a part of the line. In human output such characters are shown as `\u001b`, never sent to the terminal.
 */
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/** `text` with control, bidirectional and invisible characters escaped; tabs and newlines stay. */
export function clean(text: string): string {
  return text.replace(UNSAFE, escapeCharacter)
}

/** As `clean`, and on one line: tabs and newlines are escaped too. For table cells and names. */
export function cleanLine(text: string): string {
  return clean(text).replace(/[\t\n]/g, (character) => (character === '\t' ? '\\t' : '\\n'))
}

/** At most `charactersMax` characters of `text`, cleaned, with an ellipsis where something was left out. */
export function excerpt(text: string, charactersMax: number): string {
  const line = cleanLine(text.trim().replace(/\s+/g, ' '))
  return line.length > charactersMax ? `${line.slice(0, charactersMax - 1).replace(/[\ud800-\udbff]$/, '')}…` : line
}

/** `text` for an error message: quoted, cut to 60 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function escapeCharacter(character: string): string {
  const point = character.codePointAt(0)!
  return point > 0xffff ? `\\u{${point.toString(16)}}` : `\\u${point.toString(16).padStart(4, '0')}`
}
