import {type Paint, paint, plain, wantsColour} from '@parix/kit/output'

/** How help is to look: colours, and the columns at hand. */
export interface Look {
  paint: Paint
  width: number
}

const LEFT_COLUMNS_MAX = 30

/** A heading and what stands under it, indented; nothing where there is nothing to say. */
export function section(heading: string, body: string[], {paint}: Look): string[] {
  if (body.length === 0) return []
  return [paint('bold', heading), ...body.map((line) => (line === '' ? '' : `  ${line}`)), '']
}

/** Narrower than this, a right column would be a column of single words. */
const RIGHT_COLUMNS_MIN = 28

/**
 * Two columns; the right one is wrapped, and starts on a line of its own where the left one is too long. Where there is no
 * space for two, the right one goes below the left one.
 */
export function twoColumns(rows: [left: string, right: string][], {width}: Look): string[] {
  const left = Math.min(LEFT_COLUMNS_MAX, Math.max(...rows.map(([text]) => text.length)))
  if (width - left - 4 < RIGHT_COLUMNS_MIN) {
    return rows.flatMap(([name, text]) => [
      name.trim(),
      ...wrap(text, width - 6).map((line) => `    ${line}`.trimEnd()),
    ])
  }
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, width - left - 4)
    const fits = name.length <= left
    const first = fits ? [`${name.padEnd(left)}  ${lines[0] ?? ''}`.trimEnd()] : [name]
    return [...first, ...lines.slice(fits ? 1 : 0).map((line) => `${' '.repeat(left)}  ${line}`.trimEnd())]
  })
}

/**
 * Breaks at spaces. The lines of a source text are joined first: an empty line ends a paragraph. A word longer than a line stays
 * whole, and so does a line that is indented: both may be commands to copy.
 */
export function wrap(text: string, columns: number): string[] {
  return joinLines(text).flatMap((paragraph) => {
    if (/^\s/.test(paragraph)) return [paragraph]
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(/\s+/).filter((one) => one !== '')) {
      if (line !== '' && line.length + 1 + word.length > columns) {
        lines.push(line)
        line = ''
      }
      line = line === '' ? word : `${line} ${word}`
    }
    return [...lines, line]
  })
}

/** Paragraphs, indented lines and list items, each as one line. */
function joinLines(text: string): string[] {
  const joined: string[] = []
  for (const line of text.split('\n')) {
    const before = joined.at(-1)
    const goesOn =
      before !== undefined &&
      before.trim() !== '' &&
      !/^\s/.test(before) &&
      line.trim() !== '' &&
      !/^(\s|[-*] )/.test(line)
    if (goesOn) joined[joined.length - 1] = `${before} ${line}`
    else joined.push(line)
  }
  return joined
}

const COLUMNS_MAX = 110
const COLUMNS_ELSEWHERE = 80

/** How help looks on this process's stdout: long lines are hard to read, however wide the terminal is. */
export function terminalLook(argv: string[]): Look {
  const {stdout, env} = process
  const colour = wantsColour({
    isTerminal: stdout.isTTY === true,
    environment: env,
    refused: argv.includes('--no-color'),
  })
  const columns = stdout.isTTY === true ? stdout.columns || COLUMNS_ELSEWHERE : COLUMNS_ELSEWHERE
  return {paint: colour ? paint : plain, width: Math.max(40, Math.min(COLUMNS_MAX, columns))}
}
