import { expect, test } from 'vitest'
import { readDiscovery } from '../../../src/token/provider/key-set/discovery-document.js'
import { derivedIssuers } from '../../../src/token/provider/key-set/known-issuers.js'
import { providerSettings } from '../../../src/token/provider/provider-settings.js'
import { CERTS, startChecked } from '../../support/provider/checked.js'
import { TENANT } from '../../support/provider/shapes.js'
import { newSigningKey } from '../../support/provider/signing-key.js'

const KEY = newSigningKey('ES256')
const DOCUMENT = '/realms/demo/.well-known/openid-configuration'

type Document = (origin: string) => Record<string, unknown>
const GOOD: Document = (origin) => ({ issuer: `${origin}/realms/demo`, jwks_uri: origin + CERTS })

const discovered = async (document: Document, set: { issuer?: string; path?: string } = {}) => {
  const path = set.path ?? DOCUMENT
  const checked = await startChecked([KEY], (origin) => ({ jwksEndpoint: origin + path, issuer: set.issuer }))
  checked.server.pages.set(path, document(checked.server.origin))
  return checked
}

test.each<[string, Document, { issuer?: string; path?: string }]>([
  ['as it should be',                 GOOD,                                                                     {}],
  ['with all that others list',       (o) => ({ ...GOOD(o), id_token_signing_alg_values_supported: ['none'] }), {}],
  ['in the other place',              GOOD,                                                                     { path: '/.well-known/openid-configuration/realms/demo' }],
  ['of an authorization server',      GOOD,                                                                     { path: '/.well-known/oauth-authorization-server/realms/demo' }],
])('OIDC 22: a discovery document %s', async (_says, document, set) => {
  const { outcome, claims, server, status } = await discovered(document, set)
  expect(await outcome(KEY.token(claims()))).toBe('in')
  expect(await outcome(KEY.token(claims({ iss: 'https://evil.example' })))).toMatch(/^401 invalid token: its issuer is/)
  expect([server.asked.at(-1), status().lastError]).toEqual([CERTS, undefined])
})

test('OIDC 22: behind another name, where the issuer was set', async () => {
  const issuer = 'https://login.example/realms/demo'
  const { outcome, claims } = await discovered((origin) => ({ ...GOOD(origin), issuer }), { issuer })
  expect(await outcome(KEY.token(claims({ iss: issuer })))).toBe('in')
})

