import type { RefusedToken } from '../errors.js'
import type { PermissionReport } from './documents/permissions.js'
import {
  isForeign,
  readSubscriptionLookup,
  readTokenLookup,
  type UsableSubscriptionDocument,
  type UsableTokenDocument,
} from './documents/token-lookup.js'
import type { Asking, ForeignAnswers } from './wire/ask.js'
import type { MetaClientLog } from './wire/event.js'
import type { Answer } from './wire/meta-exchange.js'

/**
 * What a meta node knows of tokens, by their digests; of one that may not be used why. Undefined where it does not say why: it is
 * an earlier version, or has no tokens.
 */
export interface TokenLookups {
  token(digest: string): Promise<UsableTokenDocument | RefusedToken | undefined>

  /** @param isPeek nobody uses it: no use is noted. @default false */
  subscriptionToken(
    digest: string,
    isPeek?: boolean,
  ): Promise<UsableSubscriptionDocument | RefusedToken | undefined>
}

/**
 * Look-ups at meta nodes that may have no tokens at all: those of InfluxDB Enterprise, and older ones of this program. There
 * every token is unknown. But once a node has answered, another answer is an outage, and not a "no": it may be a proxy's,
 * or an older node's while the others are upgraded.
 */
export function createTokenLookups(
  ask: Asking['ask'],
  report: PermissionReport,
  log: MetaClientLog | undefined,
): TokenLookups {
  let isOffered = false
  let isReported = false

  const foreign: ForeignAnswers<undefined> = {
    is: isForeign,
    areUsual: () => !isOffered,
    value() {
      if (!isReported) log?.({ event: 'tokens-unoffered' })
      isReported = true
      return undefined
    },
  }

  function lookUp<T>(query: string, read: (answer: Answer) => T): Promise<T | undefined> {
    return ask<T | undefined>({
      path: '/api/v0/lookup',
      query,
      foreign,
      read(answer) {
        const found = read(answer)
        isOffered = true
        return found
      },
    })
  }

  return {
    token: (digest) =>
      lookUp(`?token=${encodeURIComponent(digest)}`, (answer) => readTokenLookup(answer, report)),
    subscriptionToken: (digest, isPeek = false) =>
      lookUp(
        `?subscription=${encodeURIComponent(digest)}${isPeek ? '&peek=true' : ''}`,
        readSubscriptionLookup,
      ),
  }
}
