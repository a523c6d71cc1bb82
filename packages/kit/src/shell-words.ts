/**
 * A command as it can be pasted into a POSIX shell (and into PowerShell, as single quotes mean the same there): words
 * are quoted where they must be. For the commands that errors and notices give to go on with.
 */
export function commandLine(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_\-./:=@%+,]+$/.test(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}
