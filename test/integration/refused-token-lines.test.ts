// What the audit log says of a token that is refused, and that nobody else is told: at every API, with every kind of registry.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { influxdbAuth } from '../../src/gateway/influxdb/influxdb-auth.js'
import { auditLog } from '../../src/middleware/audit-log.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { openEtcdStore } from '../../src/registry/etcd/etcd-store.js'
import { openLmdbStore } from '../../src/registry/lmdb/lmdb-store.js'
import { serve } from '../../src/serve/serve.js'
import { has } from '../support/daemons.js'
import { startEtcd } from '../support/etcd.js'
import { temporaryDirectory } from '../support/program.js'
import { fillWithTokens, type TestToken, type TokenCase } from '../support/refused-tokens.js'
import { basic, startServer } from '../support/servers.js'
import { until } from '../support/until.js'

const SECRET = 'internal secret of at least 32 bytes'
const REFUSED = 'invalid token: unknown, revoked, expired, or its owner may not sign in any more'
const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const directory = temporaryDirectory()
const closing: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closing.reverse()) await close()
  directory.remove()
})

type Tokens = Awaited<ReturnType<typeof fillWithTokens>>
type Line = Record<string, unknown>

/** Where requests go, and the lines that they leave. */
interface World {
  readonly tokens: Tokens
  /** By its name, each API's origin. */
  readonly apis: Readonly<Record<string, string>>
  /** The audit log. */
  readonly audit: () => string
  /** Other logs, that must hold no secrets either. */
  readonly others: () => string
}

let made = 0

/** The program. */
async function startProgram(more: Record<string, string>) {
  const at = (name: string) => join(directory.path, `${made}-${name}`)
  made++
  const upstream = await startServer((_req, res) => res.end())
  const [audit, access, influxdb] = [at('audit.log'), at('access.log'), at('influxdb.log')]
  const logged: unknown[] = []
  const note = (...line: unknown[]) => void logged.push(...line)
  const serving = await serve(loadConfig({ file: false, env: {}, overrides: {
    'http.bind-address': '127.0.0.1:0', 'http.access-log-path': access, 'gateway.kapacitor-url': upstream.url,
    'gateway.influxdb-url': upstream.url, 'influxdb.bind-address': '127.0.0.1:0', 'influxdb.access-log-path': influxdb,
    'meta.http-bind-address': '127.0.0.1:0', 'meta.bcrypt-cost': '4', 'meta.internal-shared-secret': SECRET, 'admin.enabled': 'false',
    'audit.enabled': 'true', 'audit.path': audit, ...more,
  } }), { info: note, warn: note, error: note })
  closing.push(async () => {
    await serving.close()
    await upstream.close()
  })
  const metaNode = serving.metaNode?.listening.url
  const urlOf = (name: string) => serving.api.doors.find((door) => door.name === name)?.url ?? ''
  return {
    apis: { kapacitor: urlOf('kapacitor'), influxdb: urlOf('influxdb'), ...(metaNode && { meta: metaNode }) },
    audit: () => readFileSync(audit, 'utf8'),
    others: () => readFileSync(access, 'utf8') + readFileSync(influxdb, 'utf8') + JSON.stringify(logged),
  }
}

/** `kapacitorAuth` and `influxdbAuth` in Koa, which ask a meta node. */
async function startMiddleware(metaAddr: string) {
  const config = loadConfig({ file: false, env: {}, overrides: { 'auth.meta-addr': metaAddr, 'auth.meta-internal-shared-secret': SECRET } })
  const lines: string[] = []
  const options = { onDecision: auditLog((line) => lines.push(line)), logger: quiet }
  const apis: Record<string, string> = {}
  for (const [name, auth] of [['kapacitor', kapacitorAuth(config, options)], ['influxdb', influxdbAuth(config, options)]] as const) {
    const server = await startServer(new Koa().use(auth).use((ctx) => { ctx.body = 'in' }).callback())
    apis[name] = server.url
    closing.push(async () => {
      await auth.close()
      await server.close()
    })
  }
  return { apis, audit: () => lines.join(''), others: () => '' }
}

