import type { Part } from '../admin/administered.js'
import type { ProviderStatus } from '../token/provider/provider-verifier.js'

/**
 * The identity provider as readiness shows it. The server is ready without it: those with a password or an own token go on,
 * and so do the provider's users while its keys are known.
 *
 * @returns nothing where there is no provider
 */
export function providerParts(status: ProviderStatus | undefined): Part[] {
  if (status === undefined) return []
  return [{ name: 'identity provider', ready: true, reason: reasonOf(status) }]
}

function reasonOf({ keys, fetchedAt, lastError }: ProviderStatus): string {
  const known =
    fetchedAt === undefined
      ? 'no keys fetched yet'
      : `${keys} ${keys === 1 ? 'key' : 'keys'}, fetched ${new Date(fetchedAt).toISOString()}`
  return lastError === undefined ? known : `${known}; the last fetch failed: ${lastError}`
}
