import {isParixError, type ParixError} from '@parix/kit/errors'

/** The ParixError that `work` throws; anything else, or nothing, fails the test. */
export async function thrown(work: Promise<unknown> | (() => unknown)): Promise<ParixError> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (isParixError(error)) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}
