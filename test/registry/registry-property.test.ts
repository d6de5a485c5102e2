import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLUSTER, isAdmin, PERMISSIONS, type Permission, type Permissions } from '../../src/authz/permission.js'
import { AuthError } from '../../src/errors.js'
import { CANDIDATE_ROLES, CANDIDATE_USERS } from '../../src/registry/admin-candidate.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import { GRANTS } from '../../src/registry/role-record.js'
import type { Store } from '../../src/registry/store/store.js'
import { entriesOf, type StoreBench } from '../contract/store-contract.js'
import { has } from '../support/daemons.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { openEtcdBench } from './etcd-bench.js'
import { Model } from './registry-model.js'
import { openBench } from './temporary.js'

interface Real { bench: StoreBench; store: Store; registry: Registry }

const shown = (permissions: Permissions) =>
  [...permissions].map(([scope, names]) => [scope, [...names].sort()]).sort()

/** What the registry holds, as `Model.all` shows it. */
const allOf = ({ registry }: Real) => registry.read(async (state) => {
  const users = []
  for await (const { name, hash, permissions, created } of state.users()) {
    const account = await state.account(name)
    expect(await state.user(name)).toEqual({ name, hash, permissions, created })
    users.push([name, hash, shown(permissions), shown(account?.permissions ?? new Map())])
  }
  const roles = []
  for await (const role of state.roles()) {
    const members = []
    for await (const user of role.users()) members.push(user)
    expect((await state.role(role.name))?.permissions).toEqual(role.permissions)
    roles.push([role.name, shown(role.permissions), members])
  }
  return { users: users.sort(), roles: roles.sort() }
})

type Change = {
  [K in keyof Registry & keyof Model]: Registry[K] extends (...args: infer A) => unknown ? [K, ...A] : never
}[keyof Registry & keyof Model]

class Apply implements fc.AsyncCommand<Model, Real> {
  readonly change: Change
  constructor(change: Change) { this.change = change }
  check = () => true
  toString = () => JSON.stringify(this.change, (_, v) => v instanceof Map ? Object.fromEntries(v) : v instanceof Set ? [...v] : v)

  async run(model: Model, real: Real) {
    const [method, ...args] = this.change as [string, ...unknown[]]
    const before = JSON.stringify(model.all())
    const index = await real.registry.index()
    const expected = (model as unknown as Record<string, (...args: unknown[]) => string | undefined>)[method]?.(...args)
    const actual = await (real.registry as unknown as Record<string, (...args: unknown[]) => Promise<void>>)[method]?.(...args)
      .catch((error) => { if (error instanceof AuthError) return error.code; throw error })
    expect(actual).toBe(expected)
    expect(await allOf(real)).toEqual(model.all())
    expect(await real.registry.index()).toBe(index + (JSON.stringify(model.all()) === before ? 0 : 1))
  }
}

class Restart implements fc.AsyncCommand<Model, Real> {
  check = () => true
  toString = () => 'restart'
  async run(model: Model, real: Real) {
    real.store = await real.bench.reopen()
    real.bench.store = real.store
    real.registry = createRegistry(real.store)
    expect(await allOf(real)).toEqual(model.all())
  }
}

const user = fc.constantFrom('ann', 'bob', '__proto__')
const role = fc.constantFrom('ops', 'dev', 'constructor')
const users = fc.uniqueArray(user, { maxLength: 3 })
const hash = fc.constantFrom('hash1', 'hash2')
const EVERY = PERMISSIONS.filter((name) => name !== 'NoPermissions')
const names: fc.Arbitrary<Permission[]> = fc.oneof(
  fc.constant<Permission[]>([...EVERY]),
  fc.constant<Permission[]>(EVERY.filter((name) => name !== 'CopyShard')),
  fc.constantFrom<Permission[]>(['CopyShard'], ['KapacitorAPI'], ['ReadData', 'WriteData'], ['NoPermissions'], []),
)
const permissions: fc.Arbitrary<Permissions> = fc.uniqueArray(
  fc.tuple(fc.oneof({ weight: 4, arbitrary: fc.constant(CLUSTER) }, { weight: 1, arbitrary: fc.constantFrom('db', '__proto__') }), names),
  { minLength: 1, maxLength: 2, selector: ([scope]) => scope },
).map((entries) => new Map(entries.map(([scope, list]) => [scope, new Set(list)])))

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.constant('createUser' as const), user, hash),
  fc.tuple(fc.constant('deleteUser' as const), user),
  fc.tuple(fc.constant('changePassword' as const), user, hash),
  fc.tuple(fc.constant('addUserPermissions' as const), user, permissions),
  fc.tuple(fc.constant('removeUserPermissions' as const), user, permissions),
  fc.tuple(fc.constant('createRole' as const), role),
  fc.tuple(fc.constant('deleteRole' as const), role),
  fc.tuple(fc.constant('renameRole' as const), role, role),
  fc.tuple(fc.constant('addRoleUsers' as const), role, users),
  fc.tuple(fc.constant('removeRoleUsers' as const), role, users),
  fc.tuple(fc.constant('addRolePermissions' as const), role, permissions),
  fc.tuple(fc.constant('removeRolePermissions' as const), role, permissions),
) as fc.Arbitrary<Change>

