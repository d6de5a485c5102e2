import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../config/config.js'
import { isProviderSet } from '../../config/oidc/is-provider-set.js'
import { AuthError } from '../../errors.js'
import type { Logger } from '../../log/logger.js'
import { loadClientTls } from '../../tls/client-tls-files.js'
import { systemAuthorities } from '../../tls/system-authorities.js'
import type { ProviderOptions } from '../../token/provider/provider-options.js'
import {
  createProviderVerifier,
  type ProviderStatus,
  type ProviderTokenClaims,
  type ProviderVerifier,
} from '../../token/provider/provider-verifier.js'
import { createSubjectList } from './subject-list.js'
import { createSubjects, type Subjects } from './subjects.js'

/** The identity provider of a configuration: who checks its tokens, and who may sign in with them. */
export interface ProviderSignIn {
  /** Who checks its tokens; undefined where `[oidc]` names no provider. */
  readonly verifier: ProviderVerifier | undefined

  /** Who may sign in. Nobody where there is no provider. */
  readonly subjects: Subjects

  /**
   * Goes on with another `[oidc]`. Tokens that were verified before are verified again if it says something else about that;
   * who is not listed any more is refused from the next request on.
   *
   * @throws AuthError `ERR_CONFIG_INVALID`, naming key and path, if `ca` cannot be used; nothing changes then
   */
  use(oidc: Config['oidc']): void

  /** Hears why a token's groups give no role. */
  onGroupsProblem(claims: ProviderTokenClaims): void

  /** For metrics and readiness; undefined where there is no provider. */
  status(): ProviderStatus | undefined

  /** Ends a running fetch of keys. */
  close(): void
}

/**
 * The provider that `[oidc]` names, if it names one. Its `ca` is read here, and its keys are fetched in the background.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, naming key and path, if `ca` cannot be used
 */
export function createProviderSignIn(first: Config['oidc'], logger?: Logger): ProviderSignIn {
  let settings = settingsOf(first)
  let verifier = createVerifier(settings, logger)
  const subjects = createSubjects(
    createSubjectList(listed(first)),
    async () => (await verifier?.issuers()) ?? [],
  )

  return {
    get verifier() {
      return verifier
    },
    subjects,
    use(oidc) {
      const next = settingsOf(oidc)
      if (!isDeepStrictEqual(next, settings)) {
        const fresh = createVerifier(next, logger, verifier?.known())
        verifier?.close()
        verifier = fresh
        settings = next
      }
      subjects.use(createSubjectList(listed(oidc)))
    },
    onGroupsProblem({ subject, groupsProblem }) {
      logger?.warn(
        { subject, reason: groupsProblem },
        'a token gives no roles by [oidc] group-roles',
      )
    },
    status: () => verifier?.status(),
    close: () => verifier?.close(),
  }
}

/** Reads `ca`, and fetches nothing. @throws AuthError `ERR_CONFIG_INVALID` if that or anything else cannot be used */
export function checkProvider(oidc: Config['oidc']): void {
  const settings = settingsOf(oidc)
  if (settings !== undefined) verifierOf(settings).close()
}

/** What decides how tokens are checked; undefined where there is no provider. */
function settingsOf(oidc: Config['oidc']) {
  if (!isProviderSet(oidc)) return undefined
  const { ca } = loadClientTls('[oidc] ', { ca: oidc.ca, cert: '', key: '' })
  return {
    provider: oidc.provider || undefined,
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
  }
}

/** On loopback there may be none: the many authorities of a system need not be read then. */
const isOverTls = ({ jwksEndpoint, issuer }: ProviderOptions) =>
  (jwksEndpoint ?? issuer ?? '').startsWith('https:')

function createVerifier(
  settings: ReturnType<typeof settingsOf>,
  logger: Logger | undefined,
  known?: ProviderOptions['known'],
): ProviderVerifier | undefined {
  if (settings === undefined) return undefined
  const verifier = verifierOf({
    ...settings,
    ca: settings.ca ?? (isOverTls(settings) ? systemAuthorities() : undefined),
    known,
    log: ({ kind, message, keys }) => {
      const level = kind === 'back' || kind === 'keys' ? 'info' : 'warn'
      logger?.[level]({ keys }, message)
    },
  })
  verifier.refresh()
  return verifier
}

/** A key set whose URL does not tell the issuer needs one, for instance. */
function verifierOf(options: ProviderOptions): ProviderVerifier {
  try {
    return createProviderVerifier(options)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new AuthError('ERR_CONFIG_INVALID', `[oidc] ${error.message}`)
  }
}

const listed = (oidc: Config['oidc']) => (isProviderSet(oidc) ? oidc : {})
