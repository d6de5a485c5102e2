import { createAuthorization } from './node-credentials.js'
import type { MetaCredentials } from './options.js'
import type { Send } from './send.js'

/** Credentials that are replaced when a node refuses them. */
export interface Renewal {
  /** The `Authorization` header in use. */
  readonly authorization: () => Promise<string | undefined>
  /** The same function; after a 401 it sends the request once more, if there is another token. */
  renewing(send: Send): Send
}

/**
 * @param renew another token for one that was refused, or undefined
 * @param used hears of each token that takes the place of the first
 */
export function createRenewal(
  credentials: MetaCredentials | undefined,
  renew: ((rejected: string) => Promise<string | undefined>) | undefined,
  used: (token: string) => void,
): Renewal {
  let authorization = createAuthorization(credentials)
  let token = credentials?.kind === 'bearer' ? credentials.token : undefined
  return {
    authorization: () => authorization(),
    renewing: (send) =>
      async function renewingSend(url, json, method) {
        const answer = await send(url, json, method)
        if ('failure' in answer || answer.status !== 401) return answer
        const other = token === undefined ? undefined : await renew?.(token)
        if (other === undefined) return answer
        used(other)
        token = other
        authorization = createAuthorization({ kind: 'bearer', token: other })
        return send(url, json, method)
      },
  }
}
