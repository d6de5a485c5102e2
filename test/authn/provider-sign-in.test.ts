import { expect, onTestFinished, test } from 'vitest'
import { createProviderSignIn } from '../../src/authn/subjects/provider-sign-in.js'
import { loadConfig } from '../../src/config/load-config.js'
import { CERTS } from '../support/provider/checked.js'
import { startKeyServer } from '../support/provider/key-server.js'
import { newSigningKey } from '../support/provider/signing-key.js'

const KEY = newSigningKey('ES256')

test.each([
  // says                          clients afterwards            outcome
  ['another skew',                 ['kapacitor-auth'],           { subject: 'ann' }],
  ['another client',               ['another'],                  { status: 401 }],
])('OIDC 20: a reload while the provider is away (%s): its keys go on', async (_says, clientId, expected) => {
  const server = await startKeyServer()
  onTestFinished(() => server.close())
  server.pages.set(CERTS, { keys: [KEY.jwk] })
  const usual = { 'oidc.jwks-endpoint': server.origin + CERTS, 'oidc.admins': ['ann'], 'oidc.client-id': ['kapacitor-auth'] }
  const oidc = (overrides: Record<string, unknown>) => loadConfig({ file: false, env: {}, overrides: { ...usual, ...overrides } }).oidc
  const signIn = createProviderSignIn(oidc({}))
  onTestFinished(() => signIn.close())
  const now = Math.floor(Date.now() / 1000)
  const token = KEY.token({ iss: `${server.origin}/realms/demo`, sub: 'ann', aud: 'kapacitor-auth', iat: now, exp: now + 300 })
  const first = signIn.verifier
  expect(await first?.verify(token)).toMatchObject({ subject: 'ann' })
  server.pages.delete(CERTS)
  signIn.use(oidc({ 'oidc.client-id': clientId, 'oidc.clock-skew': '30s' }))
  expect(signIn.verifier).not.toBe(first)
  expect(await signIn.verifier?.verify(token)).toMatchObject(expected)
})
