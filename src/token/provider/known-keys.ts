import type { FetchedKeys } from './loaded-keys.js'

/** Keys of a provider that outlive the verifier that fetched them. */
export interface KnownKeys extends FetchedKeys {
  /** Whose they are. */
  readonly source: string
}

/** What decides whose keys are fetched. */
interface Source {
  readonly provider: string
  readonly jwksEndpoint: string | undefined
  readonly issuer: string | undefined
}

export const sourceOf = ({ provider, jwksEndpoint, issuer }: Source): string =>
  JSON.stringify([provider, jwksEndpoint, issuer])

/** Those keys, if they are of the same provider; as new objects, so that tokens that they verified are verified again. */
export function inherited(known: KnownKeys | undefined, source: Source): FetchedKeys | undefined {
  if (known?.source !== sourceOf(source)) return undefined
  const keys = known.loaded.keys.map((key) => ({ ...key }))
  return { fetchedAt: known.fetchedAt, loaded: { ...known.loaded, keys } }
}
