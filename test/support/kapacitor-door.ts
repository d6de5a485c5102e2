import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load-config.js'
import type { Logger } from '../../src/log/logger.js'
import type { Registry } from '../../src/registry/registry.js'
import type { EmbeddedMetaNode } from '../../src/serve/meta-node/embedded-meta-node.js'
import { serve } from '../../src/serve/serve.js'
import { hostOf, SECRET } from './meta-cluster.js'
import { temporaryDirectory } from './program.js'
import { basic, startServer } from './servers.js'

export const ADMIN_PASSWORD = 'the admin password'
export const SHARED_SECRET = 'a shared secret of the test, long enough'

export interface Asked {
  /** `name:password`. */
  readonly as?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly path?: string
  /** What is not text is sent as JSON. */
  readonly body?: unknown
}

export interface Answered { readonly status: number; readonly text: string; readonly headers: Headers }

/** Kapacitor's API as `serve` opens it, in front of a stand-in, with the embedded meta node. */
export interface TestKapacitorDoor {
  readonly url: string
  readonly metaNode: string
  /** The embedded meta node's, or that of the node which was given. */
  readonly registry: Registry
  /** Method and path of each request that has reached the stand-in for Kapacitor. */
  readonly reached: string[]
  readonly log: { level: string; message: string; fields: object }[]
  ask(asked: Asked): Promise<Answered>
  /** A change at the meta node, by its administrator. */
  change(path: '/user' | '/role', body: object): Promise<void>
  /** The lines of decisions. */
  decisions(): Record<string, unknown>[]
  /** The lines of changes in the audit log, without what is the same in all. */
  changes(): Record<string, unknown>[]
  close(): Promise<void>
}

export interface KapacitorDoorOptions {
  /** `name:password` of the first administrator. */
  readonly admin?: string
  /** Where the users are, in the place of the embedded meta node. */
  readonly node?: EmbeddedMetaNode
}

export async function startKapacitorDoor(overrides: Record<string, unknown> = {}, { admin = `admin:${ADMIN_PASSWORD}`, node }: KapacitorDoorOptions = {}): Promise<TestKapacitorDoor> {
  const [adminName = '', adminPassword = ''] = admin.split(':')
  const directory = temporaryDirectory()
  const reached: string[] = []
  const upstream = await startServer((req, res) => {
    reached.push(`${req.method} ${req.url}`)
    req.resume()
    const isEmpty = req.url?.includes('/ping') || req.url?.includes('/write')
    res.writeHead(isEmpty ? 204 : 200).end(isEmpty ? undefined : '{}')
  })
  const log: TestKapacitorDoor['log'] = []
  const line = (level: string) => (fields: object, message: string) => void log.push({ level, message, fields })
  const logger: Logger = { info: line('info'), warn: line('warn'), error: line('error') }
  const audit = join(directory.path, 'audit.log')
  const serving = await serve(loadConfig({
    file: false,
    env: {},
    overrides: {
      'http.bind-address': '127.0.0.1:0',
      'http.log-enabled': false,
      'http.shared-secret': SHARED_SECRET,
      'gateway.kapacitor-url': upstream.url,
      'meta.http-bind-address': '127.0.0.1:0',
      'meta.dir': join(directory.path, 'meta'),
      'meta.bcrypt-cost': 4,
      'meta.admin-username': adminName,
      'meta.admin-password': adminPassword,
      ...(node && { 'auth.meta-addr': hostOf(node), 'auth.meta-internal-shared-secret': SECRET }),
      'auth.wrong-password-interval': '0s',
      'admin.enabled': false,
      'audit.enabled': true,
      'audit.path': audit,
      ...overrides,
    },
  }), logger)
  const url = serving.api.url
  const audited = () => readFileSync(audit, 'utf8').split('\n').slice(0, -1).map((text) => JSON.parse(text) as Record<string, unknown>)
  const metaNode = (node ?? serving.metaNode)?.listening.url ?? ''
  const sent = (body: unknown) => (body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
  return {
    url,
    metaNode,
    registry: (node ?? serving.metaNode)?.registry as Registry,
    reached,
    log,
    async ask({ as = admin, headers = {}, method = 'GET', path = '/kapacitor/v1/users', body }) {
      const [name = '', password = ''] = as.split(/:(.*)/s)
      const authorization: Record<string, string> = as === '' ? {} : { authorization: basic(name, password) }
      const answer = await fetch(url + path, { method, headers: { ...authorization, ...headers }, ...(body !== undefined && { body: sent(body) as string }) })
      return { status: answer.status, text: await answer.text(), headers: answer.headers }
    },
    async change(path, body) {
      const answer = await fetch(metaNode + path, { method: 'POST', body: JSON.stringify(body), headers: { authorization: basic(adminName, adminPassword) } })
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
    },
    decisions: () => audited().filter(({ event }) => event === 'decision'),
    changes: () =>
      audited()
        .filter(({ event, door }) => event === 'change' && door === 'kapacitor')
        .map(({ time, event, client, requestId, door, via, ...rest }) => rest),
    async close() {
      await serving.close()
      await upstream.close()
      directory.remove()
    },
  }
}
