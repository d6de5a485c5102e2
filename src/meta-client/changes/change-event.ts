import { listOf, objectOf, own, textOf } from '../wire/answer-json.js'
import { invalidAnswer } from '../wire/refusal.js'
import type { ServerSentEvent } from './event-parser.js'

/** What a meta node reports of changes. */
export interface ChangeEvent {
  /** The place to go on from after a break. */
  readonly mark: string
  /** How many changes there were. */
  readonly index: number
  /** What has changed; undefined if it may be anything. */
  readonly changed: ChangedAccounts | undefined
}

/** What has changed. Older meta nodes know of users only. */
export interface ChangedAccounts {
  /** By name. */
  readonly users: readonly string[]
  /** Own tokens, by digest. */
  readonly tokens: readonly string[]
  /** Tokens of subscriptions, by digest. */
  readonly subscriptions: readonly string[]
  /** Roles whose permissions have changed, or that are new or gone, by name. */
  readonly roles: readonly string[]
}

/**
 * Reads an event of `GET /changes`: the id is the index, which may be followed by a hyphen and a random part; the data are
 * `{"users":["ann"],"tokens":[],…}` or `{"all":true}`.
 *
 * @throws AuthError `ERR_META_INVALID` if it is something else
 */
export function readChangeEvent({ id, data }: ServerSentEvent): ChangeEvent {
  const [mark, index] = /^(\d{1,15})(?:-[\w-]{1,32})?$/.exec(id) ?? []
  if (mark === undefined) throw invalidAnswer('an event without an index')
  const object = objectOf(parse(data), 'the event')
  if (own(object, 'all') === true) return { mark, index: Number(index), changed: undefined }
  if (own(object, 'users') === undefined) throw invalidAnswer('an event without users')
  const list = (field: keyof ChangedAccounts) =>
    listOf(own(object, field), field).map((name) => textOf(name, field))
  return {
    mark,
    index: Number(index),
    changed: {
      users: list('users'),
      tokens: list('tokens'),
      subscriptions: list('subscriptions'),
      roles: list('roles'),
    },
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    throw invalidAnswer('an event without JSON')
  }
}
