/** A Uint32Array that doubles when it is full, for lists whose length nobody knows beforehand. */
export class GrowingWords {
  length = 0
  private words = new Uint32Array(16)

  get(i: number): number {
    return this.words[i]!
  }

  set(i: number, value: number): void {
    this.words[i] = value
  }

  push(value: number): void {
    if (this.length === this.words.length) {
      const wider = new Uint32Array(this.length * 2)
      wider.set(this.words)
      this.words = wider
    }
    this.words[this.length++] = value
  }

  /** The values so far, without a copy. */
  view(): Uint32Array {
    return this.words.subarray(0, this.length)
  }
}
