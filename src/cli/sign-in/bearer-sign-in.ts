import type { MetaCredentials } from '../../meta-client/wire/options.js'
import { mistake } from '../mistake.js'

/** The credentials to ask the meta nodes with. */
export interface MetaSignIn {
  /** Undefined: without credentials. */
  readonly credentials: MetaCredentials | undefined
  /** The user's name, if there is one. */
  readonly username: string | undefined
  /** Whose credentials they are, and where they came from, for messages. */
  readonly says: string
  /** Another token after a node has refused `rejected`; undefined if there is none. */
  readonly renew?: (rejected: string) => Promise<string | undefined>
  /** Closes what signing in has opened. */
  readonly close?: () => void
}

/** By a token. @param origin where it comes from */
export function bearerSignIn(token: string, origin: string): MetaSignIn {
  if (!/^[\w.~+/-]+=*$/.test(token)) throw mistake(`${origin}: not a bearer token`)
  const credentials = { kind: 'bearer', token } as const
  return { credentials, username: undefined, says: `by the token of ${origin}` }
}
