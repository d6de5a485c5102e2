import Koa from 'koa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createAccount } from '../../src/authn/directory/account.js'
import { roleKey, tokenKey } from '../../src/authn/directory/account-key.js'
import type { Directory } from '../../src/authn/directory/directory.js'
import { createTokenAccount } from '../../src/authn/directory/token-account.js'
import { ADMIN_PERMISSIONS, type Permissions } from '../../src/authz/permission.js'
import { loadConfig } from '../../src/config/load-config.js'
import { auditLog } from '../../src/middleware/audit-log.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { createOwnLogin, type OwnLogin } from '../../src/middleware/own-login.js'
import { digestOf, newOwnToken } from '../../src/token/own-token.js'
import { quickHasher as hasher, quickHash } from '../support/fixed-hasher.js'
import { startKeyServer } from '../support/provider/key-server.js'
import { newSigningKey } from '../support/provider/signing-key.js'
import { basic, startServer } from '../support/servers.js'

const KEY = newSigningKey('ES256')
const TASKS = '/kapacitor/v1/tasks'
const GROUPS = { 'oidc.groups-claim': 'groups', 'oidc.group-roles': 'ops=operators,all=everything' }

/** Roles of the registry. */
const ROLES: Record<string, Permissions> = { operators: new Map([['', new Set(['KapacitorAPI'] as const)]]), everything: ADMIN_PERMISSIONS }

/** A Koa application with a login of its own, local users `admin` and `ann`, and a provider whose keys are on loopback. */
async function start(overrides: Record<string, string> = {}) {
  const keys = await startKeyServer()
  keys.pages.set('/keys', { keys: [KEY.jwk] })
  const issuer = `${keys.origin}/`
  const roles = new Map(Object.entries(ROLES))
  const tokens = new Map<string, ReturnType<typeof createTokenAccount>>()
  const hash = quickHash('the password')
  const local = new Map([
    ['admin', createAccount('admin', hash, ADMIN_PERMISSIONS)],
    ['ann', createAccount('ann', hash, ADMIN_PERMISSIONS)],
    ['oidc:mia', createAccount('oidc:mia', hash, ADMIN_PERMISSIONS)],
  ])
  const asked: string[] = []
  let changed: (key: string | undefined) => void = () => {}
  const directory: Directory = {
    find: async (key) => {
      asked.push(key)
      return local.get(key) ?? tokens.get(key)
    },
    role: async (name) => roles.get(name),
    checkPassword: async () => false,
    watch: (listener) => {
      changed = listener
      return () => {}
    },
  }
  const logged: object[] = []
  const note = (fields: object) => void logged.push(fields)
  const logger = { info: () => {}, warn: note, error: note }
  const configOf = (more: Record<string, string> = {}) =>
    loadConfig({
      file: false,
      env: {},
      overrides: { 'oidc.jwks-endpoint': `${keys.origin}/keys`, 'oidc.issuer': issuer, 'oidc.client-id': 'app', 'oidc.admins': 'root', 'oidc.auditors': 'aud', 'oidc.members': 'mia,admin,ann', ...overrides, ...more },
    })
  const login: OwnLogin = createOwnLogin(configOf(), { directory, hasher, logger })
  const lines: string[] = []
  const audit = auditLog((line) => lines.push(line))
  const auth = kapacitorAuth(configOf(), { login, logger, onDecision: audit })
  const app = new Koa()
  app.use(auth)
  app.use((ctx) => {
    ctx.body = ctx.state.user.name
  })
  const server = await startServer(app.callback())
  onTestFinished(async () => {
    await auth.close()
    await login.close()
    await server.close()
    await keys.close()
  })

  const token = (claims: Record<string, unknown>) => {
    const now = Math.floor(Date.now() / 1000)
    return KEY.token({ iss: issuer, aud: 'app', iat: now, exp: now + 300, ...claims })
  }
  async function send(authorization: string, path = TASKS, method = 'GET') {
    const answer = await fetch(server.url + path, { method, headers: { authorization } })
    return `${answer.status} ${await answer.text()}`
  }
  const as = (claims: Record<string, unknown>, path?: string, method?: string) => send(`Bearer ${token(claims)}`, path, method)
  return { as, send, token, login, configOf, issuer, roles, tokens, asked, logged, lines, keys, changed: (key: string) => changed(key) }
}

