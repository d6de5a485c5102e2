import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAdminApp } from '../../src/admin/admin-app.js'
import type { Administered } from '../../src/admin/administered.js'
import { type Explanation, explain } from '../../src/admin/explain-endpoint.js'
import { createAccount } from '../../src/authn/directory/account.js'
import { subjectKey, subscriptionKey, tokenKey } from '../../src/authn/directory/account-key.js'
import { createSubscriptionAccount, createTokenAccount } from '../../src/authn/directory/token-account.js'
import { createSubjectAccount } from '../../src/authn/subjects/subject-account.js'
import { joinPermissions, type Permission, type Permissions } from '../../src/authz/permission.js'
import { addressOf, renderExplanation } from '../../src/cli/explain-command.js'
import { AuthError } from '../../src/errors.js'
import { digestOf } from '../../src/token/own-token.js'
import { start } from '../support/program.js'
import { startServer } from '../support/servers.js'

const on = (scope: string, ...names: Permission[]): Permissions => new Map([[scope, new Set(names)]])
const grants = [{ role: undefined, permissions: on('telegraf', 'WriteData') }, { role: 'ops', permissions: on('', 'KapacitorAPI') }]
const ANN = createAccount('ann', '', joinPermissions(grants.map(({ permissions }) => permissions)), grants)

const TOKEN = `kapa1_${'5'.repeat(64)}`
const TOKEN_ACCOUNT = createTokenAccount({ id: '1', digest: digestOf(TOKEN), owner: { kind: 'user', name: 'ann' }, permissions: new Map(), lifetime: undefined })
const SUBSCRIBED = subscriptionKey('d'.repeat(64))
const SUBSCRIPTION_ACCOUNT = createSubscriptionAccount({ id: '1', digest: 'd'.repeat(64), database: 'telegraf', policy: 'autogen' })
const MIA = { issuer: '', subject: 'mia', roles: [] }

const find = async (name: string) => {
  if (name === 'down') throw new AuthError('ERR_META_UNAVAILABLE', 'meta node unavailable')
  if (name === tokenKey(digestOf(TOKEN))) return { account: TOKEN_ACCOUNT, age: undefined }
  if (name === SUBSCRIBED) return { account: SUBSCRIPTION_ACCOUNT, age: undefined }
  if (name === subjectKey(MIA)) return { account: createSubjectAccount(MIA, 'Member', []), age: 3_200.4 }
  return name === 'ann' ? { account: ANN, age: 3_200.4 } : undefined
}
const keyOf = async (name: string) => ({ '_token:1': tokenKey(digestOf(TOKEN)), '_token:2': tokenKey(''), '_sub:1': SUBSCRIBED })[name]
const decider = { inspector: { find, keyOf }, exemption: () => undefined }
const administered: Administered = {
  readiness: async () => [],
  metrics: async () => '',
  purge: async () => {},
  explain: (question) => explain(decider, question),
}

let address: string
const asked: string[] = []
const closing: (() => Promise<unknown> | unknown)[] = []

beforeEach(async () => {
  const app = createAdminApp(administered, { log: () => {} }).callback()
  const server = await startServer((request, response) => {
    asked.push(request.url ?? '')
    return app(request, response)
  })
  address = `127.0.0.1:${server.port}`
  closing.push(server.close)
})
afterEach(async () => { for (const close of closing.splice(0)) await close() })

async function run(...args: string[]) {
  const program = start(['explain', ...args])
  const code = await program.end()
  return { code, stdout: program.stdout(), stderr: program.stderr() }
}
const ask = (...args: string[]) => run('--admin-addr', address, ...args)

