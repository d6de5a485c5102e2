import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { expect, onTestFinished, test } from 'vitest'
import { approve, signIn } from '../../support/provider/device-login.js'
import { type OidcProviderOptions, startOidcProvider } from '../../support/provider/oidc-provider.js'

const start = async (options: OidcProviderOptions) => {
  const provider = await startOidcProvider(options)
  onTestFinished(() => provider.close())
  return provider
}

test.each<[NonNullable<OidcProviderOptions['shape']>, Record<string, unknown>]>([
  ['keycloak', { sub: 'ann', typ: 'Bearer', aud: 'account', azp: 'kapacitor-auth', groups: ['/ops'] }],
  ['auth0',    { sub: 'ann', aud: ['https://kapacitor.example', expect.stringMatching(/userinfo$/)], azp: 'kapacitor-auth' }],
  ['azure',    { oid: 'ann', aud: 'kapacitor-auth', azp: 'kapacitor-auth', ver: '2.0' }],
  ['azure-v1', { oid: 'ann', aud: 'api://kapacitor-auth', appid: 'kapacitor-auth', ver: '1.0' }],
])('a provider with the %s shape signs people in', async (shape, claims) => {
  const provider = await start({ shape })
  const tokens = await signIn(provider, 'ann')
  expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ alg: 'RS256', typ: 'JWT' })
  expect(decodeJwt(tokens.access_token)).toMatchObject(claims)
  const discovered = (await (await fetch(provider.discoveryUrl)).json()) as Record<string, unknown>
  expect(discovered).toMatchObject({
    issuer: provider.issuer, jwks_uri: provider.jwksEndpoint,
    token_endpoint: provider.tokenUrl, device_authorization_endpoint: provider.deviceUrl,
  })
  await jwtVerify(tokens.id_token as string, createRemoteJWKSet(new URL(provider.jwksEndpoint)), { issuer: provider.issuer, audience: 'kapacitor-auth' })
  expect(tokens.refresh_token).toEqual(expect.any(String))
})

test('without an API in mind its access token is an opaque text', async () => {
  const provider = await start({ shape: 'auth0', opaque: true })
  const { access_token } = await signIn(provider, 'ann')
  expect(access_token.split('.')).toHaveLength(1)
})

test('a new key: the old one is withdrawn, unless it is kept', async () => {
  const provider = await start({})
  const kids = async () => ((await (await fetch(provider.jwksEndpoint)).json()) as { keys: { kid: string }[] }).keys.map((key) => key.kid)
  const [before] = await kids()
  await provider.rotate()
  const [after, ...others] = await kids()
  expect([after === before, others]).toEqual([false, []])
  await provider.rotate(true)
  expect(await kids()).toHaveLength(2)
})

test('who refuses gets no token', async () => {
  const provider = await start({})
  const asked = await fetch(provider.deviceUrl, { method: 'POST', body: new URLSearchParams({ client_id: provider.clientId, scope: 'openid' }) })
  const device = (await asked.json()) as Record<string, string>
  await approve(device.verification_uri_complete as string, 'ann', { deny: true })
  const answer = await fetch(provider.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ client_id: provider.clientId, grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: device.device_code as string }),
  })
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'access_denied' }])
})