const NO_READ = (name: string) => `403 {"error":"subject ${name} does not have \\"read\\" privilege for API endpoint \\"${TASKS}\\""}`
const NOT_LISTED = (id: string, issuer: string) => `403 ${JSON.stringify({ error: `subject ${JSON.stringify(id)} of ${issuer} is not listed; add it to [oidc] admins or to the users of the oidc file` })}`

describe('OIDC 14: only the id decides', () => {
  test.each([
    // says                            claims of a stranger
    ['an e-mail',                      { email: 'root' }],
    ['a verified e-mail',              { email: 'root@example.com', email_verified: true }],
    ['a UPN',                          { upn: 'root' }],
    ['a preferred user name',          { preferred_username: 'root' }],
    ['a name',                         { name: 'root', given_name: 'root', nickname: 'root' }],
    ['a username, as in our tokens',   { username: 'root' }],
    ['an oid, where sub counts',       { oid: 'root' }],
    ['a client id',                    { azp: 'app', client_id: 'app', appid: 'app' }],
  ])('%s of somebody listed makes nobody', async (_says, claims) => {
    const { as, issuer } = await start()
    expect(await as({ sub: 'stranger', ...claims })).toBe(NOT_LISTED('stranger', issuer))
    expect(await as({ sub: 'root', email: 'stranger', name: 'stranger' })).toBe('200 oidc:root')
  })

  test.each([['Root'], ['root '], [' root'], ['ro\u006ft\u0301'], ['root\u0000'], ['oidc:root'], ['root,aud']])('nor does a similar id: %j', async (sub) => {
    const { as, issuer } = await start()
    expect(await as({ sub })).toBe(NOT_LISTED(sub, issuer))
  })
})

describe('OIDC 15: a subject has nothing of a local user’s', () => {
  test.each([['admin'], ['ann']])('whose name is %s', async (sub) => {
    const { as, send, asked } = await start()
    expect(await send(basic(sub, 'the password'))).toBe(`200 ${sub}`)
    asked.splice(0)
    expect(await as({ sub })).toBe(NO_READ(`oidc:${sub}`))
    expect(asked).toEqual([]) // the registry was not even asked about it
    expect(await send(basic(sub, 'the password'))).toBe(`200 ${sub}`)
  })

  test('nor has a local user who is named as a subject is shown', async () => {
    const { as, send } = await start()
    const inQuery = new URLSearchParams({ u: 'oidc:mia', p: 'the password' })
    expect(await as({ sub: 'mia' })).toBe(NO_READ('oidc:mia'))
    expect(await send('', `${TASKS}?${inQuery}`)).toMatch(/^400|^200 oidc:mia/)
    expect(await as({ sub: 'mia' })).toBe(NO_READ('oidc:mia'))
  })

  test('no token of a shared secret leads to a subject', async () => {
    const { signToken } = await import('../../src/token/sign-token.js')
    const secret = 'a shared secret of more than 16 bytes'
    const { as, send, issuer } = await start({ 'http.shared-secret': secret })
    expect(await as({ sub: 'root' })).toBe('200 oidc:root')
    for (const username of ['root', 'oidc:root', `\0subject:${JSON.stringify([issuer, 'root'])}`]) {
      const authorization = `Bearer ${await signToken({ secret, username, expiresAt: Date.now() + 60_000 })}`
      for (let i = 0; i < 2; i++) expect(await send(authorization)).toMatch(/^401/)
    }
    expect(await send(`Bearer ${await signToken({ secret, username: 'ann', expiresAt: Date.now() + 60_000 })}`)).toBe('200 ann')
  })
})

