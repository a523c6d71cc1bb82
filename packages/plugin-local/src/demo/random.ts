/** A seeded generator (mulberry32) in whole numbers alone: the same numbers on every machine and in every version of Node. */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** 32 bits. */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }

  below(limit: number): number {
    return this.word() % limit
  }

  /** @param bits a multiple of 32 */
  bits(bits: number): bigint {
    let value = 0n
    for (let done = 0; done < bits; done += 32) value = (value << 32n) | BigInt(this.word())
    return value
  }

  /** Small amounts are more frequent than large ones, as in life. */
  amount([least, most]: readonly [bigint, bigint]): bigint {
    const part = BigInt(this.below(1000)) * BigInt(this.below(1000))
    return least + ((most - least) * part) / 1_000_000n
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!
  }

  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const names = Object.keys(weights) as K[]
    let left = this.below(names.reduce((sum, name) => sum + weights[name], 0))
    for (const name of names) {
      left -= weights[name]
      if (left < 0) return name
    }
    return names[0]!
  }
}
