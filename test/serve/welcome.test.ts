import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { parseQuery } from '../../src/influxql/parse.js'
import type { EmbeddedMetaNode } from '../../src/serve/meta-node/embedded-meta-node.js'
import { welcome } from '../../src/serve/welcome.js'
import { temporaryDirectory } from '../support/program.js'

const metaNode = { listening: { url: 'http://127.0.0.1:8091' } } as EmbeddedMetaNode
const influxdb = { name: 'influxdb', title: 'InfluxDB API', url: 'http://127.0.0.1:8086', description: 'a gateway' } as const

/** The banner where a query is to make the administrator. */
function banner(overrides: Record<string, string>, started: Partial<Parameters<typeof welcome>[1]>): string {
  const config = loadConfig({ file: false, env: {}, overrides: { 'meta.first-admin': 'query', 'gateway.influxdb-url': 'http://127.0.0.1:8087', ...overrides } })
  return welcome(config, { metaNode, ...started })
}

describe('while there is no administrator, the banner says how to make one', () => {
  test('at the InfluxDB API that is served here', () => {
    expect(banner({}, { doors: [influxdb], isAdminMissing: true })).toContain(`
There is no administrator yet. Create one, on this machine:

  curl --request POST http://127.0.0.1:8086/query \\
    --data-urlencode 'q=CREATE USER "admin" WITH PASSWORD '\\''<password>'\\'' WITH ALL PRIVILEGES'
`)
  })

  test('at that of another process', () => {
    expect(banner({}, { isAdminMissing: true })).toContain(`
There is no administrator yet. Create one with this query to the InfluxDB API of
kapacitor-auth serve, on the machine where it runs:

  CREATE USER "admin" WITH PASSWORD '<password>' WITH ALL PRIVILEGES
`)
  })

  test('from anywhere, if that is allowed', () => {
    expect(banner({ 'meta.first-admin-from': 'anywhere' }, { doors: [influxdb], isAdminMissing: true })).toContain('Create one:\n')
  })

  test.each(['admin', 'o\'neil', 'a"b', 'back\\slash', '$HOME `id`'])('the command is right for a shell: %s', (name) => {
    const text = banner({ 'meta.admin-username': name }, { doors: [influxdb], isAdminMissing: true })
    const command = /( {2}curl[\s\S]*)\n\n$/.exec(text)?.[1]?.replace('curl', 'printf "%s\\n"') ?? ''
    const sent = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).split('\n').at(-2) ?? ''
    expect(parseQuery(sent.replace(/^q=/, ''))).toMatchObject({ statements: [{ kind: 'CREATE USER', name, password: '<password>', admin: true }] })
  })
})

test('once there is one it says nothing of it', () => {
  expect(banner({}, { doors: [influxdb], isAdminMissing: false })).not.toContain('administrator')
})

describe('the identity provider has a line', () => {
  const KEYS = { 'oidc.jwks-endpoint': 'https://id.example.com/realms/demo/protocol/openid-connect/certs', 'oidc.client-id': 'kapacitor-auth' }
  const lineOf = (overrides: Record<string, string>) => banner({ 'meta.first-admin': 'start', ...overrides }, {}).split('\n').find((line) => line.startsWith('  provider'))

  test.each<[string, Record<string, string>, string | undefined]>([
    // says                        keys                                                                       line
    ['without any',                {},                                                                        undefined],
    ['nobody listed',              KEYS,                                                                      '  provider       https://id.example.com  no users yet'],
    ['one administrator',          { ...KEYS, 'oidc.admins': 'a' },                                           '  provider       https://id.example.com  1 administrator'],
    ['all groups',                 { ...KEYS, 'oidc.admins': 'a,b', 'oidc.auditors': 'c', 'oidc.members': 'd,e,f' }, '  provider       https://id.example.com  2 administrators, 1 auditor, 3 members'],
    ['an issuer only',             { 'oidc.issuer': 'http://127.0.0.1:8080/x', 'oidc.client-id': 'c', 'oidc.members': 'd' }, '  provider       http://127.0.0.1:8080   1 member'],
    ['no password in a URL',       { ...KEYS, 'oidc.jwks-endpoint': 'https://id.example.com/certs?key=secret', 'oidc.issuer': 'https://id.example.com', 'oidc.admins': 'a' }, '  provider       https://id.example.com  1 administrator'],
    ['where nobody signs in',      { ...KEYS, 'oidc.admins': 'a', 'http.auth-enabled': 'false' },             undefined],
  ])('%s', (_says, overrides, expected) => {
    expect(lineOf(overrides)).toBe(expected)
  })

  test('it names the file', () => {
    const directory = temporaryDirectory()
    const path = join(directory.path, 'values.yaml')
    writeFileSync(path, 'admin:\n  jwksEndpoint: https://id.example.com/realms/x/protocol/openid-connect/certs\n  users: [{ id: a, firstName: A, lastName: B, email: C }]\n')
    expect(lineOf({ 'oidc.file': path, 'oidc.client-id': 'c' })).toBe(`  provider       https://id.example.com  1 administrator; ${path}`)
    directory.remove()
  })
})