describe('OIDC 16: groups', () => {
  test.each([
    // says                          claims                                                                         expected
    ['of a role',                    { groups: ['ops'] },                                                           '200 oidc:mia'],
    ['among others',                 { groups: ['x', 'ops', 'y'] },                                                 '200 oidc:mia'],
    ['of no role',                   { groups: ['Ops', 'operators', ' ops', 'ops '] },                              NO_READ('oidc:mia')],
    ['none',                         {},                                                                            NO_READ('oidc:mia')],
  ])('%s', async (_says, claims, expected) => {
    expect(await (await start(GROUPS)).as({ sub: 'mia', ...claims })).toBe(expected)
  })

  test.each([
    // says                          claims
    ['too many, at a URL',           { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'URL' } } }],
    ['too many, beside some',        { groups: ['ops'], _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'URL' } } }],
    ['too many, in a flag',          { hasgroups: true }],
    ['a text',                       { groups: 'ops' }],
    ['a number',                     { groups: 7 }],
    ['nested',                       { groups: [['ops']] }],
    ['an object',                    { groups: { ops: true } }],
  ])('%s: no role, a reason in the log, and nobody is asked', async (_says, claims) => {
    const { as, logged, keys } = await start(GROUPS)
    const endpoint = `${keys.origin}/groups`
    const sent = JSON.parse(JSON.stringify(claims).replace('URL', endpoint))
    expect(await as({ sub: 'mia', ...sent })).toBe(NO_READ('oidc:mia'))
    expect(logged).toEqual([{ subject: 'mia', reason: expect.any(String) }])
    expect(keys.asked.filter((path) => path !== '/keys')).toEqual([])
    expect(await as({ sub: 'root', ...sent })).toBe('200 oidc:root') // the list goes on to count
  })

  test('make nobody who is not listed', async () => {
    const { as, issuer } = await start(GROUPS)
    expect(await as({ sub: 'stranger', groups: ['all', 'ops'] })).toBe(NOT_LISTED('stranger', issuer))
  })

  test('what their role grants counts as it is now, and so does the map of roles', async () => {
    const { send, token, roles, changed, login, configOf } = await start(GROUPS)
    const authorization = `Bearer ${token({ sub: 'mia', groups: ['ops'] })}`
    expect(await send(authorization)).toBe('200 oidc:mia')
    roles.delete('operators')
    changed(roleKey('operators'))
    expect(await send(authorization)).toBe(NO_READ('oidc:mia'))
    roles.set('operators', ROLES.operators as Permissions)
    changed(roleKey('operators'))
    expect(await send(authorization)).toBe('200 oidc:mia')
    login.useProvider(configOf({ 'oidc.group-roles': 'others=operators' }).oidc)
    expect(await send(authorization)).toBe(NO_READ('oidc:mia'))
  })
})

describe('an auditor', () => {
  test.each([
    ['GET',    TASKS,                          '200 oidc:aud'],
    ['GET',    '/kapacitor/v1/config',         '200 oidc:aud'],
    ['GET',    '/kapacitor/v1/users',          '200 oidc:aud'],
    ['GET',    '/kapacitor/v1/storage/stores', '200 oidc:aud'],
    ['POST',   TASKS,                          '403'],
    ['PATCH',  TASKS,                          '403'],
    ['DELETE', TASKS,                          '403'],
    ['POST',   '/kapacitor/v1/config/smtp',    '403'],
    ['POST',   '/write?db=x',                  '403'],
  ])('%s %s', async (method, path, expected) => {
    const { as } = await start(GROUPS)
    for (const groups of [[], ['unknown']]) expect(await as({ sub: 'aud', groups }, path, method)).toMatch(new RegExp(`^${expected}`))
  })

  test('reads what a role closes, and may also what a role opens', async () => {
    const { as } = await start(GROUPS)
    expect(await as({ sub: 'aud', groups: ['ops'] }, '/kapacitor/v1/config')).toBe('200 oidc:aud')
    expect(await as({ sub: 'aud', groups: ['ops'] }, TASKS, 'POST')).toBe('200 oidc:aud')
    expect(await as({ sub: 'aud', groups: ['ops'] }, '/kapacitor/v1/config/smtp', 'POST')).toMatch(/^403/)
  })
})

