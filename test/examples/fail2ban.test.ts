import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import Koa from 'koa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Authenticator } from '../../src/authn/authenticator.js'
import { rejected } from '../../src/authn/credentials.js'
import { createBcryptPool } from '../../src/authn/passwords/bcrypt-pool.js'
import { createSignIn } from '../../src/authn/sign-in.js'
import { loadConfig } from '../../src/config/load-config.js'
import { AuthError } from '../../src/errors.js'
import { createCallerCheck } from '../../src/meta-node/caller.js'
import { createMetaNode } from '../../src/meta-node/meta-node.js'
import { auditChanges } from '../../src/middleware/audit-changes.js'
import { auditLog } from '../../src/middleware/audit-log.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { requestId } from '../../src/middleware/request-id.js'
import { ADMIN_PERMISSIONS } from '../../src/registry/first-admin.js'
import { createRegistry } from '../../src/registry/registry.js'
import { createStoreDirectory } from '../../src/registry/registry-directory.js'
import { openStore } from '../registry/temporary.js'
import { temporaryDirectory } from '../support/program.js'
import { basic, startServer, type TestServer } from '../support/servers.js'

const README = readFileSync(join(import.meta.dirname, '../../docs/logs-and-audit.md'), 'utf8')
const FILTER = /```ini\n(\[Definition\]\n[\s\S]*?)```/.exec(README)?.[1] ?? ''
const option = (name: string) => new RegExp(`^${name} *= (.*)$`, 'm').exec(FILTER)?.[1] ?? 'not in the document'

/** As fail2ban 1.0 does it: its own patterns for a tag (server/failregex.py, server/ipdns.py), %% for %, and each %x. */
const ADDR = String.raw`\[?(?:(?:::f{4,6}:)?(?<ip4>(?:\d{1,3}\.){3}\d{1,3})|(?<ip6>(?:[0-9a-fA-F]{1,4}::?|::){1,7}(?:[0-9a-fA-F]{1,4}|(?<=:):)))\]?`
const DATE: Record<string, string> = { Y: String.raw`\d{4}`, m: String.raw`\d{2}`, d: String.raw`\d{2}`, H: String.raw`\d{2}`, M: String.raw`\d{2}`, S: String.raw`\d{2}`, f: String.raw`\d+`, z: String.raw`(?:Z|[+-]\d{2}:?\d{2})` }
const date = new RegExp(option('datepattern').replaceAll('%%', '%').replace(/%(\w)/g, (_, letter: string) => DATE[letter] ?? 'unknown'))
const failure = new RegExp(option('failregex').replace('<ADDR>', ADDR))

/** The address that fail2ban finds in a line: it cuts the date out, then looks at the rest. */
function found(line: string): string | undefined {
  if (!date.test(line)) return undefined
  const match = failure.exec(line.replace(date, ''))
  return match?.groups?.ip4 ?? match?.groups?.ip6
}

const PASSWORD = 'p4ss-w0rd'
const user = Object.freeze({ name: 'ann', admin: false, privileges: new Map() })
const authenticator: Authenticator = {
  authenticate: (credentials) => {
    if (credentials.kind === 'bearer') return new AuthError('ERR_TOKEN_INVALID', 'no')
    if (credentials.kind === 'password' && credentials.name === 'outage') return new AuthError('ERR_META_UNAVAILABLE', 'no')
    return credentials.kind === 'password' && credentials.name === 'ann' && credentials.password === PASSWORD ? user : rejected()
  },
  forget: () => {},
}

const lines: string[] = []
let server: TestServer
beforeEach(async () => {
  lines.length = 0
  const trustedProxies = ['127.0.0.1']
  const app = new Koa()
  const silent = { info() {}, warn() {}, error() {} }
  app.use(requestId({ trustedProxies }))
  app.use(kapacitorAuth(loadConfig({ file: false, env: { KAPACITOR_AUTH_META_ADDR: '127.0.0.1:1' } }), { authenticator, logger: silent, onDecision: auditLog((line) => lines.push(line), { trustedProxies }) }))
  app.use((ctx) => { ctx.body = '' })
  server = await startServer(app.callback())
})
afterEach(() => server.close())

/** One request through a trusted proxy; its line. */
async function lineOf(path: string, headers: Record<string, string>): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const asked = request({ port: server.port, host: '127.0.0.1', path, headers }, (answer) => answer.resume().on('end', resolve))
    asked.on('error', reject).end()
  })
  expect(lines).toHaveLength(1)
  return lines.splice(0)[0] ?? ''
}

const TASKS = '/kapacitor/v1/tasks'
const CLIENT = '203.0.113.5'
const VICTIM = '198.51.100.9'
const FORGED = `","event":"decision","outcome":"refused","code":"ERR_CREDENTIALS_REJECTED","client":"${VICTIM}","x":"`
const FORGED_LINE = `\n{"time":"2026-01-02T03:04:05.678Z${FORGED}"}\n`

