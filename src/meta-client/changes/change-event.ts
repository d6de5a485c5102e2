import { listOf, objectOf, own, textOf } from '../wire/answer-json.js'
import { invalidAnswer } from '../wire/refusal.js'
import type { ServerSentEvent } from './event-parser.js'

/** What a meta node reports of changes. */
export interface ChangeEvent {
  /** The place to go on from after a break. */
  readonly mark: string
  /** How many changes there were. */
  readonly index: number
  /** The users that changed; undefined if it may be any. */
  readonly names: readonly string[] | undefined
}

/**
 * Reads an event of `GET /changes`: the id is the index, which may be followed by a hyphen and a random part; the data are
 * `{"users":["ann"]}` or `{"all":true}`.
 *
 * @throws AuthError `ERR_META_INVALID` if it is something else
 */
export function readChangeEvent({ id, data }: ServerSentEvent): ChangeEvent {
  const [mark, index] = /^(\d{1,15})(?:-[\w-]{1,32})?$/.exec(id) ?? []
  if (mark === undefined) throw invalidAnswer('an event without an index')
  const object = objectOf(parse(data), 'the event')
  if (own(object, 'all') === true) return { mark, index: Number(index), names: undefined }
  if (own(object, 'users') === undefined) throw invalidAnswer('an event without users')
  const names = listOf(own(object, 'users'), 'users').map((name) => textOf(name, 'user'))
  return { mark, index: Number(index), names }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    throw invalidAnswer('an event without JSON')
  }
}