describe('who is struck from the list is refused at once', () => {
  test('though remembered, and in again when listed again; a lower group holds less', async () => {
    const { send, token, login, configOf, issuer } = await start()
    const authorization = `Bearer ${token({ sub: 'root' })}`
    const use = (more: Record<string, string>) => login.useProvider(configOf(more).oidc)
    for (let i = 0; i < 2; i++) expect(await send(authorization)).toBe('200 oidc:root')
    use({ 'oidc.admins': 'bob' })
    expect(await send(authorization)).toBe(NOT_LISTED('root', issuer))
    use({ 'oidc.admins': 'bob', 'oidc.members': 'root' })
    expect(await send(authorization)).toBe(NO_READ('oidc:root'))
    use({})
    expect(await send(authorization)).toBe('200 oidc:root')
    use({ 'oidc.client-id': 'another' }) // what was verified by other rules is verified again
    expect(await send(authorization)).toMatch(/^401/)
    login.useProvider(loadConfig({ file: false, env: {} }).oidc)
    expect(await send(authorization)).toMatch(/^401 .*set \[oidc\]/)
  })

  test.each([
    // says                              owner                                  permissions                             expected
    ['of an administrator',              { subject: 'root' },                   { '': ['KapacitorAPI'] },               '200'],
    ['of an auditor, to read',           { subject: 'aud' },                    { '': ['KapacitorAPI'] },               '403'],
    ['of a member without roles',        { subject: 'mia' },                    { '': ['KapacitorAPI'] },               '403'],
    ['of a member with roles',           { subject: 'mia', roles: ['operators'] }, { '': ['KapacitorAPI'] },            '200'],
    ['of a member with a lost role',     { subject: 'mia', roles: ['everyone'] },  { '': ['KapacitorAPI'] },            '403'],
    ['of a stranger',                    { subject: 'stranger' },               { '': ['KapacitorAPI'] },               '401'],
    ['of the same id elsewhere',         { subject: 'root', issuer: 'https://elsewhere/' }, { '': ['KapacitorAPI'] },   '401'],
  ])('a token %s', async (_says, owner, permissions, expected) => {
    const { send, tokens, issuer, lines } = await start(GROUPS)
    const { token, digest } = newOwnToken()
    const granted = new Map(Object.entries(permissions).map(([scope, names]) => [scope, new Set(names)])) as unknown as Permissions
    tokens.set(tokenKey(digest), createTokenAccount({ id: 'id', digest, owner: { kind: 'subject', issuer, ...owner }, permissions: granted }))
    for (const authorization of [`Bearer ${token}`, `Token ${token}`, basic('x', token)]) {
      for (let i = 0; i < 2; i++) expect(await send(authorization)).toMatch(new RegExp(`^${expected}`))
    }
    const seen = lines.map((line) => [JSON.parse(line).token, JSON.parse(line).reason])
    expect(seen).toEqual(lines.map(() => ['id', expected === '401' ? 'owner not listed' : undefined]))
  })

  test.each([
    // says                              path of jwks-endpoint                          iss of the owner                    expected
    ['a discovery document',              '/.well-known/openid-configuration',           (o: string) => `${o}/`,             '200'],
    ['a discovery document',              '/.well-known/openid-configuration',           () => 'https://old.example/',       '401'],
    ['a discovery document',              '/.well-known/openid-configuration',           (o: string) => o,                   '401'],
    ['the layout of Keycloak',            '/realms/a/protocol/openid-connect/certs',     (o: string) => `${o}/realms/a`,     '200'],
    ['the layout of Keycloak',            '/realms/a/protocol/openid-connect/certs',     (o: string) => `${o}/realms/b`,     '401'],
    ['the layout of Keycloak',            '/realms/a/protocol/openid-connect/certs',     () => 'https://old.example/',       '401'],
  ])("whose issuer is the provider's, though only %s tells it (%s)", async (_says, path, ownerIssuer, expected) => {
    const { send, tokens, keys, login, configOf } = await start()
    keys.pages.set('/.well-known/openid-configuration', { issuer: `${keys.origin}/`, jwks_uri: `${keys.origin}/keys` })
    login.useProvider(configOf({ 'oidc.issuer': '', 'oidc.jwks-endpoint': keys.origin + path }).oidc)
    const { token, digest } = newOwnToken()
    tokens.set(tokenKey(digest), createTokenAccount({ id: 'id', digest, owner: { kind: 'subject', issuer: ownerIssuer(keys.origin), subject: 'root' }, permissions: ADMIN_PERMISSIONS }))
    for (let i = 0; i < 2; i++) expect(await send(basic('x', token))).toMatch(new RegExp(`^${expected}`))
  })

  test('who cannot be told from another while the provider is away: 503', async () => {
    const { send, tokens, keys, login, configOf, issuer } = await start()
    login.useProvider(configOf({ 'oidc.issuer': '', 'oidc.jwks-endpoint': `${keys.origin}/.well-known/openid-configuration` }).oidc)
    const { token, digest } = newOwnToken()
    tokens.set(tokenKey(digest), createTokenAccount({ id: 'id', digest, owner: { kind: 'subject', issuer, subject: 'root' }, permissions: ADMIN_PERMISSIONS }))
    expect(await send(basic('x', token))).toBe('503 {"error":"identity provider unavailable"}')
  })

  test('with a change of the provider, though remembered and of the same id', async () => {
    const { send, tokens, keys, login, configOf, issuer } = await start()
    keys.pages.set('/new/.well-known/openid-configuration', { issuer: `${keys.origin}/new`, jwks_uri: `${keys.origin}/keys` })
    const { token, digest } = newOwnToken()
    tokens.set(tokenKey(digest), createTokenAccount({ id: 'id', digest, owner: { kind: 'subject', issuer, subject: 'root' }, permissions: ADMIN_PERMISSIONS }))
    expect(await send(basic('x', token))).toBe('200 _token:id')
    login.useProvider(configOf({ 'oidc.issuer': '', 'oidc.jwks-endpoint': `${keys.origin}/new/.well-known/openid-configuration` }).oidc)
    expect(await send(basic('x', token))).toBe('401 {"error":"invalid token: unknown, revoked, expired, or its owner may not sign in any more"}')
  })

  test('and with a subject its token, though remembered', async () => {
    const { send, tokens, issuer, login, configOf, lines } = await start()
    const { token, digest } = newOwnToken()
    tokens.set(tokenKey(digestOf(token)), createTokenAccount({ id: 'id', digest, owner: { kind: 'subject', issuer, subject: 'root' }, permissions: ADMIN_PERMISSIONS }))
    for (let i = 0; i < 2; i++) expect(await send(basic('x', token))).toBe('200 _token:id')
    login.useProvider(configOf({ 'oidc.admins': 'bob' }).oidc)
    expect(await send(basic('x', token))).toBe('401 {"error":"invalid token: unknown, revoked, expired, or its owner may not sign in any more"}')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ outcome: 'refused', claimed: 'x', token: 'id', reason: 'owner not listed' })
    login.useProvider(configOf({ 'oidc.admins': 'bob', 'oidc.auditors': 'root' }).oidc)
    expect(await send(basic('x', token), '/write?db=x', 'POST')).toMatch(/^403/)
  })
})

