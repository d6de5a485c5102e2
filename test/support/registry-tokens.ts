import type { TokenOwner } from '../../src/authz/user.js'
import type { Registry } from '../../src/registry/registry.js'
import type { TokenRecord } from '../../src/registry/tokens/token-record.js'

/** All own tokens of a registry, or one owner's, in the order of their creation; revoked and expired ones, too. */
export function tokensIn(registry: Registry, owner?: TokenOwner): Promise<readonly TokenRecord[]> {
  return registry.read(async (state) => {
    const list: TokenRecord[] = []
    for await (const token of state.tokens(owner)) list.push(token)
    return list
  })
}

/** The own token of that digest. */
export const tokenIn = (registry: Registry, digest: string) => registry.read((state) => state.tokenOf(digest))
