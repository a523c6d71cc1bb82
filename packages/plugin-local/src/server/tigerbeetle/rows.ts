import type {Field} from '@parix/ledger/schema'

/** Rows as a JSON array that is written straight into the response: without a copy. */
export interface Rows {
  /** It takes no more than this. */
  readonly bytesMax: number
  /** @returns where it ends */
  writeTo(buffer: Buffer, at: number): number
}

/** Every field of the object, integers of 64 bits and more as strings. */
export function rowsOf(rows: readonly object[], fields: readonly Field[]): Rows {
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
  const text = `[${written.join(',')}]`
  return {bytesMax: text.length, writeTo: (buffer, at) => at + buffer.write(text, at, 'latin1')}
}
