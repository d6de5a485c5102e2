import { afterEach, describe } from 'vitest'
import { createBcryptPool } from '../../../src/authn/passwords/bcrypt-pool.js'
import { createMetaNodeUsers } from '../../../src/gateway/influxdb/users/meta-node-users.js'
import { createRegistryUsers } from '../../../src/gateway/influxdb/users/registry-users.js'
import { createMetaEditor } from '../../../src/meta-client/editor.js'
import { openLmdbStore } from '../../../src/registry/lmdb/lmdb-store.js'
import { createRegistry } from '../../../src/registry/registry.js'
import { userAdministrationContract } from '../../contract/user-administration-contract.js'
import { change, hostOf, SECRET, startNode } from '../../support/meta-cluster.js'
import { temporaryDirectory } from '../../support/program.js'

const closing: (() => unknown)[] = []
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close() })

const ROLE = { db1: ['ReadData'] }

describe('the embedded registry', () => {
  userAdministrationContract(async () => {
    const directory = temporaryDirectory()
    const store = await openLmdbStore(directory.path)
    const hasher = createBcryptPool({ threads: 1, queue: 100 })
    closing.push(directory.remove, () => store.close(), () => hasher.close())
    const registry = createRegistry(store)
    return {
      users: createRegistryUsers(store, hasher, 4),
      hasAdmin: false,
      async grantByRole(user) {
        await registry.createRole('readers')
        await registry.addRolePermissions('readers', new Map([['db1', new Set(['ReadData'] as const)]]))
        await registry.addRoleUsers('readers', [user])
      },
    }
  })
})

describe('a meta node over the wire', () => {
  userAdministrationContract(async () => {
    const directory = temporaryDirectory()
    const node = await startNode(directory.path)
    const hasher = createBcryptPool({ threads: 1, queue: 100 })
    const users = createMetaNodeUsers(createMetaEditor({ addresses: [hostOf(node)], credentials: { kind: 'node', secret: SECRET } }), hasher)
    closing.push(directory.remove, () => node.close(), () => hasher.close(), () => users.close())
    return {
      users,
      hasAdmin: true,
      async grantByRole(user) {
        await change(node, '/role', { action: 'create', role: { name: 'readers' } })
        await change(node, '/role', { action: 'add-permissions', role: { name: 'readers', permissions: ROLE } })
        await change(node, '/role', { action: 'add-users', role: { name: 'readers', users: [user] } })
      },
    }
  })
})
