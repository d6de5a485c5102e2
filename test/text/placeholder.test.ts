import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { placeholderProblem, placeholdersIn } from '../../src/text/placeholder.js'

test.each([
  // value                                                            placeholders
  ['https://KEYCLOAK_HOST/realms/KEYCLOAK_REALM/x',                   ['KEYCLOAK_HOST', 'KEYCLOAK_REALM']],
  ['https://KEYCLOAK_HOST:8443/realms/demo',                          ['KEYCLOAK_HOST']],
  ['https://login.microsoftonline.com/AZURE_TENANT_ID/v2.0',          ['AZURE_TENANT_ID']],
  ['https://login.microsoftonline.com/TENANT_ID/v2.0',                ['TENANT_ID']],
  ['AUTH0_USER_ID',                                                   ['AUTH0_USER_ID']],
  ['https://keycloak_host/realms/keycloak_realm',                     []],
  ['https://MY_KEYCLOAK_HOST/x',                                      []],
  ['auth0|64f0c0ffee0123456789abcd',                                  []],
  ['ID',                                                              []],
  ['',                                                                []],
])('%s', (value, expected) => {
  expect(placeholdersIn(value).map(({ name }) => name)).toEqual(expected)
  expect(placeholderProblem(value) === undefined).toBe(expected.length === 0)
})

test('every placeholder that InfluxData prints is known', () => {
  const folder = fileURLToPath(new URL('../fixtures/identity-provider/', import.meta.url))
  const printed = readdirSync(folder).flatMap((name) => readFileSync(folder + name, 'utf8').match(/\b(?:KEYCLOAK|AUTH0|AZURE)_\w+/g) ?? [])
  expect(new Set(printed).size).toBeGreaterThan(9)
  for (const name of printed) expect(placeholdersIn(name).map((each) => each.name)).toEqual([name])
})
