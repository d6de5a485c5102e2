/** The object in an answer's body; undefined if it holds something else. */
export function parseAnswer(body: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return undefined
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined
}

/** A text that is not empty, and no longer than that. */
export function textField(
  object: Readonly<Record<string, unknown>>,
  key: string,
  longest = 65_536,
): string | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return typeof value === 'string' && value !== '' && value.length <= longest ? value : undefined
}

/** A number of seconds; some providers write it as text. */
export function secondsField(
  object: Readonly<Record<string, unknown>>,
  key: string,
): number | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  const seconds = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0
    ? seconds
    : undefined
}
