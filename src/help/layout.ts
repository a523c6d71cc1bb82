import type {Paint} from '@parix/kit/output'

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

/** Two columns; the right one is wrapped, and starts on a line of its own where the left one is too long. */
export function twoColumns(rows: [left: string, right: string][], {width}: Look): string[] {
  const left = Math.min(LEFT_COLUMNS_MAX, Math.max(...rows.map(([text]) => text.length)))
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, Math.max(20, width - left - 4))
    const fits = name.length <= left
    const first = fits ? [`${name.padEnd(left)}  ${lines[0] ?? ''}`.trimEnd()] : [name]
    return [...first, ...lines.slice(fits ? 1 : 0).map((line) => `${' '.repeat(left)}  ${line}`.trimEnd())]
  })
}

/** Breaks at blanks. A word longer than a line stays whole, and so does a line that is indented: both may be commands to copy. */
export function wrap(text: string, columns: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
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
