import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { OAuth2Profile } from '../../src/device-login/profile/profile.js'
import { awaitTokens } from '../../src/device-login/provider/await-tokens.js'
import { authorizeDevice } from '../../src/device-login/provider/device-authorization.js'
import { createProviderHttp } from '../../src/device-login/provider/provider-http.js'
import type { TokenSet } from '../../src/device-login/provider/token-set.js'
import { AuthError } from '../../src/errors.js'
import { Secret } from '../../src/text/secret.js'
import { GRANTED, type Reply, startScriptedProvider } from '../support/scripted-provider.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0)) await cleanup() })

const http = createProviderHttp({ timeout: 5_000 })
afterAll(() => http.close())

const error = (status: number, code: string, description?: string): Reply => ({ status, json: { error: code, error_description: description } })
const PENDING = error(400, 'authorization_pending')
const page = (status: number, headers?: Record<string, string>): Reply => ({ status, body: '<html>a proxy</html>', ...(headers && { headers }) })

interface Outcome { tokens?: TokenSet; failure?: string }

/** A whole device login against a stand-in; time is counted, not spent. */
async function logIn(token: readonly Reply[], { expiresIn = 900, interval = 5 as unknown, took = 0, timeout = undefined as number | undefined } = {}) {
  const device = { device_code: 'the device code', user_code: 'WDJB-MJHT', verification_uri: 'https://login.example/device', expires_in: expiresIn, interval }
  const provider = await startScriptedProvider({ device: [{ status: 200, json: device }], token })
  cleanups.push(() => provider.close())
  const profile: OAuth2Profile = {
    ...{ clientId: 'the client', clientSecret: new Secret('the client secret'), scopes: ['openid', 'profile'], parameters: {} },
    ...{ deviceUrl: provider.deviceUrl, tokenUrl: provider.tokenUrl },
  }
  let time = 0
  /** How long was waited before each question, in seconds. */
  const waits: number[] = []
  const patient = { ...http, post: (...args: Parameters<typeof http.post>) => http.post(...args).finally(() => { time += took }) }
  const authorization = await authorizeDevice(profile, http)
  const outcome = await awaitTokens(authorization, profile, patient, {
    clock: () => time,
    now: () => 1_000_000 + time,
    until: timeout === undefined ? undefined : { time: timeout * 1000, error: (last) => new AuthError('ERR_CREDENTIALS_MISSING', `not in time${last}`) },
    wait: async (ms) => {
      time += ms
      waits.push(ms / 1000)
    },
  }).then((tokens): Outcome => ({ tokens }), (failure: Error): Outcome => ({ failure: failure.message }))
  return { ...outcome, waits, seconds: time / 1000, asked: provider.asked, host: new URL(provider.url).host }
}

