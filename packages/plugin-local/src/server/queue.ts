/** Does one thing after another, those with the same key: different keys don't wait for each other. */
export type Queue = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function createQueue(): Queue {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const next = (last.get(key) ?? Promise.resolve()).then(work)
    const settled = next.catch(() => undefined).then(() => void (last.get(key) === settled && last.delete(key)))
    last.set(key, settled)
    return next
  }
}
