import {isParixError, type ParixError} from '@parix/kit/errors'

/** The error that `work` throws; anything but a ParixError passes. @throws Error where it throws none */
export async function refusalOf(work: () => unknown): Promise<ParixError> {
  try {
    await work()
  } catch (error) {
    if (isParixError(error)) return error
    throw error
  }
  throw new Error('no error was thrown')
}

/** As `refusalOf`, for work that ends at once. */
export function refused(work: () => unknown): ParixError {
  try {
    work()
  } catch (error) {
    if (isParixError(error)) return error
    throw error
  }
  throw new Error('no error was thrown')
}

/** The sentence and the lines below it, as a person reads them. */
export function textOf({message, details}: ParixError): string {
  return [message, ...(details.errors ?? [])].join('\n')
}
