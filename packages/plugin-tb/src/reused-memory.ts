/**
 * Gives the same memory at each call, new where it has to be larger: megabytes for each request, response or page would be what the
 * garbage collector is busy with most. Whoever calls is done with what is in it.
 *
 * @param spare how much larger than asked for new memory is, as a part of it: contents that become longer by a digit at a time fit
 * @returns memory of at least so many bytes
 */
export function reusedMemory(spare = 0): (bytes: number) => Buffer {
  let memory = Buffer.alloc(0)
  return (bytes) => {
    if (memory.length < bytes) memory = Buffer.allocUnsafe(bytes + Math.floor(bytes * spare))
    return memory
  }
}
