import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_PERMISSIONS } from '../../src/authz/permission.js'
import { loadConfig } from '../../src/config/load-config.js'
import { grantsObject } from '../../src/registry/grants.js'
import { type EmbeddedMetaNode, startMetaNode } from '../../src/serve/meta-node/embedded-meta-node.js'
import { type Program, start, temporaryDirectory } from '../support/program.js'
import { basic } from '../support/servers.js'
import { startStandInProvider } from '../support/stand-in-provider.js'
import { until } from '../support/until.js'

const directory = temporaryDirectory()
const AUDIT = join(directory.path, 'audit.log')
afterAll(() => directory.remove())

const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line))
const text = async (url: string, authorization?: string) => (await fetch(url, { headers: authorization ? { authorization } : {} })).text()

describe('B1: kapacitor-auth meta-node', () => {
  let program: Program
  let [meta, admin] = ['', '']
  beforeAll(async () => {
    program = start(['meta-node', '--data-dir', directory.path, '--meta-bind-address', '127.0.0.1:0'], {
      KAPACITOR_META_ADMIN_PASSWORD: 'configured', KAPACITOR_META_BCRYPT_COST: '4', KAPACITOR_AUDIT_ENABLED: 'true', KAPACITOR_AUDIT_PATH: AUDIT,
    })
    meta = (await program.until(/meta node +(\S+)/))[1] ?? ''
    admin = (await program.until(/admin +(\S+) +health/))[1] ?? ''
  })
  afterAll(async () => {
    program.child.kill()
    expect(await program.end()).toBe(0)
  })

  test('has the admin listener: health, readiness, metrics, purging', async () => {
    expect(JSON.parse(await text(`${admin}/healthz`))).toEqual({ status: 'ok' })
    const ready = await fetch(`${admin}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, parts: [{ name: 'registry', ready: true }] }])
    expect((await fetch(`${admin}/cache/purge?user=admin`, { method: 'POST' })).status).toBe(204)
    const explained = await fetch(`${admin}/explain?user=admin&method=GET&path=/x`)
    expect([explained.status, await explained.json()]).toEqual([404, { error: 'a meta node decides about no requests to an API: ask the admin listener of kapacitor-auth serve' }])
  })

  test('writes audit and access lines, and counts', async () => {
    await text(`${meta}/user`, basic('admin', 'configured'))
    await text(`${meta}/user`, basic('admin', 'wrong-guess'))
    await until(() => linesOf(AUDIT).length >= 3)
    expect(linesOf(AUDIT)).toEqual([
      expect.objectContaining({ event: 'change', outcome: 'made', via: 'first-start', name: 'admin' }),
      expect.objectContaining({ event: 'decision', outcome: 'allowed', door: 'meta', client: '127.0.0.1', via: 'verified', user: 'admin' }),
      expect.objectContaining({ event: 'decision', outcome: 'refused', door: 'meta', code: 'ERR_CREDENTIALS_REJECTED', claimed: 'admin' }),
    ])
    const metrics = await text(`${admin}/metrics`)
    expect(metrics).toContain('kapacitor_auth_requests_total{door="meta",outcome="allowed",code="none",via="verified"} 1\n')
    expect(metrics).toMatch(/^kapacitor_auth_cache_entries 1$/m)
    expect(metrics).toMatch(/^process_resident_memory_bytes /m)
    await until(() => program.stderr().includes('"path":"/user"'))
    await until(() => /"client":"127.0.0.1".*"user":"admin".*"path":"\/user","status":200/.test(program.stderr()))
    expect(program.stdout() + program.stderr() + readFileSync(AUDIT, 'utf8')).not.toMatch(/configured"|wrong-guess|\$2[aby]\$/)
  })
})

test('it is ready once there is an administrator, where a query is to make one', async () => {
  const program = start(['meta-node', '--data-dir', join(directory.path, 'query'), '--meta-bind-address', '127.0.0.1:0'], {
    KAPACITOR_META_FIRST_ADMIN: 'query', KAPACITOR_META_AUTH_ENABLED: 'false', KAPACITOR_META_BCRYPT_COST: '4',
  })
  try {
    await program.until(/There is no administrator yet/)
    const [meta, admin] = [/meta node +(\S+)/, /admin +(\S+) +health/].map((pattern) => pattern.exec(program.stdout())?.[1] ?? '')
    const readiness = async () => (await fetch(`${admin}/readyz`)).json()
    const change = async (body: object) => expect((await fetch(`${meta}/user`, { method: 'POST', body: JSON.stringify(body) })).ok).toBe(true)
    const missing = { ready: false, parts: [{ name: 'registry', ready: true }, { name: 'first administrator', ready: false, reason: 'is not created yet' }] }
    expect(await readiness()).toEqual(missing)
    await change({ action: 'create', user: { name: 'root', password: 'Pa5sw0Rd' } })
    expect(await readiness()).toEqual(missing)
    await change({ action: 'add-permissions', user: { name: 'root', permissions: grantsObject(ADMIN_PERMISSIONS) } })
    expect(await readiness()).toEqual({ ready: true, parts: [{ name: 'registry', ready: true }] })
  } finally {
    program.child.kill()
    await program.end()
  }
})

test('OIDC 30: it reads the file of [oidc] again when it changes, and at SIGHUP', async () => {
  const provider = await startStandInProvider()
  const values = join(directory.path, 'values.yaml')
  const write = (id: string) => writeFileSync(values, `admin:\n  jwksEndpoint: ${provider.jwksEndpoint}\n  users: [{ id: ${id}, firstName: A, lastName: B, email: c }]\n`)
  write('ann')
  const program = start(['meta-node', '--data-dir', join(directory.path, 'oidc'), '--meta-bind-address', '127.0.0.1:0'], {
    KAPACITOR_META_BCRYPT_COST: '4', KAPACITOR_META_ADMIN_PASSWORD: 'configured',
    KAPACITOR_OIDC_FILE: values, KAPACITOR_OIDC_ISSUER: provider.issuer, KAPACITOR_OIDC_CLIENT_ID: 'kapacitor',
  })
  try {
    const [, meta] = await program.until(/meta node +(\S+)/)
    const [, admin] = await program.until(/admin +(\S+) +health/)
    const ann = await provider.bearer('ann')
    const status = async () => (await fetch(`${meta}/user`, { headers: ann })).status
    expect(await status()).toBe(200)
    write('7')
    await until(() => program.stderr().includes('what it said before stays in force'))
    expect(await status()).toBe(200)
    expect(await text(`${admin}/readyz`)).toContain(`"[oidc] file","ready":true,"reason":"was refused: ${values}:3: `)
    program.child.kill('SIGHUP')
    await until(() => program.stderr().split('what it said before stays in force').length === 3)
    write('bob')
    await until(() => program.stderr().includes('the file of [oidc] has changed: reloaded'))
    expect(await status()).toBe(403)
    expect(await text(`${admin}/readyz`)).not.toContain('[oidc] file')
  } finally {
    program.child.kill()
    await program.end()
    await provider.close()
  }
})

describe('D8: where the meta node asks for no credentials', () => {
  let metaNode: EmbeddedMetaNode | undefined
  let roles = 0

  async function startOpen(more: Record<string, string> = {}): Promise<void> {
    const config = loadConfig({ file: false, env: {}, overrides: { 'meta.http-bind-address': 'localhost:0', 'meta.dir': join(directory.path, 'open'), 'meta.auth-enabled': 'false', 'http.log-enabled': 'false', ...more } })
    metaNode = await startMetaNode(config, { info: () => {}, warn: () => {}, error: () => {} })
  }

  /** Not by fetch, which lets nobody choose Host. */
  const statusFor = (host: string, method = 'GET', path = '/user') => new Promise<number>((resolve, reject) => {
    const url = new URL(metaNode?.listening.url ?? '')
    const asked = request({ host: url.hostname, port: url.port, method, path, headers: { host } }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    })
    asked.on('error', reject).end(method === 'POST' ? `{"action":"create","role":{"name":"r${roles++}"}}` : undefined)
  })

  describe('and the Host must be one of its own', () => {
    beforeAll(() => startOpen({ 'meta.allowed-hosts': 'meta1.example.com, meta' }))
    afterAll(() => metaNode?.close())

    test.each<[string, string, number]>([
      // says                                host                                 status
      ['an IP address',                      '127.0.0.1:8091',                    200],
      ['an IPv6 address',                    '[::1]:8091',                        200],
      ['localhost',                          'localhost:8091',                    200],
      ['the machine\'s name',                `${hostname()}:8091`,                200],
      ['a name that is allowed',             'META1.example.com',                 200],
      ['the other one',                      'meta:8091',                         200],
      ['somebody else\'s name',              'evil.example:8091',                 403],
      ['one below an allowed one',           'x.meta1.example.com',               403],
      ['one that ends alike',                'evilmeta',                          403],
      ['no name',                            ':8091',                             403],
    ])('the Host is %s', async (_says, host, status) => {
      expect([await statusFor(host), await statusFor(host, 'POST', '/role'), await statusFor(host, 'GET', '/ping')]).toEqual([status, status, status])
    })
  })

  test('where it asks for them, any name will do', async () => {
    await startOpen({ 'meta.auth-enabled': 'true' })
    expect(await statusFor('meta.somewhere.example')).toBe(401)
    await metaNode?.close()
  })

  test.each(['a b', 'http://meta', 'meta:8091', '*.example.com', 'a..b', '-'.repeat(64)])('allowed-hosts = %j is not a host name', async (value) => {
    expect(() => loadConfig({ file: false, env: {}, overrides: { 'meta.allowed-hosts': value } })).toThrow(/\[meta\] allowed-hosts|meta\.allowed-hosts/)
  })
})
