import stringWidth from 'string-width'

/** Columns that `text` takes on a terminal: wide characters take two, combining ones none. */
export function displayWidth(text: string): number {
  return /^[\u0020-\u007e]*$/.test(text) ? text.length : stringWidth(text)
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)))
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text
}