describe('OIDC 23: the login goes on, and slower where it was asked to', () => {
  test.each<[string, Reply[], number[]]>([
    // says                                       answers before the tokens                                                       seconds before each question
    ['at once',                                   [],                                                                             [5]],
    ['pending',                                   [PENDING, PENDING],                                                             [5, 5, 5]],
    ['pending as Auth0 says it',                  [error(403, 'authorization_pending')],                                          [5, 5]],
    ['slow_down, for good',                       [error(400, 'slow_down'), PENDING, PENDING],                                    [5, 10, 10, 10]],
    ['slow_down as Auth0 says it',                [error(429, 'slow_down'), error(429, 'slow_down')],                             [5, 10, 15]],
    ['500, 502 and 503 of a proxy',               [page(500), page(502), page(503), page(503)],                                   [5, 10, 20, 20, 20]],
    ['502 without a body',                        [{ status: 502, body: '' }],                                                    [5, 10]],
    ['back to the beat after a disturbance',      [page(502), page(502), PENDING],                                                [5, 10, 20, 5]],
    ['a disturbance does not undo slow_down',     [error(400, 'slow_down'), page(502), PENDING],                                  [5, 10, 20, 10]],
    ['503 with Retry-After',                      [page(503, { 'Retry-After': '30' })],                                           [5, 30]],
    ['Retry-After of an hour',                    [page(503, { 'Retry-After': '3600' })],                                         [5, 60]],
    ['Retry-After shorter than the interval',     [page(503, { 'Retry-After': '1' })],                                            [5, 10]],
    ['Retry-After as a date that is over',        [page(503, { 'Retry-After': 'Thu, 01 Jan 1970 00:00:00 GMT' })],                [5, 10]],
    ['408 and 429 without an error',              [page(408), page(429)],                                                         [5, 10, 20]],
    ['a page in HTML with status 200',            [page(200)],                                                                    [5, 10]],
    ['a page in HTML with status 403',            [page(403)],                                                                    [5, 10]],
    ['the connection cut',                        ['cut', 'cut'],                                                                 [5, 10, 20]],
    ['the connection cut in the answer',          ['cut in the body'],                                                            [5, 10]],
    ['temporarily_unavailable',                   [error(503, 'temporarily_unavailable')],                                        [5, 10]],
    ['an answer of 100 kB',                       [{ status: 200, json: { access_token: 'x'.repeat(100_000) } }],                 [5, 10]],
  ])('%s', async (_says, answers, waits) => {
    const login = await logIn([...answers, GRANTED])
    expect(login).toMatchObject({ waits, tokens: { refreshToken: 'the refresh token', accessExpiresAt: 1_000_000 + 1000 * waits.reduce((a, b) => a + b) + 300_000 } })
  })

  test.each<[string, unknown, number]>([
    // says           interval    seconds
    ['left out',      undefined,  5],
    ['text',          '7',        7],
    ['zero',          0,          1],
    ['an hour',       3600,       60],
    ['negative',      -5,         5],
    ['nonsense',      'soon',     5],
  ])('an interval that is %s', async (_says, interval, seconds) => {
    expect((await logIn([PENDING, GRANTED], { interval })).waits).toEqual([seconds, seconds])
  })

  test('the interval is counted from the end of the last answer, however long it took', async () => {
    const { waits, tokens } = await logIn([PENDING, PENDING, GRANTED], { took: 4_000 })
    expect({ waits, isDone: tokens !== undefined }).toEqual({ waits: [5, 5, 5], isDone: true })
  })

  test('what is sent: the code, the client, its secret, and the verifier of the challenge', async () => {
    const { asked } = await logIn([PENDING, GRANTED])
    expect(asked[0]?.fields).toEqual({ client_id: 'the client', client_secret: 'the client secret', scope: 'openid profile', code_challenge: expect.stringMatching(/^[\w-]{43}$/), code_challenge_method: 'S256' })
    expect(asked[2]?.fields).toEqual({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'the device code', client_id: 'the client', client_secret: 'the client secret', code_verifier: expect.stringMatching(/^[\w-]{43}$/) })
  })

  test('until the code expires, and then it tells the last disturbance', async () => {
    const { failure, waits, host } = await logIn([page(502)], { expiresIn: 60 })
    expect({ failure, waits }).toEqual({ failure: `the code has expired; start again; at last ${host} answered HTTP 502`, waits: [5, 10, 20, 20] })
  })

  test.each<[string, Reply[], number, number[], RegExp | undefined]>([
    // says                                        answers                     timeout  seconds waited       error
    ['a timeout ends it, and not before',          [PENDING],                  12,      [5, 5, 2],           /^not in time$/],
    ['it asks no oftener for that',                [PENDING],                  4,       [4],                 /^not in time$/],
    ['at the timeout nobody is asked any more',    [PENDING],                  10,      [5, 5],              /^not in time$/],
    ['the last disturbance is told',               [PENDING, page(502)],       12,      [5, 5, 2],           /^not in time; at last \S+ answered HTTP 502$/],
    ['a person who is in time',                    [PENDING, GRANTED],         11,      [5, 5],              undefined],
    ['a timeout after the code expires',           [PENDING],                  20,      [5, 5],              /^the code has expired; start again$/],
  ])('%s', async (_says, answers, timeout, waits, expected) => {
    const login = await logIn(answers, { expiresIn: 15, timeout })
    expect(login.waits).toEqual(waits)
    if (expected) expect(login.failure).toMatch(expected)
    else expect(login.tokens).toBeDefined()
  })

  test('expires_in is an hour at most', async () => {
    expect((await logIn([PENDING], { expiresIn: 1e9, interval: 60 })).waits.length).toBe(59)
  })
})

