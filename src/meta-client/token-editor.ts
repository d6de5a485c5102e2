import {
  type Created,
  readCreated,
  readListOf,
  readSubscriptionInfo,
  readTokenInfo,
  type SubscriptionInfo,
  type TokenInfo,
  type TokenPermission,
} from './documents/token-document.js'
import { readJson } from './wire/answer-json.js'
import type { Deliver, Delivered } from './wire/deliver.js'
import type { Answer } from './wire/meta-exchange.js'
import type { Method } from './wire/send.js'
import { isTokenNotFound, readFrom, refused } from './wire/verdict.js'

export interface TokenCreation {
  readonly description: string
  readonly permissions: readonly TokenPermission[]
  /** ISO 8601. @default never */
  readonly expiresAt?: string | undefined
}

export interface TokenChange {
  readonly description?: string | undefined
  readonly permissions?: readonly TokenPermission[] | undefined
  /** ISO 8601; null for never. */
  readonly expiresAt?: string | null | undefined
}

export interface SubscriptionCreation {
  readonly database: string
  readonly policy: string
  readonly name: string
  readonly gateway?: string | undefined
}

/** Own tokens, at `/api/v0/tokens`. */
export interface TokenEditor {
  /** Those that the caller may see: their own; all of them, for administrators and auditors. */
  list(): Promise<readonly TokenInfo[]>
  /** Undefined if there is none, or none that the caller may see. */
  get(id: string): Promise<TokenInfo | undefined>
  /** It is asked of one node only: what is not answered is not repeated, for it would make a second token. */
  create(token: TokenCreation): Promise<Created<TokenInfo>>
  update(id: string, change: TokenChange): Promise<TokenInfo>
  revoke(id: string): Promise<void>
}

/** Tokens of subscriptions, at `/api/v0/subscriptions`. */
export interface SubscriptionEditor {
  list(): Promise<readonly SubscriptionInfo[]>
  get(id: string): Promise<SubscriptionInfo | undefined>
  create(subscription: SubscriptionCreation): Promise<Created<SubscriptionInfo>>
  revoke(id: string): Promise<void>
}

const TOKENS = '/api/v0/tokens'
const SUBSCRIPTIONS = '/api/v0/subscriptions'

/** @param secrets what no error may show */
export function createTokenEditors(
  deliver: Deliver,
  secrets: readonly string[],
): { tokens: TokenEditor; subscriptions: SubscriptionEditor } {
  async function ask<T>(
    target: string,
    read: (answer: Answer) => T,
    method: Method = 'GET',
    body?: object,
  ): Promise<T> {
    const json = body && JSON.stringify(body)
    const isRepeatable = method !== 'POST'
    const delivered = await deliver({ target, method, json, secrets, isRepeatable })
    if (delivered.answer.status >= 300) throw refused(delivered, secrets, target)
    return readFrom(delivered.node, () => read(delivered.answer))
  }

  async function find<T>(target: string, read: (value: unknown) => T): Promise<T | undefined> {
    const delivered: Delivered = await deliver({ target, secrets })
    if (isTokenNotFound(delivered.answer)) return undefined
    if (delivered.answer.status >= 300) throw refused(delivered, secrets, target)
    return readFrom(delivered.node, () => read(readJson(delivered.answer)))
  }

  const at = (path: string, id: string) => `${path}/${encodeURIComponent(id)}`

  return {
    tokens: {
      list: () => ask(TOKENS, readListOf(readTokenInfo)),
      get: (id) => find(at(TOKENS, id), readTokenInfo),
      create: (token) => ask(TOKENS, readCreated(readTokenInfo), 'POST', token),
      update: (id, change) =>
        ask(at(TOKENS, id), (answer) => readTokenInfo(readJson(answer)), 'PATCH', change),
      revoke: (id) => ask(at(TOKENS, id), nothing, 'DELETE'),
    },
    subscriptions: {
      list: () => ask(SUBSCRIPTIONS, readListOf(readSubscriptionInfo)),
      get: (id) => find(at(SUBSCRIPTIONS, id), readSubscriptionInfo),
      create: (subscription) =>
        ask(SUBSCRIPTIONS, readCreated(readSubscriptionInfo), 'POST', subscription),
      revoke: (id) => ask(at(SUBSCRIPTIONS, id), nothing, 'DELETE'),
    },
  }
}

const nothing = () => undefined
