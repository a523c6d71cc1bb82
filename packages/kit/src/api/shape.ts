import {isJsonObject, type Json, type JsonObject, LosslessNumber} from '../json.js'

/**
 * Checks what a service sent against the contract, so that a body of another shape is an error in words and never a
 * JavaScript error or an empty success. Optional fields may be missing, or of
 * another type: they become null. Unknown fields are kept.
 */

/** Turns the body of a response into `T`. @throws UnexpectedShape */
export type Reader<T> = (body: Json) => T

/** A body that is not what the contract says. The API client makes an error with the service's name of it. */
export class UnexpectedShape extends Error {
  override readonly name = 'UnexpectedShape'
}

/** The fields of a response whose status said success. @throws UnexpectedShape, also where `ok` or `success` is false, or `ok` is null */
export function readBody(body: Json): JsonObject {
  if (body === null) throw new UnexpectedShape('it is empty')
  if (!isJsonObject(body)) throw new UnexpectedShape('it is not an object')
  // Neither yes nor no: nothing else in it is believed.
  if (body.ok === null) throw new UnexpectedShape('its "ok" is null')
  if (body.ok !== false && body.success !== false) return body
  const said = [body.message, body.error].find((text) => typeof text === 'string' && text !== '')
  throw new UnexpectedShape(`it says that the request failed${said === undefined ? '' : `: ${said}`}`)
}

/** @param name where it is, such as `databases[3]` */
export function readObject(value: Json | undefined, name: string): JsonObject {
  if (isJsonObject(value)) return value
  throw new UnexpectedShape(wrong(value, name, 'an object'))
}

export function readList(value: Json | undefined, name: string): Json[] {
  if (Array.isArray(value)) return value
  throw new UnexpectedShape(wrong(value, name, 'a list'))
}

/** Text that must be there and not empty. */
export function readText(value: Json | undefined, name: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new UnexpectedShape(value === '' ? `"${name}" is empty` : wrong(value, name, 'a text'))
}

/** Each element of a list of objects. */
export function readObjects<T>(
  value: Json | undefined,
  name: string,
  read: (fields: JsonObject, name: string) => T,
): T[] {
  return readList(value, name).map((item, index) => read(readObject(item, `${name}[${index}]`), `${name}[${index}]`))
}

/** `fields`, in which each of `names` that is there is a text or null. */
export function withTexts<Fields extends JsonObject>(fields: Fields, names: readonly string[]): Fields {
  return withChecked(fields, names, (value) => typeof value === 'string')
}

export function withNumbers<Fields extends JsonObject>(fields: Fields, names: readonly string[]): Fields {
  return withChecked(fields, names, (value) => typeof value === 'number' || value instanceof LosslessNumber)
}

export function withBooleans<Fields extends JsonObject>(fields: Fields, names: readonly string[]): Fields {
  return withChecked(fields, names, (value) => typeof value === 'boolean')
}

/** `fields`, in which each part that is there is null, or an object as its checker gives it. */
export function withObjects(fields: JsonObject, parts: Record<string, (fields: JsonObject) => JsonObject>): JsonObject {
  const checked = {...fields}
  for (const [name, check] of Object.entries(parts)) {
    const value = fields[name]
    if (value !== undefined) checked[name] = isJsonObject(value) ? check(value) : null
  }
  return checked
}

function withChecked<Fields extends JsonObject>(
  fields: Fields,
  names: readonly string[],
  is: (value: Json) => boolean,
): Fields {
  const wrong = names.filter((name) => fields[name] !== undefined && !is(fields[name]!))
  return wrong.length === 0 ? fields : {...fields, ...Object.fromEntries(wrong.map((name) => [name, null]))}
}

function wrong(value: Json | undefined, name: string, wanted: string): string {
  return value === undefined || value === null ? `"${name}" is missing` : `"${name}" is not ${wanted}`
}
