import type { Clock, Milliseconds } from '../../time.js'
import type { KnownKeys } from './key-set/known-keys.js'
import type { ProviderEvent } from './provider-event.js'

/** How tokens of an identity provider are checked. Either `jwksEndpoint` or `issuer` is needed. */
export interface ProviderOptions {
  /** What the provider is: `azure` switches to Microsoft Entra ID's habits (`oid`), `auth0` to Auth0's issuer; else free text. */
  readonly provider?: string | undefined

  /** URL of a key set (RFC 7517 §5) or of a discovery document: https, or http on loopback. */
  readonly jwksEndpoint?: string | undefined

  /** What `iss` must be, byte for byte. @default the discovery document's, or what `jwksEndpoint` tells */
  readonly issuer?: string | undefined

  /** Applications whose tokens are taken: one of them in `aud`; without audiences, `azp`, `appid` or `client_id` will do. @default any */
  readonly clientIds?: readonly string[] | undefined

  /** Audiences whose tokens are taken. @default any, if there are no `clientIds` either */
  readonly audiences?: readonly string[] | undefined

  /** The claim that names the caller: its name, or a JSON pointer (RFC 6901). @default `oid` for azure, else `sub` */
  readonly subjectClaim?: string | undefined

  /** The claim that lists groups: its name, or a JSON pointer (RFC 6901). @default none */
  readonly groupsClaim?: string | undefined

  /** @default RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA */
  readonly algorithms?: readonly string[] | undefined

  /** How far the provider's clock may be off. @default 60_000 */
  readonly clockSkew?: Milliseconds | undefined

  /** How long after it was issued a token is taken at most; 0: until it expires. @default 0 */
  readonly maxAge?: Milliseconds | undefined

  /** How often the keys are fetched while tokens come in. @default 600_000 */
  readonly refreshInterval?: Milliseconds | undefined

  /** How long known keys are used while the provider cannot be asked. @default 86_400_000 */
  readonly keepKeys?: Milliseconds | undefined

  /** How long a fetch may take. @default 5000 */
  readonly timeout?: Milliseconds | undefined

  /** Certificates (PEM) to trust instead of Node's own list, for this provider only. */
  readonly ca?: string | readonly string[] | undefined

  /** What the verifier knew that this one takes the place of (`known()`); of another provider, or with another `ca`, it is not used. */
  readonly known?: KnownKeys | undefined

  /** Hears each change of state; never called for a single token. */
  readonly log?: ((event: ProviderEvent) => void) | undefined

  /** Milliseconds since the epoch, for what tokens say. @default Date.now */
  readonly now?: (() => Milliseconds) | undefined

  /** For ages and pauses. @default the process's monotonic clock */
  readonly clock?: Clock | undefined
}
