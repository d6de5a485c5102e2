import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import { file, load } from './support.js'

/** The document's blocks, as printed. */
const path = (name: string) => fileURLToPath(new URL(`../fixtures/identity-provider/${name}`, import.meta.url))

const KEYCLOAK = 'https://KEYCLOAK_HOST/auth/realms/KEYCLOAK_REALM/protocol/openid-connect/certs'
const AUTH0 = 'https://AUTH0_HOST/.well-known/openid-configuration'
const AZURE = 'https://login.microsoftonline.com/AZURE_TENANT_ID/discovery/v2.0/keys'

/** What is to be filled in before a block can be used; the users may wait. */
const FILL: Record<string, string> = { KEYCLOAK_HOST: 'k.example', KEYCLOAK_REALM: 'r', AUTH0_HOST: 'a.example', AZURE_TENANT_ID: '7f3c1a52-0b64-4c0e-9d0e-2f4d4b8a9c11' }
const filledIn = (text: string) => Object.entries(FILL).reduce((all, [name, value]) => all.replaceAll(name, value), text)

test.each([
  // block                       provider      jwksEndpoint   admins               subjectClaim  line of the user
  ['appinstance-keycloak.yaml',  'keycloak',   KEYCLOAK,      'KEYCLOAK_USER_ID',  'sub',        14],
  ['appinstance-auth0.yaml',     'auth0',      AUTH0,         'AUTH0_USER_ID',     'sub',        14],
  ['appinstance-azure.yaml',     'azure',      AZURE,         'AZURE_USER_ID',     'oid',        14],
  ['helm-keycloak.yaml',         'keycloak',   KEYCLOAK,      'KEYCLOAK_USER_ID',  'sub',        12],
  ['helm-auth0.yaml',            'auth0',      AUTH0,         'AUTH0_USER_ID',     'sub',        12],
  ['helm-azure.yaml',            'azure',      AZURE,         'AZURE_USER_ID',     'oid',        12],
])('%s is taken as printed; warnings name what is to be filled in', (block, provider, jwksEndpoint, user, subjectClaim, line) => {
  const printed = readFileSync(path(block), 'utf8')
  const example = load({ env: { KAPACITOR_OIDC_FILE: path(block) } })
  expect(example.oidc).toMatchObject({ provider, jwksEndpoint, admins: [user], auditors: [], members: [], subjectClaim })
  const [unfilled] = example.warnings
  expect(unfilled).toContain(`${path(block)}:${block.startsWith('helm') ? 6 : 9}: [oidc] jwks-endpoint = `)
  for (const name of Object.keys(FILL).filter((word) => jwksEndpoint.includes(word))) expect(unfilled).toContain(`in place of ${name} write `)

  const filled = file(block, filledIn(printed))
  const config = load({ env: { KAPACITOR_OIDC_FILE: filled } })
  expect(config.oidc).toMatchObject({ provider, jwksEndpoint: filledIn(jwksEndpoint), admins: [user], auditors: [], members: [], subjectClaim })
  expect(config.origins.get('oidc.admins')).toBe(`${filled}:${line}`)
  expect(config.warnings).toEqual([
    expect.stringMatching(`^${filled}:${line}: \\[oidc\\] admins = "${user}": it is an example that was not filled in: in place of ${user} write the user's `),
    expect.stringMatching(`^${config.origins.get('oidc.jwks-endpoint')}: Tokens of any application of the identity provider are accepted`),
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