describe('OIDC 24: it ends with one line', () => {
  test.each<[string, Reply, RegExp]>([
    // says                              answer                                                                                    error
    ['denied',                           error(400, 'access_denied', 'The resource owner denied'),                                 /^the login was refused in the browser \("The resource owner denied"\)$/],
    ['declined, at Entra',               error(400, 'authorization_declined'),                                                     /^the login was refused in the browser \("authorization_declined"\)$/],
    ['expired',                          error(400, 'expired_token'),                                                              /^the code has expired; start again \("expired_token"\)$/],
    ['invalid grant',                    error(400, 'invalid_grant'),                                                              /^the code is not valid any more; start again \("invalid_grant"\)$/],
    ['a bad code, at Entra',             error(400, 'bad_verification_code'),                                                      /^the code is not valid any more/],
    ['an unknown client',                error(401, 'invalid_client'),                                                             /^127\.0\.0\.1:\d+ does not let the client "the client" sign in this way: check client_id and client_secret, and switch on the device flow .*\("invalid_client"\)$/],
    ['a client without the device flow', error(400, 'unauthorized_client', 'Client is not allowed to initiate'),                   /switch on the device flow .*\("Client is not allowed to initiate"\)$/],
    ['Entra without public clients',     error(401, 'invalid_client', 'AADSTS7000218: The request body must contain client_assertion\r\nTrace ID: 1'), /^Entra ID asks for a secret of the client "the client": switch on "Allow public client flows" of the application \("AADSTS7000218: [^\n]*\)$/],
    ['403 without a word, as Glewlwyd',  { status: 403, body: '' },                                                                /^127\.0\.0\.1:\d+ does not let the client "the client" sign in .*\(HTTP 403\)$/],
    ['scopes',                           error(400, 'invalid_scope'),                                                              /does not accept the scopes "openid profile" or the parameters of the profile \("invalid_scope"\)$/],
    ['a target',                         error(400, 'invalid_target'),                                                             /does not accept the scopes/],
    ['another error',                    error(400, 'invalid_request', 'what?'),                                                   /^127\.0\.0\.1:\d+ refused: "what\?"$/],
    ['no token',                         { status: 200, json: { token_type: 'Bearer' } },                                          /gave no access token$/],
    ['a token that is a number',         { status: 200, json: { access_token: 1, token_type: 'Bearer' } },                         /gave no access token$/],
    ['a token bound to a key',           { status: 200, json: { access_token: 'a.b.c', token_type: 'DPoP' } },                     /gave a token that is not a bearer token$/],
    ['a token of no type',               { status: 200, json: { access_token: 'a.b.c' } },                                         /gave a token that is not a bearer token$/],
    ['a redirect',                       { status: 302, body: '', headers: { Location: 'http://127.0.0.1:1/' } },                  /^token_url 127\.0\.0\.1:\d+ redirects \(HTTP 302\), which is not followed/],
    ['a URL that is not there',          { status: 404, body: 'Not Found' },                                                       /^token_url 127\.0\.0\.1:\d+: there is no such page \(HTTP 404\)$/],
    ['secrets in the words of the error', error(400, 'invalid_request', 'the device code, the client secret'),                     /refused: "\*\*\*, \*\*\*"$/],
    ['control characters in the error',  error(400, 'invalid_request', 'a\x1b[2Jb\nc'),                                            /refused: "a\\\\u001b\[2Jb\\\\nc"$|refused: "a\\u001b\[2Jb\\nc"$/],
  ])('%s', async (_says, answer, expected) => {
    const { failure, waits, asked } = await logIn([PENDING, answer, GRANTED])
    expect(failure).toMatch(expected)
    expect(failure).not.toMatch(/the client secret|the device code|\n/)
    expect(waits).toEqual([5, 5])
    expect(asked.length).toBe(3)
  })
})
