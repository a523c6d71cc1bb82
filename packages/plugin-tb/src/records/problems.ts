import {isParixError, ParixError} from '@parix/kit/errors'

const SHOWN_MAX = 20

/** What is wrong with the input, gathered so that a person corrects a file once and not line by line. */
export interface Problems {
  readonly count: number
  add(sentence: string): void
  /** Runs `work`; a BAD_INPUT that it throws is added, anything else passes. */
  collect<T>(work: () => T): T | undefined
  /** @throws ParixError BAD_INPUT when there was a problem */
  throwIfAny(what: string): void
}

export function createProblems(): Problems {
  const sentences: string[] = []
  let count = 0
  let next: string | undefined
  const add = (sentence: string) => {
    count++
    if (sentences.length < SHOWN_MAX) sentences.push(sentence)
  }
  return {
    get count() {
      return count
    },
    add,
    collect(work) {
      try {
        return work()
      } catch (error) {
        if (!isParixError(error) || error.kind !== 'BAD_INPUT') throw error
        add(error.message)
        if (typeof error.details.next === 'string') next ??= error.details.next
        return undefined
      }
    },
    throwIfAny(what) {
      if (count === 0) return
      const hint = next === undefined ? {} : {next}
      if (count === 1) throw new ParixError('BAD_INPUT', `${sentences[0]} Nothing was sent.`, hint)
      const more = count > sentences.length ? [`and ${count - sentences.length} more`] : []
      throw new ParixError('BAD_INPUT', `${count} things are wrong with ${what}. Nothing was sent.`, {
        errors: [...sentences, ...more],
        ...hint,
      })
    },
  }
}
