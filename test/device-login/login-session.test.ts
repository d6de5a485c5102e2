import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bearerOf } from '../../src/device-login/bearer.js'
import { createLoginStore } from '../../src/device-login/cache/login-store.js'
import { createLoginSession } from '../../src/device-login/login-session.js'
import type { TokenSet } from '../../src/device-login/provider/token-set.js'
import { AuthError } from '../../src/errors.js'
import { temporaryDirectory } from '../support/program.js'
import { jwt } from '../support/scripted-provider.js'

const NOW = 1_700_000_000_000
let directory: ReturnType<typeof temporaryDirectory>
beforeEach(() => { directory = temporaryDirectory() })
afterEach(() => directory.remove())

/** Tokens of a name, with `left` seconds to live. */
const tokens = (name: string, left = 300, refreshToken: string | undefined = `refresh ${name}`): TokenSet =>
  ({ accessToken: jwt({ sub: name }), idToken: undefined, refreshToken, accessExpiresAt: NOW + left * 1000 })
const tokenOf = (name: string) => jwt({ sub: name })
const away = new AuthError('ERR_PROVIDER_UNAVAILABLE', 'the provider is away')

async function open({ kept, refresh = 'new', login = true }: { kept?: TokenSet; refresh?: string | Error | undefined | 'over'; login?: boolean }) {
  const store = createLoginStore(`${directory.path}/logins`, 'default', { clientId: 'c', tokenUrl: 'https://p.example/token' }, { now: () => NOW, wait: async () => {} })
  if (kept) await store.locked(async (own) => own.write(kept))
  const done: string[] = []
  const session = createLoginSession({
    store,
    refresh: async (token) => {
      done.push(`refresh with ${token}`)
      if (refresh instanceof Error) throw refresh
      return refresh === 'over' ? undefined : tokens(refresh as string)
    },
    login: login
      ? async () => {
          done.push('login')
          return tokens('logged in')
        }
      : undefined,
    notSignedIn: () => new AuthError('ERR_CREDENTIALS_MISSING', 'not signed in'),
    now: () => NOW,
  })
  return { session, store, done }
}

describe('which token is used', () => {
  test.each<[string, Parameters<typeof open>[0], string | RegExp, string[]]>([
    // says                                          given                                                            token, or error              done
    ['none is kept: a login',                        {},                                                              'logged in',                 ['login']],
    ['a good one',                                   { kept: tokens('kept') },                                        'kept',                      []],
    ['one that is about to expire: refreshed',       { kept: tokens('kept', 20) },                                    'new',                       ['refresh with refresh kept']],
    ['an expired one: refreshed',                    { kept: tokens('kept', -5) },                                    'new',                       ['refresh with refresh kept']],
    ['an expired one without a refresh token',       { kept: { ...tokens('kept', -5), refreshToken: undefined } },    'logged in',                 ['login']],
    ['invalid_grant: a login, once',                 { kept: tokens('kept', -5), refresh: 'over' },                   'logged in',                 ['refresh with refresh kept', 'login']],
    ['the provider is away, the token still good',   { kept: tokens('kept', 20), refresh: away },                     'kept',                      ['refresh with refresh kept']],
    ['the provider is away, the token expired',      { kept: tokens('kept', -5), refresh: away },                     /^the provider is away$/,    ['refresh with refresh kept']],
    ['nobody to ask, none kept',                     { login: false },                                                /^not signed in$/,           []],
    ['nobody to ask, a good one',                    { kept: tokens('kept'), login: false },                          'kept',                      []],
    ['nobody to ask, an expired one',                { kept: tokens('kept', -5), login: false },                      'new',                       ['refresh with refresh kept']],
    ['nobody to ask, the login is over',             { kept: tokens('kept', -5), refresh: 'over', login: false },     /^not signed in$/,           ['refresh with refresh kept']],
  ])('%s', async (_says, given, expected, did) => {
    const { session, done, store } = await open(given)
    if (expected instanceof RegExp) await expect(session.bearer()).rejects.toThrow(expected)
    else {
      expect(await session.bearer()).toBe(tokenOf(expected))
      expect(store.read()?.accessToken).toBe(tokenOf(expected))
    }
    expect(done).toEqual(did)
  })

  test('a login that gives nothing to check is an error, and keeps nothing', async () => {
    const { store } = await open({})
    const session = createLoginSession({
      store, now: () => NOW, refresh: async () => undefined, notSignedIn: () => new AuthError('ERR_CREDENTIALS_MISSING', ''),
      login: async () => ({ accessToken: 'opaque', idToken: undefined, refreshToken: 'r', accessExpiresAt: undefined }),
    })
    await expect(session.bearer()).rejects.toThrow('the provider gave no token that others can check; for Auth0 set parameters.audience in the profile')
    expect(store.read()).toBe(undefined)
  })
})

