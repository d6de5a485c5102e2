import type { Config } from '../config/config.js'
import { isProviderSet } from '../config/oidc/is-provider-set.js'

/** The identity provider in one line: where its keys come from, who may sign in, and the file that says so. */
export interface ProviderLine {
  /** The origin of its key set or issuer. */
  readonly origin: string
  /** `2 administrators, 1 member; values.yaml`. */
  readonly description: string
}

const LISTS = [
  ['admins', 'administrator'],
  ['auditors', 'auditor'],
  ['members', 'member'],
] as const

/** Undefined where there is no provider. */
export function providerLine({ oidc }: Pick<Config, 'oidc'>): ProviderLine | undefined {
  if (!isProviderSet(oidc)) return undefined
  const counts = LISTS.flatMap(([key, word]) => {
    const { length } = oidc[key]
    return length === 0 ? [] : [`${length} ${word}${length === 1 ? '' : 's'}`]
  })
  const who = counts.join(', ') || 'no users yet'
  const { origin } = new URL(oidc.jwksEndpoint || oidc.issuer)
  return { origin, description: oidc.file === '' ? who : `${who}; ${oidc.file}` }
}
