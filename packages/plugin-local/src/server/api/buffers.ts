/**
 * Memory of large bodies, used again. A megabyte for each request and two for its response would be as much as the garbage
 * collector does for everything else. What is not given back is nobody's loss but that of the next request.
 */
export class BufferPool {
  private readonly spare: ArrayBuffer[] = []
  private readonly own = new WeakSet<ArrayBufferLike>()

  take(length: number): Buffer {
    if (length < BYTES_MIN) return Buffer.allocUnsafe(length)
    const fitting = this.spare.findIndex(({byteLength}) => byteLength >= length)
    const [memory = this.make(length)] = fitting === -1 ? [] : this.spare.splice(fitting, 1)
    return Buffer.from(memory, 0, length)
  }

  /** @param bytes a buffer that was taken, or a part of it; nobody may look at it any more */
  giveBack({buffer}: Uint8Array): void {
    if (!this.own.has(buffer) || this.spare.length === SPARE_MAX || this.spare.includes(buffer as ArrayBuffer)) return
    this.spare.push(buffer as ArrayBuffer)
  }

  private make(length: number): ArrayBuffer {
    const memory = new ArrayBuffer(2 ** Math.ceil(Math.log2(length)))
    this.own.add(memory)
    return memory
  }
}

/** Small ones are kept by the log of requests, and cost nothing. */
const BYTES_MIN = 1 << 18
const SPARE_MAX = 6