test.each<[string, Document, RegExp]>([
  // says                     document                                                          reason
  ['of another issuer',       (o) => ({ ...GOOD(o), issuer: `${o}/realms/other` }),             /is of another issuer, ".*\/realms\/other": set issuer if that is right/],
  ['with a slash more',       (o) => ({ ...GOOD(o), issuer: `${o}/realms/demo//` }),            /is of another issuer/],
  ['on another host',         (o) => ({ ...GOOD(o), issuer: 'https://evil.example/realms/demo' }), /is of another issuer, "https:\/\/evil.example\/realms\/demo"/],
  ['of no tenant',            (o) => ({ ...GOOD(o), issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' }), /put your tenant's id into the URL/],
  ['without issuer',          (o) => ({ jwks_uri: o + CERTS }),                                 /names no issuer/],
  ['issuer a list',           (o) => ({ ...GOOD(o), issuer: [`${o}/realms/demo`] }),            /names no issuer/],
  ['jwks_uri on http',        (o) => ({ ...GOOD(o), jwks_uri: 'http://keys.example/certs' }),   /has no https jwks_uri: "http:\/\/keys.example\/certs"/],
  ['jwks_uri a file',         (o) => ({ ...GOOD(o), jwks_uri: 'file:///etc/passwd' }),          /has no https jwks_uri/],
  ['jwks_uri nearly local',   (o) => ({ ...GOOD(o), jwks_uri: 'http://127.0.0.1.evil.example/' }), /has no https jwks_uri/],
  ['jwks_uri with a user',    (o) => ({ ...GOOD(o), jwks_uri: 'https://a:b@keys.example/' }),   /has no https jwks_uri/],
  ['jwks_uri a path',         (o) => ({ ...GOOD(o), jwks_uri: CERTS }),                         /has no https jwks_uri/],
  ['jwks_uri a list',         (o) => ({ ...GOOD(o), jwks_uri: [o + CERTS] }),                   /has no https jwks_uri/],
  ['jwks_uri in a circle',    (o) => ({ ...GOOD(o), jwks_uri: o + DOCUMENT }),                  /is not a key set/],
  ['jwks_uri to nothing',     (o) => ({ ...GOOD(o), jwks_uri: `${o}/nothing` }),                /answers 404/],
  ['without jwks_uri',        (o) => ({ issuer: `${o}/realms/demo` }),                          /neither a key set \(keys\) nor a discovery document/],
])('OIDC 22: a discovery document %s is refused, and logged', async (_says, document, reason) => {
  const { outcome, claims, events, status } = await discovered(document)
  expect(await outcome(KEY.token(claims()))).toBe('503 identity provider unavailable')
  expect(status()).toMatchObject({ keys: 0, lastError: expect.stringMatching(reason) })
  expect(events).toMatchObject([{ kind: 'away', message: expect.stringMatching(reason) }])
})

test.each([
  // says             issuer set                                  outcome
  ['as it is',        (o: string) => `${o}/realms/demo`,          'in'],
  ['with a slash',    (o: string) => `${o}/realms/demo/`,         '503 identity provider unavailable'],
  ['of another realm', (o: string) => `${o}/realms/other`,        '503 identity provider unavailable'],
])('OIDC 22: only the issuer is set, %s', async (_says, issuer, expected) => {
  const { outcome, claims, server, status } = await startChecked([KEY], (origin) => ({ jwksEndpoint: undefined, issuer: issuer(origin) }))
  server.pages.set(DOCUMENT, GOOD(server.origin))
  expect(await outcome(KEY.token(claims({ iss: issuer(server.origin) })))).toBe(expected)
  expect(server.asked[0]).toMatch(/^\/realms\/(?:demo|other)\/\.well-known\/openid-configuration$/)
  if (expected !== 'in' && !issuer('').includes('other')) expect(status().lastError).toMatch(/is of issuer ".*demo", not of ".*demo\/"/)
})

test.each(['/.well-known/evil', 'https://evil.example/doc'])('OIDC 22: a redirect to %s is not followed', async (to) => {
  const { outcome, claims, server, status } = await discovered(GOOD)
  server.pages.set(DOCUMENT, (_request, response) => response.writeHead(301, { Location: to }).end())
  expect(await outcome(KEY.token(claims()))).toMatch(/^503/)
  expect(status().lastError).toMatch(/answers 301: redirects are not followed/)
  expect(server.asked).toEqual([DOCUMENT])
})

test('OIDC 22: a document that turns bad changes nothing', async () => {
  const { outcome, claims, server, clock, status } = await discovered(GOOD)
  expect(await outcome(KEY.token(claims()))).toBe('in')
  server.pages.set(DOCUMENT, { ...GOOD(server.origin), issuer: 'https://evil.example' })
  clock.advance(60_000)
  const stranger = newSigningKey('ES256', 'new')
  expect(await outcome(stranger.token(claims({ iss: 'https://evil.example' })))).toMatch(/^401/)
  expect(await outcome(stranger.token(claims()))).toMatch(/^503/)
  expect(await outcome(KEY.token(claims()))).toBe('in')
  expect(status().lastError).toMatch(/is of another issuer/)
})

test('OIDC 22: Entra\'s document of version 1 names an issuer elsewhere', async () => {
  const path = `/${TENANT}/.well-known/openid-configuration`
  const issuer = `https://sts.windows.net/${TENANT}/`
  const { outcome, claims, server } = await startChecked([], (origin) => ({ provider: 'azure', jwksEndpoint: origin + path }))
  server.pages.set(path, { issuer, jwks_uri: `${server.origin}/${TENANT}/discovery/keys` })
  server.pages.set(`/${TENANT}/discovery/keys`, { keys: [KEY.jwk] })
  const token = (changes = {}) => KEY.token(claims({ iss: issuer, tid: TENANT, oid: 'ann', ...changes }))
  expect(await outcome(token())).toBe('in')
  expect(await outcome(token({ tid: 'x' }))).toMatch(/its tenant/)
})

test.each<[string, string, readonly string[] | undefined]>([
  // provider   jwks-endpoint                                                         issuers
  ['keycloak',  'https://k.example/realms/r/protocol/openid-connect/certs',           ['https://k.example/realms/r']],
  ['keycloak',  'https://k.example/auth/realms/r/protocol/openid-connect/certs',      ['https://k.example/auth/realms/r']],
  ['other',     'https://K.example:443/realms/r/protocol/openid-connect/certs',       ['https://k.example/realms/r']],
  ['azure',     `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,    [`https://login.microsoftonline.com/${TENANT}/v2.0`, `https://sts.windows.net/${TENANT}/`]],
  ['azure',     `https://login.microsoftonline.com/${TENANT.toUpperCase()}/discovery/keys`, [`https://login.microsoftonline.com/${TENANT}/v2.0`, `https://sts.windows.net/${TENANT}/`]],
  ['azure',     `https://login.microsoftonline.us/${TENANT}/discovery/v2.0/keys?appid=1`, [`https://login.microsoftonline.us/${TENANT}/v2.0`, `https://sts.windows.net/${TENANT}/`]],
  ['azure',     'https://login.microsoftonline.com/common/discovery/v2.0/keys',       undefined],
  ['azure',     'https://login.microsoftonline.com/AZURE_TENANT_ID/discovery/v2.0/keys', undefined],
  ['auth0',     'https://login.example/.well-known/jwks.json',                        ['https://login.example/']],
  ['',          'https://t.eu.auth0.com/.well-known/jwks.json',                       ['https://t.eu.auth0.com/']],
  ['',          'https://auth0.com.evil.example/.well-known/jwks.json',               undefined],
  ['auth0',     'https://AUTH0_HOST/.well-known/openid-configuration',                []],
  ['okta',      'https://o.example/oauth2/default/v1/keys',                           undefined],
  ['',          'https://x.example/.well-known/jwks.json',                            undefined],
])('the issuer of %s %s', (provider, endpoint, expected) => {
  expect(derivedIssuers(endpoint, provider)?.map(({ issuer }) => issuer)).toEqual(expected)
})

test.each([
  // says                             issuer                      jwks_uri                      outcome
  ['https, keys by https',            'https://idp.example',      'https://keys.example/certs', 'https://keys.example/certs'],
  ['http, keys by http',              'http://127.0.0.1:1',       'http://127.0.0.1:2/certs',   'http://127.0.0.1:2/certs'],
  ['http, keys by https',             'http://127.0.0.1:1',       'https://keys.example/certs', 'https://keys.example/certs'],
  ['https, keys at 127.0.0.1',        'https://idp.example',      'http://127.0.0.1:2/certs',   /has no https jwks_uri/],
  ['https, keys at localhost',        'https://idp.example',      'http://localhost/certs',     /has no https jwks_uri/],
  ['https, keys at [::1]',            'https://idp.example',      'http://[::1]/certs',         /has no https jwks_uri/],
  ['https here, keys at 127.0.0.1',   'https://127.0.0.1:1',      'http://127.0.0.1:1/certs',   /has no https jwks_uri/],
])('plain http is only for keys whose document came by it: %s', (_says, issuer, jwksUri, expected) => {
  const read = () => readDiscovery({ issuer, jwks_uri: jwksUri }, `${issuer}/.well-known/openid-configuration`, providerSettings({ issuer }))
  if (typeof expected === 'string') expect(read().jwksUri).toBe(expected)
  else expect(read).toThrow(expected)
})
