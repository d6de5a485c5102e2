import { createHash } from 'node:crypto'
import type { FetchedKeys } from './loaded-keys.js'

/** Keys of a provider that outlive the verifier that fetched them. */
export interface KnownKeys extends FetchedKeys {
  /** Whose they are, see `sourceOf`. */
  readonly source: string
}

/** What decides whose keys are fetched, and who may vouch for the server that sends them. */
interface Source {
  readonly provider?: string | undefined
  readonly jwksEndpoint?: string | undefined
  readonly issuer?: string | undefined
  readonly ca?: string | readonly string[] | undefined
}

export function sourceOf({ provider, jwksEndpoint, issuer, ca }: Source): string {
  const trusted = ca && createHash('sha256').update(JSON.stringify(ca)).digest('hex')
  return JSON.stringify([provider, jwksEndpoint, issuer, trusted])
}

/** Those keys, if they came from the same source; as new objects, so that tokens that they verified are verified again. */
export function inherited(known: KnownKeys | undefined, source: string): FetchedKeys | undefined {
  if (known?.source !== source) return undefined
  const keys = known.loaded.keys.map((key) => ({ ...key }))
  const { fetchedAt, fetchedOn, loaded } = known
  return { fetchedAt, fetchedOn, loaded: { ...loaded, keys } }
}