describe('the answer', () => {
  test('yes is 0, with the reason', async () => {
    expect(await ask('--user', 'ann', '--method', 'GET', '--path', '/kapacitor/v1/tasks')).toEqual({ code: 0, stderr: '', stdout: `ann may GET /kapacitor/v1/tasks
  needs    read on /api/tasks
  holds    all on /api
           all by KapacitorAPI, through role ops
  known    for 3.2s
` })
  })

  test('no is 2; for points, with both parts', async () => {
    expect(await ask('--user', 'ann', '--method', 'POST', '--path', '/write?db=other')).toEqual({ code: 2, stderr: '', stdout: `ann may not POST /write?db=other
  refused  user ann does not have "write" privilege for database "other"
  needs    write on /api/write
  holds    write on /api/write
           write by WriteData on database telegraf, granted to the user
  needs    write on /database/other_clean
  holds    nothing there or above
  known    for 3.2s
` })
  })

  test('a token: the server hears its digest only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'explain-'))
    closing.push(async () => rmSync(folder, { recursive: true }))
    const file = join(folder, 'token')
    writeFileSync(file, `${TOKEN}\n`, { mode: 0o600 })
    const answered = await ask('--token-file', file, '--path', '/kapacitor/v1/tasks')
    expect(answered).toEqual({ code: 2, stderr: '', stdout: `_token:1 may not GET /kapacitor/v1/tasks
  who      an own token of user ann
  refused  token _token:1 does not have "read" privilege for API endpoint "/kapacitor/v1/tasks"
  needs    read on /api/tasks
  holds    nothing there or above
` })
    expect(asked.at(-1)).toMatch(/^\/explain\?token=[\da-f]{64}&/)
    expect(asked.join()).not.toContain(TOKEN)
  })

  test('a token, by the name that logs have', async () => {
    const { code, stdout } = await ask('--user', '_token:1', '--path', '/kapacitor/v1/tasks')
    expect([code, ...stdout.split('\n').slice(0, 2)]).toEqual([2, '_token:1 may not GET /kapacitor/v1/tasks', '  who      an own token of user ann'])
  })

  test("a subscription's token", async () => {
    expect(await ask('--user', '_sub:1', '--method', 'POST', '--path', '/write?db=telegraf&rp=autogen')).toEqual({ code: 0, stderr: '', stdout: `_sub:1 may POST /write?db=telegraf&rp=autogen
  who      a subscription's token, for retention policy autogen
  needs    write on /api/write
  holds    write on /api/write
           write by WriteData on database telegraf, granted to the subscription token
  needs    write on /database/telegraf_clean
  holds    write on /database/telegraf_clean
           write by WriteData on database telegraf, granted to the subscription token
` })
  })

  test('a subject', async () => {
    const { code, stdout } = await ask('--user', 'oidc:mia', '--path', '/kapacitor/v1/tasks')
    expect([code, stdout.split('\n')[1]]).toEqual([2, '  who      a subject of the identity provider, listed as Member; roles by the groups in their token are not counted here'])
  })

  test('the method is GET unless it is named; JSON is what the server said', async () => {
    const { code, stdout } = await ask('--user', 'ann', '--path', '/kapacitor/v1/config', '--json')
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(await explain(decider, { user: 'ann', method: 'GET', path: '/kapacitor/v1/config' }))))
  })

  test('the address is that of the configuration', async () => {
    const program = start(['explain', '--user', 'ann', '--path', '/kapacitor/v1/tasks'], { KAPACITOR_ADMIN_BIND_ADDRESS: `:${address.split(':')[1]}` })
    expect([await program.end(), program.stderr()]).toEqual([0, ''])
  })
})

