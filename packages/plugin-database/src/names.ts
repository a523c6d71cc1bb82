import {ParixError} from '@parix/kit/errors'

/** The service searches for names of this length at most, and looks a name up before it creates it. */
const NAME_CHARACTERS_MAX = 200

/**
 * A name for a new database. The service has the last word; this refuses what is surely a mistake, before anything is sent.
 *
 * @throws ParixError BAD_INPUT
 */
export function checkName(name: string): string {
  if (name.trim() === '') throw bad('is empty')
  if (name !== name.trim()) throw bad('begins or ends with a space')
  // Node puts U+FFFD where an argument is not UTF-8: the database would get another name than was typed.
  if (name.includes('\ufffd')) throw bad('is not valid UTF-8 (is the terminal set to another encoding?)')
  if ([...name].length > NAME_CHARACTERS_MAX) throw bad(`is longer than ${NAME_CHARACTERS_MAX} characters`)
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) throw bad('holds a control character')
  return name
}

function bad(reason: string): ParixError {
  return new ParixError('BAD_INPUT', `Nothing was created: the name of the database ${reason}.`, {code: 'bad_name'})
}
