import type {Field} from './fields.js'

/** Rows as JSON in UTF-8: every field of the object, integers of 64 bits and more as strings. */
export function writeRows(rows: readonly object[], fields: readonly Field[]): Uint8Array {
  const parts = fields.map(({name, bits}, i) => {
    const quote = bits >= 64 ? '"' : ''
    return {name, before: `${i === 0 ? '{' : ','}"${name}":${quote}`, after: quote}
  })
  const written = rows.map((row) => {
    const values = row as Record<string, bigint | number>
    let text = ''
    for (const {name, before, after} of parts) text += before + values[name] + after
    return `${text}}`
  })
  return Buffer.from(`[${written.join(',')}]`, 'latin1')
}
