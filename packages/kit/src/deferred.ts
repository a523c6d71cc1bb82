export interface Deferred<T> {
  promise: Promise<T>
  resolve(value: T): void
  reject(reason: Error): void
}

/** A promise that others settle: `Promise.withResolvers`, which Node has from 22 on. */
export function deferred<T = void>(): Deferred<T> {
  let settle!: Pick<Deferred<T>, 'resolve' | 'reject'>
  const promise = new Promise<T>((resolve, reject) => {
    settle = {resolve, reject}
  })
  return {promise, ...settle}
}
