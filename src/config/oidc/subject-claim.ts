import type { Config } from '../config.js'

const ID = 'oidc.subject-claim'

/** Puts in the claim that holds the user's id where none is configured. */
export function withSubjectClaim(config: Config): Config {
  const { oidc, origins } = config
  if (oidc.subjectClaim !== '') return config
  return {
    ...config,
    oidc: Object.freeze({ ...oidc, subjectClaim: usualSubjectClaim(oidc) }),
    origins: new Map([...origins, [ID, 'default']]),
  }
}

/** Entra's `sub` is another one for each application. */
export function usualSubjectClaim({ provider }: Config['oidc']): string {
  return provider === 'azure' ? 'oid' : 'sub'
}