describe('trouble is 1, in one line', () => {
  test.each<[string, string[], RegExp]>([
    // says                   arguments                                                        line
    ['an unknown user',       ['--user', 'nobody', '--path', '/x'],                            /^kapacitor-auth: user "nobody" not found\n$/],
    ['an empty name',         ['--user', '', '--path', '/x'],                                  /^kapacitor-auth: "user" is empty in the query\n$/],
    ['a mistyped method',     ['--user', 'ann', '--method', 'get', '--path', '/x'],            /^kapacitor-auth: "method": method not allowed\n$/],
    ['an ambiguous path',     ['--user', 'ann', '--path', '/a/../b'],                          /^kapacitor-auth: "path": ambiguous request path\n$/],
    ['a path without /',      ['--user', 'ann', '--path', 'write'],                            /^kapacitor-auth: --path does not begin with \/\n$/],
    ['a meta node down',      ['--user', 'down', '--path', '/x'],                              /^kapacitor-auth: meta node unavailable\n$/],
    ['no user',               ['--path', '/x'],                                                /^kapacitor-auth: explain needs either --user or --token-file\n$/],
    ['a user and a token',    ['--user', 'ann', '--token-file', '/dev/null', '--path', '/x'],  /^kapacitor-auth: explain needs either --user or --token-file\n$/],
    ['a token for a user',    ['--user', `kapa1_${'a'.repeat(64)}`, '--path', '/x'],           /^kapacitor-auth: --user: that is a token, which others could read here; use --token-file\n$/],
    ['no token in the file',  ['--token-file', '/dev/null', '--path', '/x'],                   /kapacitor-auth: --token-file \/dev\/null: it is empty\n$/],
    ['another file',          ['--token-file', import.meta.filename, '--path', '/x'],          /kapacitor-auth: --token-file \S+: not an own token, which begins with kapa1_; for an identity provider's token, use --user oidc:ID\n$/],
    ['an unknown id',         ['--user', '_token:9', '--path', '/x'],                          /^kapacitor-auth: token "_token:9" not found\n$/],
    ['a revoked token\'s id',  ['--user', '_token:2', '--path', '/x'],                         /^kapacitor-auth: token "_token:2" is unknown, revoked or expired, or its owner may not sign in any more\n$/],
    ['no path',               ['--user', 'ann'],                                               /^kapacitor-auth: explain needs either --path or --query\n$/],
    ['a path and a query',    ['--user', 'ann', '--path', '/x', '--query', 'SHOW USERS'],      /^kapacitor-auth: explain needs either --path or --query\n$/],
    ['not an address',          ['--admin-addr', 'x/y', '--user', 'ann', '--path', '/x'],      /^kapacitor-auth: --admin-addr x\/y is not host:port\n$/],
    ['credentials in it',     ['--admin-addr', 'a:b@127.0.0.1:1', '--user', 'ann', '--path', '/x'], /^kapacitor-auth: --admin-addr \S+ is not host:port\n$/],
    ['nobody there',          ['--admin-addr', '127.0.0.1:1', '--user', 'ann', '--path', '/x'], /^kapacitor-auth: no answer from the admin listener on 127\.0\.0\.1:1: nothing listens there; is the server running\? \(ECONNREFUSED\)\n$/],
  ])('%s', async (_says, args, line) => {
    const { code, stdout, stderr } = await ask(...args)
    expect(stderr).toMatch(line)
    expect(code).toBe(1)
    expect(stdout).toBe('')
  })

  test.each<[string, number, string]>([
    ['something else listens there', 200, '{"ok":true}'],
    ['it is no JSON',                200, '<html>'],
    ['it is elsewhere now',          302, ''],
  ])('%s', async (_says, status, body) => {
    const server = createServer((_req, res) => { res.writeHead(status, { location: '/explain2' }).end(body) })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => { server.closeAllConnections(); server.close() })
    const { code, stdout, stderr } = await run('--admin-addr', `127.0.0.1:${(server.address() as AddressInfo).port}`, '--user', 'ann', '--path', '/x')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^kapacitor-auth: [^\n]*127\.0\.0\.1[^\n]*\n$/)
  })
})

describe('where it asks', () => {
  test.each([
    // bind-address        asked
    ['127.0.0.1:9094',     '127.0.0.1:9094'],
    [':9094',              '127.0.0.1:9094'],
    ['0.0.0.0:9094',       '127.0.0.1:9094'],
    ['[::]:9094',          '[::1]:9094'],
    ['[::1]:9094',         '[::1]:9094'],
    ['admin.local:9094',   'admin.local:9094'],
  ])('%s: %s', (bindAddress, asked) => {
    expect(addressOf({ admin: { enabled: true, bindAddress, metaNodeBindAddress: '', readinessNeedsUpstream: true } })).toBe(asked)
  })

  test.each([
    ['it is switched off', { enabled: false, metaNodeBindAddress: '', bindAddress: ':1' }],
    ['any free port',      { enabled: true, metaNodeBindAddress: '', bindAddress: ':0' }],
  ])('nowhere: %s', (_says, admin) => {
    expect(() => addressOf({ admin: { ...admin, readinessNeedsUpstream: true } })).toThrow(AuthError)
  })
})

test('nothing that a server says steers the terminal', () => {
  const evil: Explanation = { user: 'a\u001b[2Jb', method: 'GET', path: '/\u202ex', allowed: true, exemption: 'off', reasons: [] }
  expect(renderExplanation(evil)).toBe('a\\u001b[2Jb may GET /\\u202ex\n  because  authentication is off: everybody may\n')
})
