import { expect, onTestFinished, test } from 'vitest'
import type { ProviderEvent } from '../../../src/token/provider/provider-event.js'
import type { ProviderOptions } from '../../../src/token/provider/provider-options.js'
import { createProviderVerifier } from '../../../src/token/provider/provider-verifier.js'
import { signIn } from '../../support/provider/device-login.js'
import { type OidcProvider, type OidcProviderOptions, startOidcProvider } from '../../support/provider/oidc-provider.js'

const start = async (options: OidcProviderOptions) => {
  const provider = await startOidcProvider(options)
  onTestFinished(() => provider.close())
  return provider
}

const verifierOf = (options: ProviderOptions) => {
  const events: ProviderEvent[] = []
  const verifier = createProviderVerifier({ ...options, log: (event) => events.push(event) })
  onTestFinished(() => verifier.close())
  return { ...verifier, events }
}

test.each<[string, OidcProviderOptions, (provider: OidcProvider) => ProviderOptions, Record<string, unknown>]>([
  // says                                shape                                        options                                                                                        expected
  ['Keycloak, its key set',              { shape: 'keycloak' },                       (p) => ({ provider: 'keycloak', jwksEndpoint: p.jwksEndpoint, clientIds: ['kapacitor-auth'], groupsClaim: '/realm_access/roles' }), { groups: ['offline_access', 'ops'] }],
  ['Keycloak, discovered',               { shape: 'keycloak' },                       (p) => ({ jwksEndpoint: p.discoveryUrl, clientIds: ['kapacitor-auth'], groupsClaim: 'groups' }), { groups: ['/ops'] }],
  ['Keycloak, by its issuer',            { shape: 'keycloak' },                       (p) => ({ issuer: p.issuer, clientIds: ['kapacitor-auth'] }),                                   { groups: [] }],
  ['Keycloak, ES256',                    { shape: 'keycloak', algorithm: 'ES256' },   (p) => ({ issuer: p.issuer, clientIds: ['kapacitor-auth'] }),                                   {}],
  ['Keycloak, PS256',                    { shape: 'keycloak', algorithm: 'PS256' },   (p) => ({ issuer: p.issuer, clientIds: ['kapacitor-auth'] }),                                   {}],
  ['Keycloak, EdDSA',                    { shape: 'keycloak', algorithm: 'EdDSA' },   (p) => ({ issuer: p.issuer, clientIds: ['kapacitor-auth'] }),                                   {}],
  ['Auth0, discovered as it is printed', { shape: 'auth0' },                          (p) => ({ provider: 'auth0', jwksEndpoint: p.discoveryUrl, audiences: ['https://kapacitor.example'], groupsClaim: 'https://example.com/roles' }), { groups: ['ops'] }],
  ['Auth0, its key set',                 { shape: 'auth0' },                          (p) => ({ provider: 'auth0', jwksEndpoint: p.jwksEndpoint, clientIds: ['kapacitor-auth'] }),    {}],
  ['Entra, its key set',                 { shape: 'azure' },                          (p) => ({ provider: 'azure', jwksEndpoint: p.jwksEndpoint, clientIds: ['kapacitor-auth'] }),    {}],
  ['Entra, discovered',                  { shape: 'azure' },                          (p) => ({ provider: 'azure', jwksEndpoint: p.discoveryUrl, clientIds: ['kapacitor-auth'] }),    {}],
  ['Entra, version 1',                   { shape: 'azure-v1' },                       (p) => ({ provider: 'azure', jwksEndpoint: p.jwksEndpoint, clientIds: ['kapacitor-auth'] }),    {}],
])('a real provider, as %s', async (_says, shape, options, expected) => {
  const provider = await start(shape)
  const verifier = verifierOf(options(provider))
  const { access_token: token } = await signIn(provider, 'auth0|ann')
  const claims = await verifier.verify(token)
  expect(claims).toMatchObject({ subject: 'auth0|ann', ...expected })
  expect(verifier.status()).toMatchObject({ keys: 1, outcomes: { fetches: { success: 1 }, tokens: { accepted: 1 } } })
})
