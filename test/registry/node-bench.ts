import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import bcrypt from 'bcryptjs'
import { afterEach } from 'vitest'
import { bcryptCost } from '../../src/authn/passwords/bcrypt-hash.js'
import type { PasswordHasher } from '../../src/authn/passwords/hasher.js'
import { createMetaNode, type MetaNodeOptions } from '../../src/meta-node/meta-node.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import type { Store } from '../../src/registry/store/store.js'
import { openStore } from './temporary.js'

/** As cheap as bcrypt gets. */
export const COST = 4

const servers: Server[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }))
})

/** bcrypt on the main thread. It counts what it is asked. */
export function createTestHasher(): PasswordHasher & { hashed: number; compared: string[] } {
  return {
    hashed: 0,
    compared: [],
    hash(password, cost) {
      this.hashed++
      return bcrypt.hash(password, cost as number)
    },
    async compare(password, hash, { decoys = [] } = {}) {
      this.compared.push(hash)
      const right = bcryptCost(hash) !== undefined && (await bcrypt.compare(password, hash))
      if (!right) this.compared.push(...decoys)
      return right
    },
    async close() {},
  }
}

export interface NodeBench {
  store: Store
  registry: Registry
  hasher: ReturnType<typeof createTestHasher>
  url: string
  /** What was logged. */
  logged: unknown[]
  get(path: string, init?: RequestInit): Promise<Response>
  /** POSTs a change as curl does. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>
}

/** A meta node that listens, over a new registry. */
export async function startNode(options: Partial<MetaNodeOptions> = {}): Promise<NodeBench> {
  const store = await openStore()
  const registry = createRegistry(store)
  const hasher = createTestHasher()
  const logged: unknown[] = []
  const app = createMetaNode({ registry, hasher, cost: COST, log: (error) => logged.push(error), ...options })
  const server = createServer(app.callback())
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    store, registry, hasher, url, logged,
    get: (path, init) => fetch(url + path, init),
    post: (path, body, init) => fetch(url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      ...init,
    }),
  }
}
