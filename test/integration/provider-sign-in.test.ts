import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import { type Accounts, openAccounts } from '../../src/serve/meta-node/accounts.js'
import { digestOf, newOwnToken, newSubscriptionToken } from '../../src/token/own-token.js'
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
  let accounts: Accounts
  let registry: Registry
  const tokens: Record<string, string> = {}

  const oidc = (admins: string, members = 'mia') => `
[oidc]
  jwks-endpoint = "${provider.jwksEndpoint}"
  issuer = "${provider.issuer}"
  client-id = "kapacitor-auth"
  admins = "${admins}"
  auditors = "aud"
  members = "${members}"
  groups-claim = "/realm_access/roles"
  group-roles = "ops=operators"
`
  const text = (admins: string, members?: string) => world.text('  workers = 2', oidc(admins, members))

  beforeAll(async () => {
    provider = await startOidcProvider()
    world = await createWorld()
    for (const login of ['ann', 'aud', 'mia', 'eve']) tokens[login] = (await signIn(provider, login)).access_token
    served = await world.serve(text('ann'), { KAPACITOR_GATEWAY_INFLUXDB_URL: world.upstream.url, INFLUXDB_HTTP_BIND_ADDRESS: '127.0.0.1:0' })
    influxdb = (await served.program.until(/InfluxDB API +(\S+)/))[1] as string
    meta = (await served.program.until(/meta node +(\S+)/))[1] as string
    accounts = await openAccounts(loadConfig({ file: world.file('k.conf'), env: {}, overrides: { 'meta.dir': world.file('meta') } }), { isChecked: true })
    registry = createRegistry(accounts.store)
  })

  afterAll(async () => {
    await accounts?.close()
    await world?.end()
    await provider?.close()
  })

  const status = async (url: string, authorization: string, init: RequestInit = {}) =>
    (await fetch(url, { ...init, headers: { authorization, connection: 'close' } })).status
  const bearer = (login: string) => `Bearer ${tokens[login]}`

  const q = (text: string) => `${influxdb}/query?${new URLSearchParams({ db: 'telegraf', q: text })}`
  const POST = { method: 'POST', body: 'cpu v=1' }
  const USERS = [201, 204]

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
})
