import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadProfile } from '../../src/device-login/profile/load-profile.js'
import { urlProblem } from '../../src/device-login/profile/oauth-url.js'
import { loginFolder, profilePath } from '../../src/device-login/profile/profile-path.js'
import { temporaryDirectory } from '../support/program.js'

const FIXTURES = join(import.meta.dirname, '../fixtures/influxctl')
const directory = temporaryDirectory()
afterAll(() => directory.remove())
const FILE = join(directory.path, 'config.toml')

function load(toml: string, name?: string, env: NodeJS.ProcessEnv = {}, mode = 0o600) {
  writeFileSync(FILE, toml)
  chmodSync(FILE, mode)
  return loadProfile({ file: FILE, name, platform: 'linux', env })
}
const errorOf = (toml: string, name?: string, env: NodeJS.ProcessEnv = {}): string => {
  try {
    load(toml, name, env)
  } catch (error) {
    return (error as Error).message.replaceAll(FILE, 'FILE')
  }
  return 'no error'
}

describe('the blocks of the documents', () => {
  const printed = (name: string) => readFileSync(join(FIXTURES, `${name}.toml`), 'utf8')
  const EXAMPLE = 'it is an example that was not filled in: in place of'

  test.each([
    // block     url                                              says of it                                                          first line
    ['keycloak', 'KEYCLOAK_HOST/realms/KEYCLOAK_REALM/protocol',    'KEYCLOAK_HOST write the host (and port) of your Keycloak server, and in place of KEYCLOAK_REALM write the name of your realm in Keycloak', 9],
    ['auth0',    'AUTH0_HOST/oauth',                                'AUTH0_HOST write your domain at Auth0',                                                         10],
    ['entra',    'login.microsoftonline.com/AZURE_TENANT_ID/oauth2', 'AZURE_TENANT_ID write the Directory (tenant) ID in Microsoft Entra ID',                        10],
  ])('%s, as it is printed: the error says what to fill in, and where', (name, url, says, from) => {
    const lines = errorOf(printed(name)).split('\n')
    expect(lines).toHaveLength(2)
    for (const [i, key] of ['device_url', 'token_url'].entries()) {
      expect(lines[i]).toMatch(`FILE:${from + i}: ${key} "https://${url}`)
      expect(lines[i]).toMatch(`cannot be used: ${EXAMPLE} ${says}`)
    }
  })

  const filledIn = (name: string) => printed(name).replaceAll('KEYCLOAK_HOST', 'k.example').replaceAll('KEYCLOAK_REALM', 'r').replaceAll('AUTH0_HOST', 'a.example').replaceAll('AZURE_TENANT_ID', 't')

  test.each([
    ['keycloak', { clientId: 'KEYCLOAK_CLIENT_ID', scopes: [], deviceUrl: 'https://k.example/realms/r/protocol/openid-connect/auth/device', tokenUrl: 'https://k.example/realms/r/protocol/openid-connect/token' }, undefined],
    ['auth0',    { clientId: 'AUTH0_CLIENT_ID', scopes: [], deviceUrl: 'https://a.example/oauth/device/code', tokenUrl: 'https://a.example/oauth/token' }, 'AUTH0_CLIENT_SECRET'],
    ['entra',    { clientId: 'AZURE_CLIENT_ID', scopes: ['AZURE_CLIENT_ID/.default'], deviceUrl: 'https://login.microsoftonline.com/t/oauth2/v2.0/devicecode', tokenUrl: 'https://login.microsoftonline.com/t/oauth2/v2.0/token' }, undefined],
  ])('%s, with its URLs filled in: warnings name what is left', (name, oauth2, secret) => {
    const loaded = load(filledIn(name))
    expect(loaded).toMatchObject({ profile: { name: 'default', file: FILE, tokenFile: undefined, ca: undefined, oauth2 } })
    expect(loaded?.profile.oauth2?.clientSecret?.reveal()).toBe(secret)
    expect(loaded?.warnings.map((text) => text.replace(FILE, 'FILE'))).toEqual([
      expect.stringMatching(`^FILE:8: client_id: ${EXAMPLE} ${oauth2.clientId} write `),
      ...(secret ? [expect.stringMatching(`^FILE:9: client_secret: ${EXAMPLE} ${secret} write `)] : []),
    ])
    expect(JSON.stringify(loaded?.profile)).not.toContain('AUTH0_CLIENT_SECRET')
  })
})

const OAUTH2 = `[profile.auth.oauth2]
client_id = "c"
device_url = "https://p.example/device"
token_url = "https://p.example/token"
`

