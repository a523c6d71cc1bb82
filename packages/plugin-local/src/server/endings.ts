export type Ending = () => void | Promise<void>

/** What has to be ended when the service closes: the latest first, as what was opened late uses what was opened early. */
export interface Endings {
  /** `first`: before all others, whenever it was added; for the port, so that no request meets a half-closed service. */
  add(ending: Ending, order?: 'first'): void
  /** Runs each once, all of them even if one fails, and then fails with the first failure. */
  run(): Promise<void>
}

export function createEndings(): Endings {
  let first: Ending[] = []
  let others: Ending[] = []
  return {
    add(ending, order) {
      if (order === 'first') first.push(ending)
      else others.push(ending)
    },
    async run() {
      const all = [...first, ...others.reverse()]
      first = []
      others = []
      const failures: unknown[] = []
      for (const ending of all) {
        try {
          await ending()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}
