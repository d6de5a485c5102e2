import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signIn } from '../support/provider/device-login.js'
import { type OidcProvider, startOidcProvider } from '../support/provider/oidc-provider.js'
import { createWorld, type Served, TASKS, type World } from '../support/served.js'
import { basic } from '../support/servers.js'
import { until } from '../support/until.js'

/** `serve` as a program with two workers, before InfluxDB and Kapacitor, with a real provider. */
describe('two workers, a real provider', () => {
  let provider: OidcProvider
  let world: World
  let served: Served
  let influxdb: string
  let meta: string
  const tokens: Record<string, string> = {}

  const oidc = (admins: string, members = 'mia') => `
[oidc]
  jwks-endpoint = "${provider.jwksEndpoint}"
  issuer = "${provider.issuer}"
  client-id = "kapacitor-auth"
  admins = "${admins}"
  auditors = "aud"
  members = "${members},big,huge"
  groups-claim = "/realm_access/roles"
  group-roles = "ops=operators"
`
  const text = (admins: string, members?: string) => world.text('  workers = 2\n  max-header-bytes = 32768', oidc(admins, members))

  beforeAll(async () => {
    const groups = (count: number) => Array.from({ length: count }, (_, i) => `7f3c1a52-0b64-4c0e-9d0e-${String(i).padStart(12, '0')}`)
    // As Entra sends them: 200 groups, and more than anybody should take
    provider = await startOidcProvider({ claims: { big: { groups: groups(200) }, huge: { groups: groups(400) } } })
    world = await createWorld()
    for (const login of ['ann', 'aud', 'mia', 'eve', 'big', 'huge']) tokens[login] = (await signIn(provider, login)).access_token
    served = await world.serve(text('ann'), { KAPACITOR_GATEWAY_INFLUXDB_URL: world.upstream.url, INFLUXDB_HTTP_BIND_ADDRESS: '127.0.0.1:0' })
    influxdb = (await served.program.until(/InfluxDB API +(\S+)/))[1] as string
    meta = (await served.program.until(/meta node +(\S+)/))[1] as string
  })

  afterAll(async () => {
    await world?.end()
    await provider?.close()
  })

  const status = async (url: string, authorization: string, init: RequestInit = {}) =>
    (await fetch(url, { ...init, headers: { authorization, connection: 'close' } })).status
  const bearer = (login: string) => `Bearer ${tokens[login]}`

  const q = (text: string) => `${influxdb}/query?${new URLSearchParams({ db: 'telegraf', q: text })}`
  const POST = { method: 'POST', body: 'cpu v=1' }

  /** What each door says to a caller: reading and changing at Kapacitor's, InfluxDB's, the meta node's. */
  const statuses = async (authorization: string) => [
    await status(served.api + TASKS, authorization),
    await status(served.api + TASKS, authorization, { method: 'DELETE' }),
    await status(`${served.api}/kapacitor/v1/config`, authorization),
    await status(q('SELECT * FROM cpu'), authorization),
    await status(q('SHOW USERS'), authorization),
    await status(q('DROP MEASUREMENT cpu'), authorization, { method: 'POST' }),
    await status(`${influxdb}/write?db=telegraf`, authorization, POST),
    await status(`${meta}/user`, authorization),
    await status(`${meta}/authorized?name=admin&password=x&permission=Monitor`, authorization),
    await status(`${meta}/user`, authorization, { method: 'POST', body: '{"action":"delete","user":{"name":"nobody"}}' }),
  ]

  test.each([
    // says                          login  tasks delete config SELECT SHOW DROP write users passwords change
    ['an administrator may all',     'ann', [200, 200, 200, 200, 200, 200, 200, 200, 401, 404]],
    ['an auditor may read all',      'aud', [200, 403, 200, 200, 200, 403, 403, 200, 403, 403]],
    ['a member may nothing',         'mia', [403, 403, 403, 403, 403, 403, 403, 403, 403, 403]],
    ['nobody else gets in',          'eve', [403, 403, 403, 403, 403, 403, 403, 403, 403, 403]],
  ])('%s', async (_says, login, expected) => {
    expect(await statuses(bearer(login))).toEqual(expected)
    expect(await statuses(bearer(login))).toEqual(expected) // remembered, by whichever worker
  })

  test.each([
    // says                                             authorization                               message
    ['nobody listed them: 403 with the id to copy',     () => bearer('eve'),                        'subject "eve" of ISSUER is not listed; add it to [oidc] admins or to the users of the oidc file', null],
    ['a forged one: 401, for another token',            () => `${bearer('ann').slice(0, -8)}AAAAAAAA`, 'invalid token: its signature is not valid', 'Basic realm="kapacitor", charset="UTF-8", Bearer realm="kapacitor", error="invalid_token"'],
    ['an own one that nobody has',                      () => `Bearer kapa1_${'0'.repeat(64)}`,     'invalid token: unknown, revoked, expired, or its owner may not sign in any more', 'Basic realm="kapacitor", charset="UTF-8", Bearer realm="kapacitor", error="invalid_token"'],
    ['an own one in another form',                      () => 'Token kapa1_abc',                    'invalid token: after kapa1_ there must be 64 hexadecimal digits', 'Basic realm="kapacitor", charset="UTF-8", Bearer realm="kapacitor", error="invalid_token"'],
    ['one of a shared secret, which there is not',      () => `Bearer ${[{ alg: 'HS256' }, { username: 'admin', exp: 4e9 }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.AAAA`, 'bearer tokens are not enabled', 'Basic realm="kapacitor", charset="UTF-8", Bearer realm="kapacitor", error="invalid_token"'],
  ])('what is said when %s', async (_says, authorization, error, challenge) => {
    const answer = await fetch(served.api + TASKS, { headers: { authorization: authorization() } })
    expect(await answer.json()).toEqual({ error: error.replace('ISSUER', provider.issuer) })
    expect(answer.headers.get('www-authenticate')).toBe(challenge)
  })

  test('OIDC 17: a token with 200 groups gets in; one of more than 16 KiB and headers beyond the limit do not', async () => {
    expect(bearer('big').length).toBeGreaterThan(8_192)
    expect(bearer('huge').length).toBeGreaterThan(16_384)
    expect([await status(served.api + TASKS, bearer('big')), await status(served.api + TASKS, bearer('huge'))]).toEqual([403, 401])
    expect([await status(q('SELECT * FROM cpu'), bearer('big')), await status(q('SELECT * FROM cpu'), bearer('huge'))]).toEqual([403, 401])
    expect([await status(`${meta}/api/v0/tokens`, bearer('big')), await status(`${meta}/api/v0/tokens`, bearer('huge'))]).toEqual([200, 431])
    expect(await status(served.api + TASKS, `Bearer ${'x'.repeat(40_000)}`)).toBe(431)
  })

  test('readiness and metrics show the provider, whose absence does not matter', async () => {
    const { ready, parts } = await served.readiness()
    expect(ready).toBe(true)
    expect(parts.find(({ name }) => name === 'identity provider')).toMatchObject({ ready: true, reason: expect.stringMatching(/^1 key, fetched /) })
    const metrics = await (await fetch(`${served.admin}/metrics`)).text()
    for (const line of [/^kapacitor_auth_provider_keys 1$/m, /^kapacitor_auth_provider_keys_age_seconds \d/m, /^kapacitor_auth_provider_tokens_total\{outcome="accepted"\} [1-9]/m]) {
      expect(metrics).toMatch(line)
    }
  })

  const asJson = (login: string) => ({ authorization: bearer(login), 'content-type': 'application/json' })

  async function createToken(login: string, permissions: object[]): Promise<{ id: string; token: string }> {
    const answer = await fetch(`${meta}/api/v0/tokens`, { method: 'POST', headers: asJson(login), body: JSON.stringify({ description: 'test', permissions }) })
    expect(answer.status).toBe(200)
    const { id, accessToken } = await answer.json() as { id: string; accessToken: string }
    return { id, token: accessToken }
  }

  test('a subject makes a token, which may what it was made for, however it is sent', async () => {
    const { token } = await createToken('ann', [{ action: 'read', resource: 'telegraf' }])
    //                  tasks delete config SELECT SHOW DROP write users passwords change
    const expected = [403, 403, 403, 200, 403, 403, 403, 403, 403, 403]
    for (const authorization of [`Bearer ${token}`, `Token ${token}`, basic('anybody', token)]) {
      expect(await statuses(authorization)).toEqual(expected)
    }
    const inQuery = new URLSearchParams({ db: 'telegraf', q: 'SELECT * FROM cpu', u: 'anybody', p: token })
    expect((await fetch(`${influxdb}/query?${inQuery}`)).status).toBe(200)
    const writing = await createToken('ann', [{ action: 'write', resource: '*' }])
    expect((await fetch(`${served.api}/write?${new URLSearchParams({ db: 'x', u: '-', p: writing.token })}`, POST)).status).toBe(200)
  })

  test('OIDC 30: a token for a database is not an administrator; one that grants all is', async () => {
    const all = await createToken('ann', [{ action: 'all', resource: '' }])
    const database = await createToken('ann', [{ action: 'read', resource: '*' }, { action: 'write', resource: '*' }])
    const create = (token: string) => status(q('CREATE DATABASE y'), `Token ${token}`, { method: 'POST' })
    expect([await create(all.token), await create(database.token)]).toEqual([200, 403])
  })

  test('what a subject does not hold, its token does not get', async () => {
    for (const login of ['mia', 'aud']) {
      const answer = await fetch(`${meta}/api/v0/tokens`, { method: 'POST', headers: asJson(login), body: '{"description":"x","permissions":[{"action":"write","resource":"telegraf"}]}' })
      expect(answer.status).toBe(403)
    }
  })

  describe('OIDC 30: refused at every gateway and worker, though cached and unexpired', () => {
    let other: World
    let second: Served

    /** Nobody is asked again by themselves: what is refused here has been told. */
    const auth = (rest = '') => `[auth]\n  revalidate-interval = "1h"\n  cache-expiration = "24h"\n${rest}`
    const first = (admins: string, members?: string) => text(admins, members) + auth()
    const behind = (admins: string, members?: string) =>
      other.text('  workers = 2', oidc(admins, members) + auth(`  meta-addr = ["${meta.replace('http://', '')}"]\n  meta-username = "admin"\n  meta-password = "the admin password"\n`))

    beforeAll(async () => {
      other = await createWorld()
      second = await other.serve(behind('ann'))
      served.reload(first('ann'))
    })

    afterAll(() => other?.end())

    /** What requests to each worker of each gateway get; connections go round. */
    async function everywhere(authorization: string): Promise<number[]> {
      const answers = await Promise.all([served.api, second.api].flatMap((api) => Array.from({ length: 8 }, () => status(api + TASKS, authorization))))
      return [...new Set([...answers, await status(`${meta}/api/v0/tokens`, authorization)])].sort()
    }
    const comesTo = (authorization: string, ...expected: number[]) =>
      until(async () => JSON.stringify(await everywhere(authorization)) === JSON.stringify(expected))

    test('an own token that is revoked', async () => {
      const { id, token } = await createToken('ann', [{ action: 'KapacitorAPI', resource: '' }])
      await comesTo(`Token ${token}`, 200, 403) // its own rights do not reach the list of tokens
      expect(await status(`${meta}/api/v0/tokens/${id}`, bearer('ann'), { method: 'DELETE' })).toBe(204)
      await comesTo(`Token ${token}`, 401)
    })

    test('what a role grants to a member of its group, and to the token that was made with it', async () => {
      const role = async (action: string, rest = {}) =>
        (await fetch(`${meta}/role`, { method: 'POST', headers: asJson('ann'), body: JSON.stringify({ action, role: { name: 'operators', ...rest } }) })).status
      const permissions = { '': ['KapacitorAPI'] }
      expect([await role('create'), await role('add-permissions', { permissions })]).toEqual([200, 200])
      await comesTo(bearer('mia'), 200)
      const { token } = await createToken('mia', [{ action: 'KapacitorAPI', resource: '' }])
      await comesTo(`Token ${token}`, 200, 403)
      expect(await role('remove-permissions', { permissions })).toBe(200)
      await comesTo(bearer('mia'), 200, 403) // own tokens are still seen
      await comesTo(`Token ${token}`, 403)
    })

    test('a subject that is struck from the list, and its token', async () => {
      const { token } = await createToken('ann', [{ action: 'all', resource: '' }])
      await comesTo(bearer('ann'), 200)
      await comesTo(`Bearer ${token}`, 200)
      served.reload(first('bob'))
      second.reload(behind('bob'))
      await comesTo(bearer('ann'), 403)
      await comesTo(`Bearer ${token}`, 401)
      served.reload(first('ann'))
      second.reload(behind('ann'))
      await comesTo(bearer('ann'), 200)
      await comesTo(`Bearer ${token}`, 200)
    })
  })
})
