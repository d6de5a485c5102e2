import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { loginText } from '../../src/cli/auth/announce-login.js'
import { browserCommand, openPage } from '../../src/device-login/browser.js'
import type { OAuth2Profile } from '../../src/device-login/profile/profile.js'
import { authorizeDevice, type DeviceAuthorization } from '../../src/device-login/provider/device-authorization.js'
import { createProviderHttp } from '../../src/device-login/provider/provider-http.js'
import { DEVICE, type Reply, startScriptedProvider } from '../support/scripted-provider.js'

const http = createProviderHttp({ timeout: 5_000 })
afterAll(() => http.close())
const cleanups: (() => unknown)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0)) await cleanup() })

interface Outcome { authorization?: DeviceAuthorization; failure?: string }

async function authorize(device: readonly Reply[], profile: Partial<OAuth2Profile> = {}) {
  const provider = await startScriptedProvider({ device })
  cleanups.push(() => provider.close())
  const whole = { clientId: 'the client', clientSecret: undefined, scopes: [], parameters: {}, deviceUrl: provider.deviceUrl, tokenUrl: provider.tokenUrl, ...profile }
  const outcome = await authorizeDevice(whole, http).then((authorization): Outcome => ({ authorization }), (failure: Error): Outcome => ({ failure: failure.message }))
  return { ...outcome, asked: provider.asked.map(({ fields }) => fields), profile: whole }
}

const given = (more: object): Reply => ({ status: 200, json: { ...DEVICE, ...more } })
const invalidScope: Reply = { status: 400, json: { error: 'invalid_scope' } }