async function fillLmdb(path: string): Promise<Tokens> {
  const store = await openLmdbStore(path)
  try {
    return await fillWithTokens(store)
  } finally {
    await store.close()
  }
}

async function embedded(): Promise<World> {
  const path = join(directory.path, `meta-${made}`)
  const tokens = await fillLmdb(path)
  return { tokens, ...(await startProgram({ 'meta.dir': path })) }
}

/** A meta node of the program, and another program, or middleware, that asks it. */
async function remote(start: (metaAddr: string) => Promise<Omit<World, 'tokens'>>): Promise<World> {
  const node = await embedded()
  const asking = await start(new URL(node.apis.meta ?? '').host)
  return { ...asking, tokens: node.tokens, others: () => asking.others() + node.audit() + node.others() }
}

async function onEtcd(): Promise<World> {
  const cluster = await startEtcd()
  closing.push(() => cluster.close())
  const { endpoints } = cluster
  const store = await openEtcdStore({ endpoints })
  const tokens = await fillWithTokens(store)
  await store.close()
  return { tokens, ...(await startProgram({ 'meta.store': 'etcd', 'meta.etcd-endpoints': endpoints.join(','), 'meta.etcd-use-tls': 'false' })) }
}

const WORLDS: [string, boolean, () => Promise<World>][] = [
  // says                            can run                   how it is started
  ['in the same process',            true,                     embedded],
  ['at a meta node',                 true,                     () => remote((metaAddr) => startProgram({ 'auth.meta-addr': metaAddr, 'auth.meta-internal-shared-secret': SECRET }))],
  ['at a meta node, from Koa',       true,                     () => remote(startMiddleware)],
  ['on etcd',                        has('etcd', 'etcdctl'),   onEtcd],
]

/** What is asked for, by API. */
const PATHS: Record<string, string> = { kapacitor: '/kapacitor/v1/tasks', influxdb: '/query?db=db&q=SHOW+MEASUREMENTS', meta: '/api/v0/tokens' }

/** One request, its answer as text with all headers, and the line that it leaves. */
async function ask({ apis, audit }: World, api: string, target: string, authorization?: string) {
  const decisions = () => audit().split('\n').filter((line) => line.includes(`"event":"decision"`) && line.includes(`"door":"${api}"`))
  const before = decisions().length
  const answer = await fetch(apis[api] + target, { method: target.startsWith('/write') ? 'POST' : 'GET', headers: authorization === undefined ? {} : { authorization } })
  const text = await answer.text()
  await until(() => decisions().length > before)
  const line: Line = JSON.parse(decisions().at(-1) ?? '')
  return { status: answer.status, text, all: text + JSON.stringify([...answer.headers]), line }
}

/** Each way to present a token: the header, or the query. */
const WAYS: [string, (token: string) => { authorization?: string; query?: string }][] = [
  ['Bearer',        (token) => ({ authorization: `Bearer ${token}` })],
  ['Token',         (token) => ({ authorization: `Token ${token}` })],
  ['Basic',         (token) => ({ authorization: basic('grafana', token) })],
  ['the query',     (token) => ({ query: `u=grafana&p=${token}` })],
]

const FATES: TokenCase[] = ['revoked', 'expired', 'owner deleted', 'owner gone', 'owner not listed', 'unknown']