describe('OIDC 27: after a 401 of a server', () => {
  test.each<[string, Parameters<typeof open>[0], string | undefined, string[]]>([
    // says                                      given                                                          another token   done
    ['a kept token: refreshed',                  { kept: tokens('kept') },                                      'new',          ['refresh with refresh kept']],
    ['no refresh token: a login',                { kept: { ...tokens('kept'), refreshToken: undefined } },      'logged in',    ['login']],
    ['the login is over: a login',               { kept: tokens('kept'), refresh: 'over' },                     'logged in',    ['refresh with refresh kept', 'login']],
    ['nobody to ask',                            { kept: tokens('kept'), refresh: 'over', login: false },       undefined,      ['refresh with refresh kept']],
  ])('%s', async (_says, given, expected, did) => {
    const { session, done } = await open(given)
    const rejected = await session.bearer()
    expect(await session.renew(rejected)).toBe(expected && tokenOf(expected))
    expect(done).toEqual(did)
  })

  test('the rejected token is dropped, though nothing takes its place', async () => {
    const { session, store } = await open({ kept: tokens('kept'), refresh: 'over', login: false })
    await session.renew(await session.bearer())
    expect(store.read()).toEqual({ accessToken: undefined, idToken: undefined, refreshToken: undefined, accessExpiresAt: undefined })
  })

  test('it is dropped though the provider is away', async () => {
    const { session, store } = await open({ kept: tokens('kept'), refresh: away })
    const rejected = await session.bearer()
    await expect(session.renew(rejected)).rejects.toThrow('the provider is away')
    expect(store.read()).toMatchObject({ accessToken: undefined, refreshToken: 'refresh kept' })
  })

  test('a new token that is refused is dropped as well, and nobody is asked again', async () => {
    const { session, store, done } = await open({})
    expect(await session.renew(await session.bearer())).toBe(undefined)
    expect(done).toEqual(['login'])
    expect(store.read()).toMatchObject({ accessToken: undefined, refreshToken: 'refresh logged in' })
  })

  test('another process has renewed it meanwhile: that one is used', async () => {
    const { session, store, done } = await open({ kept: tokens('kept') })
    const rejected = await session.bearer()
    await store.locked(async (own) => own.write(tokens('of another')))
    expect(await session.renew(rejected)).toBe(tokenOf('of another'))
    expect(done).toEqual([])
  })
})

test('several at once: one refresh', async () => {
  const { session, done } = await open({ kept: tokens('kept', -5) })
  const all = await Promise.all(Array.from({ length: 5 }, () => session.bearer()))
  expect(new Set(all)).toEqual(new Set([tokenOf('new')]))
  expect(done).toEqual(['refresh with refresh kept'])
})

describe('which token a server gets', () => {
  const GRAPH = '00000003-0000-0000-c000-000000000000'
  const set = (accessToken: string | undefined, idToken?: string): TokenSet => ({ accessToken, idToken, refreshToken: undefined, accessExpiresAt: undefined })
  test.each<[string, TokenSet, 'access' | 'id' | undefined]>([
    // says                             tokens                                                                    kind
    ['an access token that is a JWT',   set(jwt({ aud: 'account' }), jwt({})),                                    'access'],
    ['an opaque access token',          set('b2FwYXF1ZQ', jwt({})),                                               'id'],
    ['an encrypted one, of five parts', set('a.b.c.d.e', jwt({})),                                                'id'],
    ['three parts that are not JSON',   set('YQ.YQ.YQ', jwt({})),                                                 'id'],
    ['one for Microsoft Graph',         set(jwt({ aud: GRAPH }), jwt({})),                                        'id'],
    ['one for Microsoft Graph, by URL', set(jwt({ aud: ['https://graph.microsoft.com'] }), jwt({})),              'id'],
    ['opaque, and no ID token',         set('b2FwYXF1ZQ'),                                                        undefined],
    ['Graph, and no ID token',          set(jwt({ aud: GRAPH })),                                                 undefined],
    ['not an ID token',                 set('b2FwYXF1ZQ', 'neither'),                                             undefined],
    ['nothing',                         set(undefined),                                                           undefined],
  ])('%s', (_says, given, expected) => {
    expect(bearerOf(given)?.kind).toBe(expected)
  })
})