const command = change.map((c) => new Apply(c))
const START = [
  new Apply(['createUser', 'ann', 'hash1']), new Apply(['createUser', 'bob', 'hash1']),
  new Apply(['createRole', 'ops']), new Apply(['createRole', 'dev']), new Apply(['addRoleUsers', 'ops', ['ann']]),
]

/** All who may do everything are in the index of candidates, and nobody is there without reason. */
async function checkCandidates({ store, registry }: Real, model: Model) {
  const telltale = (held: Permissions | undefined) => held?.get(CLUSTER)?.has('CopyShard') ?? false
  await store.read(async (snapshot) => {
    const indexed = (await entriesOf(snapshot, CANDIDATE_USERS)).map(({ key }) => key[2])
    expect(indexed.sort()).toEqual([...model.users].filter(([, { grants }]) => telltale(grants)).map(([name]) => name).sort())
    const ids = (await entriesOf(snapshot, CANDIDATE_ROLES)).map(({ key }) => key[2])
    expect(ids.length).toBe([...model.roles.values()].filter(({ grants }) => telltale(grants)).length)
    expect((await entriesOf(snapshot, GRANTS)).length).toBe(model.roles.size)
    expect((await entriesOf(snapshot, ['member'])).length).toBe([...model.roles.values()].reduce((n, { users }) => n + users.size, 0))
  })
  for (const name of model.users.keys()) {
    const account = await registry.getAccount(name)
    expect(isAdmin(account?.permissions ?? new Map())).toBe(isAdmin(model.held(name)))
  }
}

/** Over any store; `runs` of up to 40 changes each. */
function registryProperties(open: () => Promise<StoreBench>, runs: number): void {
  test('users, roles, permissions and memberships are as a plain model has them, with restarts in between', async () => {
    const admins = { refused: 0 }
    await fc.assert(fc.asyncProperty(
      fc.commands([command, command, command, command, command, command, command, command, fc.constant(new Restart())], { maxCommands: 40, size: 'max' }),
      async (commands) => {
        const bench = await open()
        const real = { bench, store: bench.store, registry: createRegistry(bench.store) }
        const model = new Model()
        for (const first of START) await first.run(model, real)
        await fc.asyncModelRun(() => ({ model, real }), commands)
        await checkCandidates(real, model)
        if (model.hasAdmin()) admins.refused++
        await real.store.close()
      },
    ), { numRuns: runs, endOnFailure: false })
    if (runs >= 50) expect(admins.refused).toBeGreaterThan(runs / 10) // or the last administrator was hardly ever in question
  }, 120_000)

  test('nothing is left when everybody has gone', async () => {
    const { store } = await open()
    const registry = createRegistry(store)
    await registry.createUser('ann', 'hash', new Map([[CLUSTER, new Set(['CopyShard' as const])]]))
    for (const name of ['ops', 'dev']) {
      await registry.createRole(name)
      await registry.addRolePermissions(name, new Map([[CLUSTER, new Set(['CopyShard' as const])]]))
      await registry.addRoleUsers(name, ['ann'])
    }
    await registry.deleteRole('ops')
    await registry.deleteUser('ann')
    await registry.deleteRole('dev')
    expect(await store.read((snapshot) => entriesOf(snapshot))).toEqual([])
  })
}

describe('over lmdb,', () => registryProperties(openBench, 50))

describe.skipIf(!has('etcd', 'etcdctl'))('over etcd,', () => {
  let cluster: EtcdCluster
  beforeAll(async () => { cluster = await startEtcd() })
  afterAll(() => cluster.close())
  registryProperties(() => openEtcdBench(cluster), 15)
})
