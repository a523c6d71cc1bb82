import {isParixError, ParixError} from '@parix/kit/errors'

const SHOWN_MAX = 100
const NOTES_MAX = 5

/** What is wrong with the input, gathered so that a person corrects a file once and not line by line. */
export interface Problems {
  readonly count: number
  add(sentence: string): void
  /** Something that is not wrong, but that the user must know: how a time was read. */
  note(sentence: string): void
  /** What to do about it; the first one said is kept. */
  next(step: string): void
  /** Runs `work`; a BAD_INPUT that it throws is added, anything else passes. */
  collect<T>(work: () => T): T | undefined
  /** @throws ParixError BAD_INPUT when there was a problem */
  throwIfAny(what: string): void
}

/** @param say receives the notes as they come, the first few of them */
export function createProblems(say: (sentence: string) => void = () => {}): Problems {
  const sentences: string[] = []
  let count = 0
  let notes = 0
  let nextStep: string | undefined
  const add = (sentence: string) => {
    count++
    if (sentences.length < SHOWN_MAX) sentences.push(sentence)
  }
  return {
    get count() {
      return count
    },
    add,
    next(step) {
      nextStep ??= step
    },
    note(sentence) {
      if (++notes <= NOTES_MAX) say(sentence)
    },
    collect(work) {
      try {
        return work()
      } catch (error) {
        if (!isParixError(error) || error.kind !== 'BAD_INPUT') throw error
        add(error.message)
        if (typeof error.details.next === 'string') nextStep ??= error.details.next
        return undefined
      }
    },
    throwIfAny(what) {
      if (count === 0) return
      const hint = nextStep === undefined ? {} : {next: nextStep}
      if (count === 1) throw new ParixError('BAD_INPUT', `${sentences[0]} Nothing was sent.`, hint)
      const more = count > sentences.length ? [`and ${count - sentences.length} more`] : []
      throw new ParixError('BAD_INPUT', `${count} things are wrong with ${what}. Nothing was sent.`, {
        errors: [...sentences, ...more],
        ...hint,
      })
    },
  }
}
