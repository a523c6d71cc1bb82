/** Bytes that are compared eight at a time, and digits that are passed over four at a time: most of a row is one or the other. */

const [ZERO, NINE] = [0x30, 0x39]

/** Bytes to compare with, and the eights of them as floating-point numbers. */
export interface Literal {
  bytes: Uint8Array
  /** Empty where there are fewer than eight bytes, or where one of the numbers would not tell its bytes from others. */
  eights: Float64Array
  /** The last eight, which may lie across two of those. */
  last: number
}

/** @param text of ASCII, or bytes, which are copied */
export function literalOf(text: string | Uint8Array): Literal {
  const bytes = Uint8Array.from(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
  const view = viewOf(bytes)
  const eights = Float64Array.from({length: bytes.length >>> 3}, (_, index) => view.getFloat64(8 * index, true))
  const last = bytes.length < 8 ? 0 : view.getFloat64(bytes.length - 8, true)
  const exact = [...eights, last].every((eight) => eight !== 0 && !Number.isNaN(eight))
  return {bytes, eights: exact ? eights : new Float64Array(0), last}
}

export function viewOf(buffer: Uint8Array): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
}

/**
 * Two doubles that are equal have the same bytes, but for the zeros; one that is not a number equals none. `literalOf` keeps both
 * out of a literal.
 *
 * @param view of `buffer`, see `viewOf`
 */
export function isAt({bytes, eights, last}: Literal, buffer: Uint8Array, view: DataView, start: number): boolean {
  const end = start + bytes.length
  if (end > buffer.length) return false
  if (eights.length === 0) {
    for (let index = 0; index < bytes.length; index++) if (buffer[start + index] !== bytes[index]) return false
    return true
  }
  for (let index = 0; index < eights.length; index++)
    if (view.getFloat64(start + 8 * index, true) !== eights[index]) return false
  return view.getFloat64(end - 8, true) === last
}

/** Where the digits that begin at `start` end. */
export function endOfDigits(buffer: Uint8Array, view: DataView, start: number): number {
  let at = start
  // Most values are a single digit, and four bytes are looked at in vain.
  if (!isDigit(buffer[at]!) || !isDigit(buffer[++at]!)) return at
  for (const end = buffer.length - 4; at <= end; at += 4) {
    if (!areDigits(view.getInt32(at, true))) break
  }
  while (isDigit(buffer[at]!)) at++
  return at
}

/** The digits that begin at `at` as an integer, or -1 where one of the four bytes is none. @param at at least four bytes before the end */
export function fourDigits(view: DataView, at: number): number {
  const four = view.getInt32(at)
  if (!areDigits(four)) return -1
  // Pairs of digits side by side, then both pairs.
  const pairs = ((four >>> 8) & 0x000f000f) * 10 + (four & 0x000f000f)
  return (pairs >>> 16) * 100 + (pairs & 0xffff)
}

/** Not so beyond the end of a buffer. */
function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}

/** 0 to 9 are 0x30 to 0x39: none of the four has another upper half, or one above 9 once 6 is added to it. */
function areDigits(four: number): boolean {
  return (four & 0xf0f0f0f0) === 0x30303030 && ((four + 0x06060606) & 0xf0f0f0f0) === 0x30303030
}