describe.each(WORLDS)('with the registry %s', (_says, canRun, start) => {
  let world: World
  beforeAll(async () => {
    if (canRun) world = await start()
  }, 120_000)

  describe.runIf(canRun).each(FATES)('a token is refused, and the line says which and why: %s', (fate) => {
    test.each(WAYS)('by %s', async (_way, present) => {
      const { token, id, reason } = world.tokens[fate]
      const { authorization, query } = present(token)
      for (const api of Object.keys(world.apis)) {
        const path = PATHS[api] ?? ''
        const target = query === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
        const { status, all, text, line } = await ask(world, api, target, authorization)
        // The caller is told what everybody is told
        expect([api, status, JSON.parse(text).error]).toEqual([api, 401, REFUSED])
        expect(all).not.toMatch(/"reason"|"id"/)
        if (id) expect(all).not.toContain(id)
        const expected: Line = { outcome: 'refused', code: 'ERR_TOKEN_INVALID', door: api, ...(authorization?.startsWith('Basic') || query ? { claimed: 'grafana' } : {}) }
        expect(line).toMatchObject({ ...expected, reason })
        expect([line.token, line.user, line.owner]).toEqual([id, undefined, undefined])
      }
    })
  })

  test.runIf(canRun)('a good one goes on, and nothing is said against it', async () => {
    const { token, id } = world.tokens.good
    const { status, line } = await ask(world, 'influxdb', '/ping?verbose=true', `Token ${token}`)
    expect(status).toBeLessThan(300)
    const kapacitor = await ask(world, 'kapacitor', PATHS.kapacitor ?? '', `Token ${token}`)
    expect(kapacitor.line).toMatchObject({ outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING', user: `_token:${id}`, token: id, owner: 'node' })
    for (const one of [line, kapacitor.line]) expect(one).not.toHaveProperty('reason')
  })

  test.runIf(canRun).each(['subscription revoked', 'subscription unknown'] as const)('the token of a %s', async (fate) => {
    const { token, id, reason } = world.tokens[fate]
    const { status, text, line } = await ask(world, 'kapacitor', '/write?db=db&rp=rp', basic('~subscriber', token))
    expect([status, text]).toEqual([401, '{"error":"invalid subscription token"}'])
    expect(line).toMatchObject({ outcome: 'refused', code: 'ERR_CREDENTIALS_REJECTED', reason })
    expect(line.token).toBe(id)
  })

  test.runIf(canRun)('no token, no digest and no part of one is in any log', () => {
    const logs = world.audit() + world.others()
    for (const { token, digest } of Object.values(world.tokens) as TestToken[]) {
      const [secret, hash] = [token.replace('kapa1_', ''), digest]
      for (const part of [secret.slice(0, 12), secret.slice(-12), hash.slice(0, 12), hash.slice(-12)]) expect(logs).not.toContain(part)
    }
    expect(world.audit()).toContain('"reason":"owner gone"')
  })
})

describe('of a meta node that says something else', () => {
  const ID = '01935f5a-7b1c-7d2e-8f3a-4b5c6d7e8f90'
  const NONE = 'token not found'
  test.each<[string, string | object, Line]>([
    // says                              answer                                                        in the line
    ['no reason, as earlier versions',   { code: 404, message: NONE, error: NONE },                    {}],
    ['that it has no tokens',            '404 page not found\n',                                       {}],
    ['a reason, by the book',            { error: NONE, id: ID, reason: 'expired' },                   { token: ID, reason: 'expired' }],
    ['a word of its own',                { error: NONE, id: ID, reason: 'x"}\n{"event":"decision"' },  {}],
    ['an id of its own',                 { error: NONE, id: `${ID}\n{`, reason: 'revoked' },           { reason: 'revoked' }],
    ['the digest that it was asked for', { error: NONE, id: 'DIGEST', reason: 'revoked' },             { reason: 'revoked' }],
    ['very much',                        { error: NONE, id: ID.repeat(9_999), reason: 'revoked' },     { reason: 'revoked' }],
  ])('%s', async (_says, answer, expected) => {
    const server = await startServer((req, res) => {
      const digest = new URL(req.url ?? '', 'http://x').searchParams.get('token') ?? ''
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
      res.writeHead(404).end(text.replace('DIGEST', digest))
    })
    closing.push(() => server.close())
    const started = await startMiddleware(`127.0.0.1:${server.port}`)
    for (const api of ['kapacitor', 'influxdb']) {
      const { status, text, line } = await ask({ ...started, tokens: {} as Tokens }, api, PATHS[api] ?? '', `Bearer kapa1_${'0'.repeat(64)}`)
      expect([status, JSON.parse(text).error]).toEqual([401, REFUSED])
      expect({ token: line.token, reason: line.reason }).toEqual({ token: undefined, reason: undefined, ...expected })
    }
    expect(started.audit().split('\n')).toHaveLength(3)
    expect(started.audit()).not.toMatch(/[\da-f]{64}/)
  })
})