const EVERYTHING = `
[[profile]]
name = "all"
product = "dedicated"
host = "cluster-host.com"
port = "443"
database = "telegraf"
token = "t"
mgmt_token = "m"
account_id = "a"
cluster_id = "c"
[profile.auth.oauth2]
client_id = "c"
client_secret = "s"
scopes = ["", "openid"]
parameters = { audience = "https://api.example", empty = "" }
device_url = "https://p.example/device"
token_url = "https://p.example/token"
[profile.auth.token]
token_file = ""
[profile.tls]
insecure = false
disable = false
ca = "/etc/ca.pem"
cert = ""
key = ""

[[profile]]
product = "clustered"
[profile.auth.oauth2]
client_id = ""
scopes = [""]
parameters = { audience = "" }
device_url = ""
token_url = ""
[profile.auth.token]
token_file = "/run/token"
`

test('all keys of influxctl; what is empty is not set', () => {
  expect(load(EVERYTHING, 'all')?.profile).toMatchObject({ name: 'all', ca: '/etc/ca.pem', tokenFile: undefined, oauth2: { scopes: ['openid'], parameters: { audience: 'https://api.example' } } })
  expect(load(EVERYTHING)?.profile).toMatchObject({ name: 'default', oauth2: undefined, tokenFile: '/run/token' })
})

describe('which profile', () => {
  const two = `[[profile]]\nname = "default"\n${OAUTH2}\n[[profile]]\nname = "staging"\n${OAUTH2}`
  test.each<[string, string | undefined, NodeJS.ProcessEnv, string]>([
    // says                   flag        environment                         name
    ['the flag',              'staging',  { INFLUXCTL_PROFILE: 'default' },   'staging'],
    ['the variable',          undefined,  { INFLUXCTL_PROFILE: 'staging' },   'staging'],
    ['default',               undefined,  {},                                 'default'],
    ['an empty variable',     undefined,  { INFLUXCTL_PROFILE: '' },          'default'],
  ])('%s', (_says, name, env, expected) => {
    expect(load(two, name, env)?.profile.name).toBe(expected)
  })

  test('one that is not there is an error if it was named', () => {
    expect(errorOf(two, 'prod')).toBe('FILE: there is no profile "prod"; there is "default", "staging"')
    expect(errorOf('', 'prod')).toBe('FILE: there is no profile "prod"')
    const nobody = { platform: 'linux' as const, env: { HOME: '/nonexistent' } }
    expect(loadProfile(nobody)).toBe(undefined)
    expect(() => loadProfile({ ...nobody, name: 'prod' })).toThrow('/nonexistent/.config/influxctl/config.toml: the profile file cannot be read: there is no such file')
    expect(() => loadProfile({ ...nobody, env: { ...nobody.env, INFLUXCTL_PROFILE: 'x' } })).toThrow('cannot be read')
  })
})

describe('mistakes are told with file, line and key', () => {
  test.each<[string, string, string]>([
    // says                        file                                                                               error
    ['an unknown key',             '[[profile]]\nname = "default"\nusername = "x"\n',                                 'FILE:3: unknown key "username" in [[profile]]'],
    ['one that is misspelt',       `[[profile]]\n[profile.auth.oauth2]\nclient-id = "x"\n`,                           'FILE:3: unknown key "client-id" in [profile.auth.oauth2], did you mean "client_id"?'],
    ['one of ours',                `[[profile]]\nmeta_addr = "x"\n`,                                                  'FILE:2: unknown key "meta_addr" in [[profile]]'],
    ['in another profile',         `[[profile]]\nname = "default"\n${OAUTH2}\n[[profile]]\nname = "b"\nnmae = "c"\n`, 'FILE:10: unknown key "nmae" in [[profile]], did you mean "name"?'],
    ['an unknown table',           `[[profile]]\n[profile.auth.saml]\nx = 1\n`,                                       'FILE:2: unknown key "saml" in [profile.auth]'],
    ['a key before the profiles',  'token = "x"\n[[profile]]\n',                                                      'FILE:1: unknown key "token" before [[profile]]'],
    ['a number for a text',        '[[profile]]\nport = 8086\n',                                                      'FILE:2: port in [[profile]] must be text in quotes'],
    ['a text for a list',          `[[profile]]\n[profile.auth.oauth2]\nscopes = "openid"\n`,                         'FILE:3: scopes in [profile.auth.oauth2] must be a list of texts'],
    ['a text for a table',         `[[profile]]\n[profile.auth.oauth2]\nparameters = "audience"\n`,                   'FILE:3: parameters in [profile.auth.oauth2] must be a table of texts, such as { audience = "…" }'],
    ['a text for yes or no',       `[[profile]]\n[profile.tls]\ninsecure = "no"\n`,                                   'FILE:3: insecure in [profile.tls] must be true or false'],
    ['one profile only',           '[profile]\nname = "default"\n',                                                   'FILE:1: write [[profile]]'],
    ['the same name twice',        '[[profile]]\nname = "a"\n[[profile]]\nname = "a"\n',                              'FILE:4: there are two profiles called "a"'],
    ['no TOML',                    '[[profile]]\nclient_secret = "hunter2\n',                                         'FILE:2:'],
    ['a client without URLs',      `[[profile]]\n[profile.auth.oauth2]\nclient_id = "c"\n`,                           'FILE:2: device_url is missing in [profile.auth.oauth2] of "default"\nFILE:2: token_url is missing'],
    ['both ways to sign in',       `[[profile]]\n${OAUTH2}[profile.auth.token]\ntoken_file = "t"\n`,                  'FILE:7: profile "default" has both token_file and [profile.auth.oauth2]: keep one'],
    ['parameters of ours',         `[[profile]]\n${OAUTH2}parameters = { client_secret = "hunter2" }\n`,              'FILE:6: parameters must not set client_secret'],
  ])('%s', (_says, toml, expected) => {
    const error = errorOf(toml)
    expect(error.slice(0, expected.length)).toBe(expected)
    expect(error).not.toContain('hunter2')
  })
})

