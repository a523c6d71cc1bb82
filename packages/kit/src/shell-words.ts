import {clean} from './text.js'

/**
 * A command as it can be pasted into a POSIX shell (and into PowerShell, as single quotes mean the same there): words
 * are quoted where they must be. For the commands that errors and notices give to go on with.
 */
export function commandLine(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

/** The words in which flags can be: all before `--` (POSIX.1-2017 §12.2, guideline 10). */
export function beforeDoubleDash(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end === -1 ? argv : argv.slice(0, end)
}

function quoteWord(word: string): string {
  if (clean(word) !== word) return quoteBytes(word)
  // zsh reads a word that begins with `=` as the path of a command.
  if (/^[A-Za-z0-9_\-./:@%+,][A-Za-z0-9_\-./:=@%+,]*$/.test(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}

/**
 * A name of the service that holds escape sequences is still a word to paste, and does nothing to the terminal that shows
 * it (threats 7.9): bytes in octal, which bash, zsh and ksh read between `$'` and `'`.
 */
function quoteBytes(word: string): string {
  const octal = [...Buffer.from(word)].map((byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, '0')}`,
  )
  return `$'${octal.join('')}'`
}
