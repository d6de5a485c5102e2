import type { Config } from '../../config/config.js'
import type { Logger } from '../../log/logger.js'
import { loadClientTls } from '../../tls/client-tls-files.js'
import {
  createProviderVerifier,
  type ProviderVerifier,
} from '../../token/provider/provider-verifier.js'
import type { ProviderCheckOptions } from './provider-check.js'
import { createSubjectList, type SubjectList } from './subject-list.js'
import { createSubjects, type Subjects } from './subjects.js'

/** The identity provider of a configuration: who checks its tokens, and who may sign in with them. */
export interface ProviderSignIn {
  readonly verifier: ProviderVerifier
  readonly subjects: Subjects
  readonly onGroupsProblem: NonNullable<ProviderCheckOptions['onGroupsProblem']>

  /** Ends a running fetch of keys. */
  close(): void
}

/** Whether `[oidc]` names a provider. */
export const isProviderSet = ({ jwksEndpoint, issuer }: Config['oidc']): boolean =>
  jwksEndpoint !== '' || issuer !== ''

/**
 * The provider that `[oidc]` names; undefined if it names none. `ca` is read here.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, naming key and path, if `ca` cannot be used
 */
export function createProviderSignIn(
  oidc: Config['oidc'],
  logger?: Logger,
): ProviderSignIn | undefined {
  if (!isProviderSet(oidc)) return undefined
  const { ca } = loadClientTls('[oidc] ', { ca: oidc.ca, cert: '', key: '' })
  const verifier = createProviderVerifier({
    provider: oidc.provider,
    jwksEndpoint: oidc.jwksEndpoint || undefined,
    issuer: oidc.issuer || undefined,
    clientIds: oidc.clientId,
    audiences: oidc.audience,
    subjectClaim: oidc.subjectClaim || undefined,
    groupsClaim: oidc.groupsClaim || undefined,
    algorithms: oidc.algorithms,
    clockSkew: oidc.clockSkew,
    maxAge: oidc.maxAge,
    refreshInterval: oidc.refreshInterval,
    keepKeys: oidc.keepKeys,
    timeout: oidc.timeout,
    ca,
    log: ({ kind, message, keys }) => {
      const level = kind === 'back' || kind === 'keys' ? 'info' : 'warn'
      logger?.[level]({ event: kind, keys }, `identity provider: ${message}`)
    },
  })
  return {
    verifier,
    subjects: createSubjects(subjectsOf(oidc)),
    onGroupsProblem: (subject, problem) =>
      logger?.warn({ subject }, `no roles by group-roles: ${problem}`),
    close: () => verifier.close(),
  }
}

/** Those whom `[oidc]` lists. */
export function subjectsOf(oidc: Config['oidc']): SubjectList {
  return createSubjectList(oidc)
}
