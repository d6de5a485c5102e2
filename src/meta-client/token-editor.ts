import {
  readNewToken,
  readToken,
  readTokens,
  type TokenDocument,
  type TokenGrant,
} from './documents/token-document.js'
import type { Deliver, Delivered } from './wire/deliver.js'
import type { Answer } from './wire/meta-exchange.js'
import { troubled } from './wire/trouble.js'
import { isNotFound, readFrom, refused } from './wire/verdict.js'

/** What is known of a token before it is made. */
export interface NewToken {
  readonly description: string
  readonly permissions: readonly TokenGrant[]
  /** RFC 3339. @default it does not expire */
  readonly expiresAt?: string | undefined
}

/** What is to change; null for `expiresAt` is never. */
export interface TokenUpdate {
  readonly description?: string | undefined
  readonly permissions?: readonly TokenGrant[] | undefined
  readonly expiresAt?: string | null | undefined
}

/** Reads and changes own tokens at a meta node of ours, as InfluxDB 3's management API has them. Rejects as `MetaEditor` does. */
export interface TokenEditor {
  /** Those that the caller may see. */
  list(): Promise<readonly TokenDocument[]>
  get(id: string): Promise<TokenDocument>
  /** The secret is told only now. */
  create(token: NewToken): Promise<{ token: TokenDocument; secret: string }>
  update(id: string, update: TokenUpdate): Promise<TokenDocument>
  revoke(id: string): Promise<void>
}

const TOKENS = '/api/v0/tokens'

/** @param secrets what no error may show */
export function createTokenEditor(deliver: Deliver, secrets: readonly string[]): TokenEditor {
  const at = (id: string) => `${TOKENS}/${encodeURIComponent(id)}`

  async function ask<T>(
    method: string,
    target: string,
    read: (answer: Answer) => T,
    body?: object,
  ): Promise<T> {
    const json = body && JSON.stringify(body)
    const delivered = await deliver({ target, method, json, secrets })
    const { node, answer } = delivered
    if (answer.status === 200 || answer.status === 204) return readFrom(node, () => read(answer))
    throw notOffered(delivered, target) ?? refused(delivered, secrets)
  }

  return {
    list: () => ask('GET', TOKENS, readTokens),
    get: (id) => ask('GET', at(id), readToken),
    create: (token) => ask('POST', TOKENS, readNewToken, token),
    update: (id, update) => ask('PATCH', at(id), readToken, update),
    revoke: (id) => ask('DELETE', at(id), () => {}),
  }
}

/** A meta node of InfluxDB Enterprise, or an older one of ours, has no such path. */
function notOffered({ node, answer }: Delivered, target: string) {
  if (answer.status !== 404 || isNotFound(answer, target)) return undefined
  const reason = 'it has no tokens: that takes a meta node of kapacitor-auth'
  return troubled('ERR_META_INVALID', reason, { kind: 'invalid', node, reason })
}