test('a file with a secret that everybody may read is named', () => {
  const secret = `[[profile]]\n${OAUTH2}client_secret = "s"\n`
  expect(load(secret, undefined, {}, 0o644)?.warnings).toEqual([`${FILE}: it holds a secret, and every user of this machine may read it`])
  expect(load(secret, undefined, {}, 0o600)?.warnings).toEqual([])
  expect(load(`[[profile]]\n${OAUTH2}`, undefined, {}, 0o644)?.warnings).toEqual([])
})

describe('OIDC 26: where secrets are sent', () => {
  test.each<[string, boolean]>([
    // URL                                  good
    ['https://login.example/token',         true],
    ['https://10.0.0.7:8443/token',         true],
    ['http://127.0.0.1:8080/token',         true],
    ['http://127.9.9.9/token',              true],
    ['http://localhost:8080/token',         true],
    ['http://[::1]:8080/token',             true],
    ['http://login.example/token',          false],
    ['http://10.0.0.7/token',               false],
    ['http://127.0.0.1.evil.example/token', false],
    ['http://localhost.evil.example/token', false],
    ['http://127.evil.example/token',       false],
    ['http://[::2]/token',                  false],
    ['ftp://login.example/token',           false],
    ['file:///etc/passwd',                  false],
    ['javascript:alert(1)',                 false],
    ['https://ann:secret@login.example/',   false],
    ['https://login.example/token#x',       false],
    ['login.example/token',                 false],
    ['',                                    false],
  ])('%s: %s', (url, isGood) => {
    expect(urlProblem(url) === undefined).toBe(isGood)
  })

  test('a profile with one is refused, with line and key', () => {
    const toml = `[[profile]]\n${OAUTH2.replace('https://p.example/token', 'http://p.example/token')}`
    expect(errorOf(toml)).toBe('FILE:5: token_url "http://p.example/token" must begin with https://: over http everybody on the way can read and change it')
  })
})

describe('places', () => {
  test.each<[string, NodeJS.Platform, NodeJS.ProcessEnv, string | undefined, string | undefined]>([
    // says             platform   environment                                                     profiles                                                       logins
    ['Linux',           'linux',   { HOME: '/home/ann' },                                          '/home/ann/.config/influxctl/config.toml',                     '/home/ann/.local/state/kapacitor-auth/logins'],
    ['XDG',             'linux',   { HOME: '/home/ann', XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' }, '/c/influxctl/config.toml',                                 '/s/kapacitor-auth/logins'],
    ['XDG, relative',   'linux',   { HOME: '/home/ann', XDG_CONFIG_HOME: 'c', XDG_STATE_HOME: 's' }, '/home/ann/.config/influxctl/config.toml',                   '/home/ann/.local/state/kapacitor-auth/logins'],
    ['macOS',           'darwin',  { HOME: '/Users/ann' },                                         '/Users/ann/Library/Application Support/influxctl/config.toml', '/Users/ann/Library/Application Support/kapacitor-auth/logins'],
    ['Windows',         'win32',   { USERPROFILE: 'C:\\Users\\ann', APPDATA: 'C:\\R', LOCALAPPDATA: 'C:\\L' }, 'C:\\R\\influxctl\\config.toml',                    'C:\\L\\kapacitor-auth\\logins'],
    ['Windows, bare',   'win32',   { USERPROFILE: 'C:\\Users\\ann' },                              'C:\\Users\\ann\\AppData\\Roaming\\influxctl\\config.toml',    'C:\\Users\\ann\\AppData\\Local\\kapacitor-auth\\logins'],
  ])('%s', (_says, platform, env, profiles, logins) => {
    expect(profilePath({ platform, env })).toBe(profiles)
    expect(loginFolder({ platform, env })).toBe(logins)
  })
})
