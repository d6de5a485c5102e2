import type { Administered, Part } from '../../admin/administered.js'
import { createCertificateMetrics } from '../../admin/certificate-metrics.js'
import { mergeMetrics } from '../../admin/metrics.js'
import { AuthError } from '../../errors.js'
import type { CertificateWatch } from '../certificate-watch.js'
import { providerParts } from '../provider-part.js'
import type { OidcFileWatch } from '../reload/oidc-file-watch.js'
import type { EmbeddedMetaNode } from './embedded-meta-node.js'

/** What the admin listener shows of a meta node that runs alone. */
export function administeredMetaNode(
  { registry, signIn, snapshot }: EmbeddedMetaNode,
  certificates: CertificateWatch,
  oidcFile: OidcFileWatch,
  hasAdministrator: () => Promise<boolean>,
): Administered {
  const dates = createCertificateMetrics(certificates.expiries)

  async function registryPart(): Promise<Part> {
    try {
      await registry.index()
      return { name: 'registry', ready: true }
    } catch (error) {
      const reason = error instanceof AuthError ? error.message : 'cannot be read'
      return { name: 'registry', ready: false, reason }
    }
  }

  return {
    readiness: async () => [
      await registryPart(),
      ...providerParts(signIn.provider?.status()),
      ...oidcFile.parts(),
      ...certificates.parts(),
      ...((await hasAdministrator())
        ? []
        : [{ name: 'first administrator', ready: false, reason: 'is not created yet' }]),
    ],
    metrics: async (others = []) =>
      mergeMetrics([await snapshot(), await dates.snapshot(), ...others]),
    purge: async (user) => signIn.cache.forget(user),
    explain: async () =>
      new AuthError(
        'ERR_NOT_FOUND',
        'a meta node decides about no requests to an API: ask the admin listener of kapacitor-auth serve',
      ),
  }
}
