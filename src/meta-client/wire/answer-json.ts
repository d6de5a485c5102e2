import type { Answer } from './meta-exchange.js'
import { invalidAnswer } from './refusal.js'

/** An object out of an answer. Only `own` reads it, so that what others put on `Object.prototype` is not in it. */
export type JsonObject = object

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The JSON object in an answer's body (RFC 8259).
 *
 * @throws AuthError `ERR_META_INVALID` if the body is not UTF-8, not JSON or not an object; the body is not in
 *   the message, for it may hold password hashes
 */
export function readObject(answer: Answer): JsonObject {
  return objectOf(readJson(answer), 'the answer')
}

/** The same of any JSON. @throws AuthError `ERR_META_INVALID` if the body is not UTF-8, or not JSON */
export function readJson({ status, body }: Answer): unknown {
  try {
    return JSON.parse(UTF8.decode(body))
  } catch {
    throw invalidAnswer(`HTTP ${status} without JSON`)
  }
}

/** The object's own property; undefined if it is missing, or null, as Go prints what is empty. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key)
    ? ((object as Record<string, unknown>)[key] ?? undefined)
    : undefined
}

/** @throws AuthError `ERR_META_INVALID` if it is not an object */
export function objectOf(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw invalidAnswer(`${what} is not an object`)
}

/** The list; empty if there is none. @throws AuthError `ERR_META_INVALID` if it is something else */
export function listOf(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || Array.isArray(value)) return value ?? []
  throw invalidAnswer(`${what} is not a list`)
}

/** @throws AuthError `ERR_META_INVALID` if it is not a text */
export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw invalidAnswer(`${what} is not a text`)
}

/**
 * The list under `key` of an answer; `{}` is an empty one.
 *
 * @throws AuthError `ERR_META_INVALID` if it is something else: an answer that is not understood does not mean "none"
 */
export function onlyList(object: JsonObject, key: string): readonly unknown[] {
  if (Object.hasOwn(object, 'error')) throw invalidAnswer('an error with status 200')
  if (!Object.hasOwn(object, key) && Object.keys(object).length > 0) {
    throw invalidAnswer(`the answer has no ${key}`)
  }
  return listOf(own(object, key), key)
}

/** Whether the answer is an error with a text, as meta nodes write them: `{"error":"…"}`. */
export function errorText(object: JsonObject): string | undefined {
  const error = own(object, 'error')
  return typeof error === 'string' && error !== '' ? error : undefined
}
