/** Bytes that are compared, and digits that are passed over, four at a time: most of a row is one or the other. */

const [ZERO, NINE] = [0x30, 0x39]

/** Bytes to compare with, and the fours of them as integers. */
export interface Literal {
  bytes: Uint8Array
  fours: Int32Array
  /** The last four, which may lie across two of those; 0 where there are fewer bytes. */
  last: number
}

/** @param text of ASCII, or bytes, which are copied */
export function literalOf(text: string | Uint8Array): Literal {
  const bytes = Uint8Array.from(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
  const view = new DataView(bytes.buffer)
  const fours = Int32Array.from({length: bytes.length >>> 2}, (_, index) => view.getInt32(4 * index, true))
  return {bytes, fours, last: bytes.length < 4 ? 0 : view.getInt32(bytes.length - 4, true)}
}

export function viewOf(buffer: Uint8Array): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
}

/** @param view of `buffer`, see `viewOf` */
export function isAt({bytes, fours, last}: Literal, buffer: Uint8Array, view: DataView, start: number): boolean {
  const end = start + bytes.length
  if (end > buffer.length) return false
  if (fours.length === 0) {
    for (let index = 0; index < bytes.length; index++) if (buffer[start + index] !== bytes[index]) return false
    return true
  }
  for (let index = 0; index < fours.length; index++)
    if (view.getInt32(start + 4 * index, true) !== fours[index]) return false
  return view.getInt32(end - 4, true) === last
}

/** Where the digits that begin at `start` end. */
export function endOfDigits(buffer: Uint8Array, view: DataView, start: number): number {
  let at = start
  for (const end = buffer.length - 4; at <= end; at += 4) {
    if (!areDigits(view.getInt32(at, true))) break
  }
  while (buffer[at]! >= ZERO && buffer[at]! <= NINE) at++
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

/** 0 to 9 are 0x30 to 0x39: none of the four has another upper half, or one above 9 once 6 is added to it. */
function areDigits(four: number): boolean {
  return (four & 0xf0f0f0f0) === 0x30303030 && ((four + 0x06060606) & 0xf0f0f0f0) === 0x30303030
}
