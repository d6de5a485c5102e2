import { onTestFinished } from 'vitest'
import { AuthError } from '../../../src/errors.js'
import type { ProviderEvent } from '../../../src/token/provider/provider-event.js'
import type { ProviderOptions } from '../../../src/token/provider/provider-options.js'
import { createProviderVerifier } from '../../../src/token/provider/provider-verifier.js'
import { createManualClock } from '../manual-clock.js'
import { type KeyServer, startKeyServer } from './key-server.js'
import type { SigningKey } from './signing-key.js'

/** When all of it happens: 2026-06-01T12:00:00Z. */
export const NOW = 1_780_315_200_000
export const SECONDS = NOW / 1000

export const CERTS = '/realms/demo/protocol/openid-connect/certs'

/** A verifier against a key server that is laid out as Keycloak's, with a clock that moves only when told. */
export async function startChecked(keys: readonly SigningKey[], options: ProviderOptions | ((origin: string) => ProviderOptions) = {}) {
  const server: KeyServer = await startKeyServer()
  onTestFinished(() => server.close())
  const publish = (...published: readonly SigningKey[]) => server.pages.set(CERTS, { keys: published.map(({ jwk }) => jwk) })
  publish(...keys)
  const clock = createManualClock(NOW)
  /** The system's clock: the same, unless it is set. */
  const wall = { set: 0 }
  const events: ProviderEvent[] = []
  const issuer = `${server.origin}/realms/demo`
  const verifier = createProviderVerifier({
    jwksEndpoint: server.origin + CERTS,
    clientIds: ['kapacitor-auth'],
    audiences: ['https://kapacitor.example'],
    now: () => clock() + wall.set,
    clock,
    log: (event) => events.push(event),
    ...(typeof options === 'function' ? options(server.origin) : options),
  })
  onTestFinished(() => verifier.close())
  /** Claims of a good token, with changes; undefined takes one away. */
  const claims = (changes: Record<string, unknown> = {}) => ({
    iss: issuer, sub: 'ann', aud: 'https://kapacitor.example', iat: SECONDS - 10, exp: SECONDS + 300, ...changes,
  })
  /** `in`, or code and text of the refusal. */
  const outcome = async (token: string) => {
    const answer = await verifier.verify(token)
    return answer instanceof AuthError ? `${answer.status} ${answer.message}` : 'in'
  }
  return { ...verifier, server, publish, clock, wall, events, issuer, claims, outcome }
}