describe('OIDC 25: which page is shown and opened', () => {
  test.each<[string, object, { page?: string; pageWithCode?: string | undefined } | RegExp]>([
    // says                                  in the answer                                                                                     page, or error
    ['https',                                {},                                                                                               { page: 'https://login.example/device', pageWithCode: undefined }],
    ['http, as test providers have it',      { verification_uri: 'http://127.0.0.1:8080/device' },                                             { page: 'http://127.0.0.1:8080/device' }],
    ['by the name of early drafts',          { verification_uri: undefined, verification_url: 'https://login.example/d' },                     { page: 'https://login.example/d' }],
    ['with the code in it',                  { verification_uri_complete: 'https://login.example/device?user_code=WDJB-MJHT' },                { pageWithCode: 'https://login.example/device?user_code=WDJB-MJHT' }],
    ['with the code, at another host',       { verification_uri_complete: 'https://evil.example/device?user_code=WDJB-MJHT' },                 { page: 'https://login.example/device', pageWithCode: undefined }],
    ['with the code, as a script',           { verification_uri_complete: 'javascript:alert(1)' },                                             { page: 'https://login.example/device', pageWithCode: undefined }],
    ['control characters',                   { verification_uri: 'https://login.example/\x1b[2Jdevice\r\nX' },                                 { page: 'https://login.example/%1B[2JdeviceX' }],
    ['a script',                             { verification_uri: 'javascript:alert(1)//https://login.example' },                               /^device_url \S+ names a page that is neither http nor https: nothing is opened$/],
    ['a file',                               { verification_uri: 'file:///etc/passwd' },                                                       /names a page that is neither http nor https/],
    ['data',                                 { verification_uri: 'data:text/html,x' },                                                         /names a page that is neither http nor https/],
    ['an option',                            { verification_uri: '--version' },                                                                /names a page that is neither http nor https/],
    ['a user name in it',                    { verification_uri: 'https://login.example@evil.example/' },                                      /names a page that is neither http nor https/],
    ['none',                                 { verification_uri: undefined },                                                                  /gave an incomplete answer/],
    ['no code',                              { user_code: '' },                                                                                /gave an incomplete answer/],
    ['a novel for a code',                   { user_code: 'A'.repeat(65) },                                                                    /gave an incomplete answer/],
    ['no device code',                       { device_code: 7 },                                                                               /gave an incomplete answer/],
  ])('%s', async (_says, more, expected) => {
    const { authorization, failure } = await authorize([given(more)])
    if (expected instanceof RegExp) expect(failure).toMatch(expected)
    else expect(authorization).toMatchObject(expected)
  })

  test('what is printed: page, code and host, escaped; and that one may not have started it', async () => {
    const { authorization, profile } = await authorize([given({ user_code: 'WDJB\x1b[2J', verification_uri: 'https://microsoft.example/devicelogin' })], {})
    expect(loginText(authorization as NonNullable<typeof authorization>, profile)).toBe(`To sign in, open this page and enter the code:

  page  https://microsoft.example/devicelogin
  code  WDJB\\u001b[2J

The page is at microsoft.example; the code expires in 15m0s.
Go on only if you started this yourself.
`)
  })

  test('OIDC 26: two hosts are named', async () => {
    const { authorization } = await authorize([given({})])
    const profile = { deviceUrl: 'https://a.example/device', tokenUrl: 'https://b.example/token' } as OAuth2Profile
    expect(loginText(authorization as NonNullable<typeof authorization>, profile)).toMatch(/\nNote: device_url is at a\.example, token_url at b\.example: both must be your provider's\.\n$/)
  })

  test.each<[string, NodeJS.Platform, NodeJS.ProcessEnv, readonly string[] | undefined]>([
    // says                        platform   environment                                     program
    ['with a screen',              'linux',   { DISPLAY: ':0' },                              ['xdg-open']],
    ['with Wayland',               'linux',   { WAYLAND_DISPLAY: 'wayland-0' },               ['xdg-open']],
    ['without a screen',           'linux',   {},                                             undefined],
    ['over SSH',                   'linux',   { DISPLAY: 'localhost:10.0', SSH_CONNECTION: '1' }, undefined],
    ['over SSH, to a Mac',         'darwin',  { SSH_TTY: '/dev/ttys001' },                    undefined],
    ['a Mac',                      'darwin',  {},                                             ['open']],
    ['Windows',                    'win32',   {},                                             ['rundll32', 'url.dll,FileProtocolHandler']],
    ['somebody\'s own',            'linux',   { BROWSER: '/usr/bin/w3m', SSH_TTY: 'x' },      ['/usr/bin/w3m']],
    ['none, by choice',            'linux',   { BROWSER: 'none', DISPLAY: ':0' },             undefined],
  ])('a browser: %s', (_says, platform, env, expected) => {
    expect(browserCommand(platform, env)).toEqual(expected)
  })

  test('nothing but http and https is given to a browser, and one that is not there is no error', async () => {
    for (const page of ['file:///etc/passwd', '--help', 'javascript:alert(1)']) openPage([process.execPath, '-e', 'process.exit(1)'], page)
    openPage(['/nonexistent/browser'], 'https://login.example/')
  })
})

describe('scopes', () => {
  test.each<[string, string[], string[]]>([
    // says                       profile                                   asked for, in turn, while they are refused
    ['none',                      [],                                       ['openid profile offline_access', '']],
    ['one application of Entra',  ['APP/.default'],                         ['APP/.default openid profile offline_access', 'APP/.default']],
    ['those of the profile',      ['openid', 'groups'],                     ['openid groups']],
  ])('%s', async (_says, scopes, expected) => {
    const { asked, failure } = await authorize([invalidScope], { scopes })
    expect(asked.map(({ scope = '' }) => scope)).toEqual(expected)
    expect(failure).toMatch(/does not accept/)
  })

  test('the second try counts', async () => {
    const { authorization } = await authorize([invalidScope, given({})], { scopes: ['APP/.default'] })
    expect(authorization).toMatchObject({ scope: 'APP/.default', userCode: 'WDJB-MJHT' })
  })

  test('parameters are sent, and cannot take the place of ours', async () => {
    const { asked } = await authorize([given({})], { parameters: { audience: 'https://api.example', client_id: 'another' } })
    expect(asked[0]).toMatchObject({ audience: 'https://api.example', client_id: 'the client' })
  })
})

describe('OIDC 24: there is no code to be had', () => {
  test.each<[string, Reply, RegExp]>([
    // says                         answer                                                                        error
    ['the device flow is off',      { status: 400, json: { error: 'unauthorized_client' } },                      /switch on the device flow/],
    ['a page of a proxy',           { status: 502, body: '<html>' },                                              /^device_url \S+ answered HTTP 502; try again later$/],
    ['a page with status 200',      { status: 200, body: '<html>' },                                              /answered HTTP 200, which is not an answer of OAuth 2\.0$/],
    ['another URL',                 { status: 404, body: '' },                                                    /there is no such page \(HTTP 404\)$/],
    ['a redirect',                  { status: 301, body: '', headers: { Location: 'http://127.0.0.1:1' } },       /redirects \(HTTP 301\), which is not followed/],
    ['a code like a member of all objects', { status: 400, json: { error: 'constructor' } },                      /^\S+ refused: "constructor"$/],
    ['a code like their prototype', { status: 400, json: { error: '__proto__' } },                                /^\S+ refused: "__proto__"$/],
    ['the connection cut',          'cut',                                                                        /^device_url \S+: it closed the connection \(\w+\)$/],
  ])('%s', async (_says, answer, expected) => {
    const { failure, asked } = await authorize([answer], { scopes: ['openid'] })
    expect(failure).toMatch(expected)
    expect(asked.length).toBe(1)
  })

  test.each([
    ['/auth/realms/demo/protocol/openid-connect/auth/device', /Keycloak 17 and later have no \/auth before \/realms$/],
    ['/realms/demo/protocol/openid-connect/auth/device',      /Keycloak up to 16 has \/auth before \/realms$/],
  ])('a 404 at %s has a hint', async (path, expected) => {
    const provider = await startScriptedProvider()
    cleanups.push(() => provider.close())
    expect((await authorize([], { deviceUrl: provider.url + path })).failure).toMatch(expected)
  })
})