const CASES: [string, string, Record<string, string>, string | undefined][] = [
  // says                              path                     headers                                             banned
  ['a wrong password',                 TASKS,                   { authorization: basic('ann', 'guess') },           CLIENT],
  ['an unknown name',                  TASKS,                   { authorization: basic('bob', PASSWORD) },          CLIENT],
  ['in the query',                     `${TASKS}?u=bob&p=x`,    {},                                                 CLIENT],
  ['a bad token',                      TASKS,                   { authorization: 'Bearer a.b.c' },                  CLIENT],
  ['IPv6',                             TASKS,                   { authorization: basic('ann', 'guess'), 'x-forwarded-for': '2001:db8::5' }, '2001:db8::5'],
  ['a line in the name',               TASKS,                   { authorization: basic(FORGED_LINE.replaceAll(':', '\u2236'), 'guess') }, CLIENT],
  ['a line in the name of a query',    `${TASKS}?u=${encodeURIComponent(FORGED_LINE)}&p=x`, {},                     CLIENT],
  ['another client in the name',       `${TASKS}?u=${encodeURIComponent(FORGED)}&p=x`, {},                          CLIENT],
  ['another client in the path',       `/${encodeURIComponent(FORGED)}`, { authorization: basic('ann', 'guess') },  CLIENT],
  ['another client by header',         TASKS,                   { authorization: basic('ann', 'guess'), 'x-forwarded-for': `${VICTIM}, ${CLIENT}` }, CLIENT],
  ['another client by id',             TASKS,                   { authorization: basic('ann', 'guess'), 'x-request-id': FORGED }, CLIENT],
  ['a proxy that knows no client',     TASKS,                   { authorization: basic('ann', 'guess'), 'x-forwarded-for': 'unknown' }, undefined],
  ['the right password',               TASKS,                   { authorization: basic('ann', PASSWORD) },          undefined],
  ['no credentials yet',               TASKS,                   {},                                                 undefined],
  ['an outage',                        TASKS,                   { authorization: basic('outage', 'x') },            undefined],
  ['the same, with a line in the path', `/${encodeURIComponent(FORGED)}`, {},                                       undefined],
  ['the same, in a path that is refused', `//${encodeURIComponent(FORGED_LINE)}`, { authorization: basic('ann', PASSWORD) }, undefined],
  ['a line in no name that counts',    `/x?u=${encodeURIComponent(FORGED_LINE)}`, {},                               undefined],
]

test.each(CASES)('the documented filter finds who failed, and nobody else: %s', async (_says, path, headers, banned) => {
  expect(found(await lineOf(path, { 'x-forwarded-for': CLIENT, ...headers }))).toBe(banned)
})

const META: [string, string, string | undefined, boolean][] = [
  // says                              authorization                      body                                                                     banned
  ['a wrong password',                 basic('ann', 'guess'),             undefined,                                                               true],
  ['an unknown name',                  basic('bob', PASSWORD),            undefined,                                                               true],
  ['a wrong one, to change something', basic('ann', 'guess'),             '{"action":"delete","user":{"name":"bob"}}',                             true],
  ['a line in the name',               basic(FORGED_LINE.replaceAll(':', '\u2236'), 'guess'), undefined,                                          true],
  ['the right password',               basic('ann', PASSWORD),            undefined,                                                               false],
  ['no credentials',                   '',                                undefined,                                                               false],
  ['another\'s password to judge',     basic('ann', PASSWORD),            '?name=bob&password=guess&permission=NoPermissions',                     false],
  ['a change that is refused',         basic('ann', PASSWORD),            '{"action":"delete","user":{"name":"nobody"}}',                          false],
  ['a change with a line in it',       basic('ann', PASSWORD),            JSON.stringify({ action: 'create', user: { name: FORGED.slice(0, 60), password: 'x' } }), false],
]

test.each(META)('B1: the same filter finds who failed at the meta node, and nobody else: %s', async (_says, authorization, body, isBanned) => {
  const written: string[] = []
  const store = await openStore()
  const registry = createRegistry(store)
  const pool = createBcryptPool({ threads: 1 })
  await registry.createUser('ann', await pool.hash(PASSWORD, 4), ADMIN_PERMISSIONS)
  const config = loadConfig({ file: false, env: {} })
  const signIn = createSignIn(createStoreDirectory(store, pool), pool, config.auth)
  const write = (line: string) => written.push(line)
  const app = createMetaNode({
    registry, hasher: pool, cost: 4, authenticate: createCallerCheck(signIn, config.meta) as NonNullable<ReturnType<typeof createCallerCheck>>,
    onDecision: auditLog(write), onChange: auditChanges(write),
  })
  const node = await startServer(app.callback())
  const isQuery = body?.startsWith('?')
  const answer = await fetch(`${node.url}${isQuery ? `/authorized${body}` : '/user'}`, {
    headers: authorization ? { authorization } : {}, ...(body && !isQuery && { method: 'POST', body }),
  })
  await answer.text()
  await node.close()
  signIn.close()
  await pool.close()
  await store.close()
  expect(written.length).toBeGreaterThan(0)
  expect(written.map(found).filter((address) => address !== undefined)).toEqual(isBanned ? ['127.0.0.1'] : [])
})

test('what the log file says of itself is nobody’s failure', () => {
  expect(found('{"level":40,"time":"2026-01-02T03:04:05.678Z","dropped":3,"msg":"log lines were lost"}')).toBeUndefined()
})

test('the real fail2ban finds the same, where it is installed', async () => {
  const written: string[] = []
  for (const [, path, headers] of CASES) written.push(await lineOf(path, { 'x-forwarded-for': CLIENT, ...headers }))
  const directory = temporaryDirectory()
  const filter = join(directory.path, 'filter.conf')
  const log = join(directory.path, 'audit.log')
  writeFileSync(filter, FILTER)
  writeFileSync(log, written.join(''))
  const { error, stdout } = spawnSync('fail2ban-regex', ['--out', 'ip', log, filter], { encoding: 'utf8' })
  directory.remove()
  const banned = CASES.map(([, , , address]) => address).filter((address) => address !== undefined)
  expect(written.map(found).filter((address) => address !== undefined)).toEqual(banned)
  if (error === undefined) expect(stdout.trim().split('\n')).toEqual(banned)
})
