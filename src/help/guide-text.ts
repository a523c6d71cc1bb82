import type {Guide} from './guides.js'
import {type Look, section, twoColumns, wrap} from './layout.js'

/** A guide as help text. */
export function guideText({summary, intro, parts}: Guide, look: Look): string {
  const lines = [
    look.paint('bold', summary),
    '',
    ...wrap(intro, look.width),
    '',
    ...parts.flatMap(({heading, rows = [], text}) =>
      section(
        heading,
        [...(text === undefined ? [] : wrap(text, look.width - 2)), ...(rows.length > 0 ? twoColumns(rows, look) : [])],
        look,
      ),
    ),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}