test('the audit log names issuer and subject, token and owner, and nothing that is secret', async () => {
  const { as, send, tokens, lines, issuer } = await start()
  const { token, digest } = newOwnToken()
  tokens.set(tokenKey(digest), createTokenAccount({ id: 'f00d', digest, owner: { kind: 'subject', issuer, subject: 'root' }, permissions: ADMIN_PERMISSIONS }))
  await as({ sub: 'root' })
  await as({ sub: 'stranger' })
  await send(`Token ${token}`)
  await send(basic('grafana', token))
  await send(basic('grafana', `kapa1_${'0'.repeat(64)}`))
  const seen = lines.map((line) => {
    const { outcome, code, via, user, claimed, issuer, subject, token, owner } = JSON.parse(line)
    return [outcome, code, via, user, claimed, issuer, subject, token, owner]
  })
  const owner = `oidc:root of ${issuer}`
  expect(seen).toEqual([
    ['allowed', undefined,               'verified',   'oidc:root',   undefined, issuer,    'root',     undefined, undefined],
    ['refused', 'ERR_PRIVILEGE_MISSING', 'verified',   undefined,     undefined, issuer,    'stranger', undefined, undefined],
    ['allowed', undefined,               'verified',   '_token:f00d', undefined, undefined, undefined,  'f00d',    owner],
    ['allowed', undefined,               'remembered', '_token:f00d', undefined, undefined, undefined,  'f00d',    owner],
    ['refused', 'ERR_TOKEN_INVALID',     'verified',   undefined,     'grafana', undefined, undefined,  undefined, undefined],
  ])
  expect(lines.join('')).not.toMatch(/kapa1_|eyJ/)
})

test('an address that has used up wrong-password-burst is answered 429, and its remembered users go on', async () => {
  const { as, send, token, lines } = await start({ 'auth.wrong-password-burst': '2', 'auth.wrong-password-interval': '1h' })
  const known = `Bearer ${token({ sub: 'root' })}`
  expect(await send(known)).toBe('200 oidc:root')
  const forged = (i: number) => send(`Bearer ${newSigningKey('ES256').token({ iss: 'x' }).split('.')[0]}.${token({ sub: `x-${i}` }).split('.')[1]}.${known.split('.')[2]}`)
  const said = []
  for (let i = 0; i < 4; i++) said.push(await forged(i))
  const wrong = '401 {"error":"invalid token: its signature is not valid"}'
  const tooMany = '429 {"error":"too many wrong tokens, try again later"}'
  expect(said).toEqual([wrong, wrong, tooMany, tooMany])
  expect(await as({ sub: 'aud' })).toBe(tooMany)
  expect(await send(known)).toBe('200 oidc:root')
  expect(await send(basic('ann', 'the password'))).toBe('200 ann') // passwords have an allowance of their own
  expect(lines.filter((line) => line.includes('"code":"ERR_TOO_MANY_ATTEMPTS"'))).toHaveLength(3)
})
