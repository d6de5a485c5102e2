import { type JsonObject, member } from '../../text/json-object.js'

/** A text that is not empty, and no longer than that. */
export function textField(object: JsonObject, key: string, longest = 65_536): string | undefined {
  const value = member(object, key)
  return typeof value === 'string' && value !== '' && value.length <= longest ? value : undefined
}

/** A number of seconds; some providers write it as text. */
export function secondsField(object: JsonObject, key: string): number | undefined {
  const value = member(object, key)
  const seconds = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0
    ? seconds
    : undefined
}
