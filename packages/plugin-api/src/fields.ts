import {ParixError} from '@parix/kit/errors'

/** One `-f`: `json` is the value as JSON text, `text` as it appears in a query. */
export interface Field {
  key: string
  json: string
  text: string
}

/**
 * `key=value`: `true`, `false`, `null` and whole numbers are what they look like, everything else is text. A whole number
 * beyond 2^53 is written as text too: the service takes both, and JSON readers round such numbers without a word.
 * `key:=json`: the JSON is sent exactly as written.
 *
 * @throws ParixError BAD_INPUT
 */
export function parseFields(texts: readonly string[]): Field[] {
  const fields = texts.map(parseField)
  const seen = new Set<string>()
  for (const {key} of fields) {
    if (seen.has(key)) throw bad(`${JSON.stringify(key)} is given twice`)
    seen.add(key)
  }
  return fields
}

/** The fields as the JSON object that they make; each value is in it as it was written. */
export function fieldsBody(fields: readonly Field[]): string {
  return `{${fields.map(({key, json}) => `${JSON.stringify(key)}:${json}`).join(',')}}`
}

function parseField(text: string): Field {
  const match = /^(.*?)(:?=)(.*)$/s.exec(text)
  if (match === null) throw bad(`there is no = in ${JSON.stringify(text.slice(0, 60))}`)
  const [, key = '', sign, value = ''] = match
  if (key === '') throw bad('the name is empty')
  return sign === ':=' ? rawField(key, value.trim()) : {key, json: typedValue(value), text: value}
}

function rawField(key: string, json: string): Field {
  try {
    JSON.parse(json)
  } catch {
    throw bad(`${key}:= must be followed by JSON, such as ${key}:='["a"]'`)
  }
  return {key, json, text: json}
}

function typedValue(value: string): string {
  if (value === 'true' || value === 'false' || value === 'null') return value
  if (!/^(0|-?[1-9]\d*)$/.test(value)) return JSON.stringify(value)
  return Number.isSafeInteger(Number(value)) ? value : JSON.stringify(value)
}

function bad(reason: string): ParixError {
  return new ParixError('BAD_INPUT', `Nothing was sent: -f is wrong: ${reason}.`, {
    code: 'bad_field',
    next: "Write it like this: -f name=books -f 'ids:=[1, 2]'",
  })
}
