/** A module of its own: few tests load a library of random values. */

import fc, {type Arbitrary, type StringConstraints} from 'fast-check'

const [HIGH, LOW_END] = [0xd800, 0xe000]
const SURROGATES = LOW_END - HIGH

/** Any code point that is not half of a pair, each as likely. */
const codePoint = fc.nat({max: 0x10ffff - SURROGATES}).map(
  (index) => String.fromCodePoint(index < HIGH ? index : index + SURROGATES),
  (text) => {
    const point = typeof text === 'string' ? text.codePointAt(0) : undefined
    if (point === undefined || (point >= HIGH && point < LOW_END) || String.fromCodePoint(point) !== text)
      throw new Error('not one code point')
    return point < HIGH ? point : point - SURROGATES
  },
)

/**
 * The texts of `fc.string({unit: 'binary'})`, the same for the same seed. That one keeps a map of all code points in its process,
 * which takes a second to make and 134 MB for as long as the tests run.
 */
export function anyText(constraints: Omit<StringConstraints, 'unit'> = {}): Arbitrary<string> {
  return fc.string({...constraints, unit: codePoint})
}
