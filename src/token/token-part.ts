import { type JsonObject, parseJsonObject } from '../text/json-object.js'

/** A part of a token: base64url of a JSON object in UTF-8; undefined if it is anything else. */
export function readPart(part: string): JsonObject | undefined {
  try {
    return parseJsonObject(UTF_8.decode(Buffer.from(part, 'base64url')))
  } catch {
    return undefined
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
