import { join } from 'node:path'
import Koa from 'koa'
import { loadConfig } from '../../src/config/load-config.js'
import { type KapacitorAuthOptions, kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { type EmbeddedMetaNode, startMetaNode } from '../../src/serve/meta-node/embedded-meta-node.js'
import { basic, startServer } from './servers.js'

export const SECRET = 'an internal secret of the test, long enough'
const ADMIN = { authorization: basic('admin', 'the admin password') }

/** What was logged. */
export function createLog() {
  const lines: { level: string; fields: Record<string, unknown>; message: string }[] = []
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields: fields as Record<string, unknown>, message })
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}

/** A meta node of ours over the data in `directory`, with an administrator. */
export async function startNode(directory: string, address = '127.0.0.1:0', overrides: Record<string, string> = {}): Promise<EmbeddedMetaNode> {
  const node = await startMetaNode(
    loadConfig({
      file: false,
      env: {},
      overrides: {
        'meta.http-bind-address': address,
        'meta.dir': join(directory, 'meta'),
        'meta.admin-password': 'the admin password',
        'meta.internal-shared-secret': SECRET,
        'meta.bcrypt-cost': '4',
        'http.shutdown-timeout': '1h',
        ...overrides,
      },
    }),
    createLog(),
  )
  await node.makeFirstAdmin(async () => {})
  return node
}

export const hostOf = (node: EmbeddedMetaNode) => new URL(node.listening.url).host

/** POSTs a change as the administrator. */
export async function change(node: EmbeddedMetaNode, path: '/user' | '/role', body: object): Promise<void> {
  const answer = await fetch(node.listening.url + path, { method: 'POST', body: JSON.stringify(body), headers: ADMIN })
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
}

/** A guarded application that asks those nodes. */
export async function startGuarded(addresses: readonly string[], overrides: Record<string, string> = {}, options: KapacitorAuthOptions = {}) {
  const config = loadConfig({
    file: false,
    env: {},
    overrides: { 'auth.meta-addr': addresses.join(','), 'auth.meta-internal-shared-secret': SECRET, ...overrides },
  })
  const log = createLog()
  const auth = kapacitorAuth(config, { logger: log, ...options })
  const app = new Koa()
  app.use(auth)
  app.use((ctx) => { ctx.body = 'in' })
  const server = await startServer(app.callback())
  return {
    auth,
    log,
    url: server.url,
    ask: async (name: string, password: string) => (await fetch(`${server.url}/kapacitor/v1/tasks`, { headers: { authorization: basic(name, password) } })).status,
    async close() {
      await auth.close()
      await server.close()
    },
  }
}
