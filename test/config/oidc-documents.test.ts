import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import { load } from './support.js'

/** The document's blocks, as printed. */
const path = (name: string) => fileURLToPath(new URL(`../fixtures/identity-provider/${name}`, import.meta.url))

const KEYCLOAK = 'https://KEYCLOAK_HOST/auth/realms/KEYCLOAK_REALM/protocol/openid-connect/certs'
const AUTH0 = 'https://AUTH0_HOST/.well-known/openid-configuration'
const AZURE = 'https://login.microsoftonline.com/AZURE_TENANT_ID/discovery/v2.0/keys'

test.each([
  // block                       provider      jwksEndpoint   admins               subjectClaim  line of the user
  ['appinstance-keycloak.yaml',  'keycloak',   KEYCLOAK,      'KEYCLOAK_USER_ID',  'sub',        14],
  ['appinstance-auth0.yaml',     'auth0',      AUTH0,         'AUTH0_USER_ID',     'sub',        14],
  ['appinstance-azure.yaml',     'azure',      AZURE,         'AZURE_USER_ID',     'oid',        14],
  ['helm-keycloak.yaml',         'keycloak',   KEYCLOAK,      'KEYCLOAK_USER_ID',  'sub',        12],
  ['helm-auth0.yaml',            'auth0',      AUTH0,         'AUTH0_USER_ID',     'sub',        12],
  ['helm-azure.yaml',            'azure',      AZURE,         'AZURE_USER_ID',     'oid',        12],
])('%s is taken as printed', (block, provider, jwksEndpoint, user, subjectClaim, line) => {
  const config = load({ env: { KAPACITOR_OIDC_FILE: path(block) } })
  expect(config.oidc).toMatchObject({ provider, jwksEndpoint, admins: [user], auditors: [], members: [], subjectClaim })
  expect(config.origins.get('oidc.admins')).toBe(`${path(block)}:${line}`)
  expect(config.warnings).toEqual([
    `${config.origins.get('oidc.jwks-endpoint')}: Tokens of any application of the identity provider are accepted; set [oidc] client-id or audience`,
  ])
})

test.each([
  // block                   client_id              further keys
  ['influxctl-keycloak.toml', 'KEYCLOAK_CLIENT_ID', []],
  ['influxctl-auth0.toml',    'AUTH0_CLIENT_ID',    ['client_secret']],
  ['influxctl-azure.toml',    'AZURE_CLIENT_ID',    ['scopes']],
])('%s parses as printed', (block, id, further) => {
  const { profile } = parse(readFileSync(path(block), 'utf8')) as { profile: [{ name: string; auth: { oauth2: object } }] }
  expect(profile[0].name).toBe('default')
  expect(profile[0].auth.oauth2).toMatchObject({ client_id: id })
  expect(Object.keys(profile[0].auth.oauth2).filter((key) => !['client_id', 'device_url', 'token_url'].includes(key))).toEqual(further)
})
