import type { Secret } from '../../text/secret.js'

/** How `[profile.auth.oauth2]` says that a person signs in. */
export interface OAuth2Profile {
  readonly clientId: string
  /** Undefined for a public client. */
  readonly clientSecret: Secret | undefined
  /** Without empty ones. */
  readonly scopes: readonly string[]
  /** What the provider is sent besides, such as Auth0's `audience`. Without empty ones. */
  readonly parameters: Readonly<Record<string, string>>
  /** Where a device code is requested (RFC 8628 §3.1): https, or http on loopback. */
  readonly deviceUrl: string
  /** Where it is exchanged for tokens; likewise. */
  readonly tokenUrl: string
}

/** What is used here of a profile in influxctl's file. */
export interface Profile {
  readonly name: string
  /** The file that it stands in. */
  readonly file: string
  /** Undefined if nobody signs in by OAuth 2.0. */
  readonly oauth2: OAuth2Profile | undefined
  /** A file with a token that is ready to use, of `[profile.auth.token]`. */
  readonly tokenFile: string | undefined
  /** A file with certificates (PEM) that are trusted besides the system's, of `[profile.tls]`. */
  readonly ca: string | undefined
}
