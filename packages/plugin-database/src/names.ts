import {ParixError} from '@parix/kit/errors'

/**
 * A name for a new database. The service has the last word; this refuses what is surely a mistake, before anything is sent.
 *
 * @throws ParixError BAD_INPUT
 */
export function checkName(name: string): string {
  if (name.trim() === '') throw bad('is empty')
  if (name !== name.trim()) throw bad('begins or ends with a blank')
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) throw bad('holds a control character')
  return name
}

function bad(reason: string): ParixError {
  return new ParixError('BAD_INPUT', `Nothing was made: the name of the database ${reason}.`, {code: 'bad_name'})
}
