/** A JSON object of somebody else's. Read its members by `member` only: it may have any names. */
export type JsonObject = Readonly<Record<string, unknown>>

/** What that member is, if the object has it itself. */
export const member = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** A part of a token: base64url of a JSON object in UTF-8; undefined if it is anything else. */
export function readPart(part: string): JsonObject | undefined {
  try {
    const bytes = Buffer.from(part, 'base64url')
    const value: unknown = JSON.parse(UTF_8.decode(bytes))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return value as JsonObject
  } catch {
    return undefined
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
