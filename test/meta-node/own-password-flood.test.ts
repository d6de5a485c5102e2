import { afterEach, describe, expect, test } from 'vitest'
import { createBcryptPool } from '../../src/authn/passwords/bcrypt-pool.js'
import type { PasswordHasher, Requester } from '../../src/authn/passwords/hasher.js'
import { CLUSTER, type Permissions } from '../../src/authz/permission.js'
import type { AuthError } from '../../src/errors.js'
import { createCallerTurns } from '../../src/registry/changes/caller-turns.js'
import { startNode } from '../registry/node-bench.js'
import { until } from '../support/until.js'

const NO_GRANTS: Permissions = new Map([[CLUSTER, new Set()]])
const CALLER = 'x-caller'

/** Hashes nothing until it is told to. */
function createManualHasher() {
  const hashing: { requester: Requester | undefined; finish: () => void }[] = []
  const hasher: PasswordHasher = {
    hash: (_password, _cost, requester) => new Promise((resolve) => hashing.push({ requester, finish: () => resolve('hash') })),
    compare: async () => false,
    close: async () => {},
  }
  return { hasher, hashing }
}

/** A meta node whose callers say who they are. */
const start = (hasher: PasswordHasher) => startNode({ hasher, authenticate: async (ctx) => ({ kind: 'user', name: ctx.get(CALLER), permissions: NO_GRANTS }) })
const change = (name: string) => ({ headers: { [CALLER]: name }, body: JSON.stringify({ action: 'change-password', user: { name, password: 'x' } }) })

const pools: PasswordHasher[] = []
afterEach(async () => { for (const pool of pools.splice(0)) await pool.close() })

describe('D3: who floods the meta node with changes of their own password', () => {
  test('has four hashed at a time, and is named to the hashing threads', async () => {
    const { hasher, hashing } = createManualHasher()
    const { registry, post } = await start(hasher)
    for (const name of ['ann', 'bob']) await registry.createUser(name, 'before')
    const flood = Array.from({ length: 40 }, () => post('/user', undefined, change('ann')))
    await until(() => hashing.length === 4)
    const other = post('/user', undefined, change('bob'))
    await until(() => hashing.length === 5)
    expect(hashing.map(({ requester }) => requester)).toEqual([...Array(4).fill({ origin: '127.0.0.1', name: 'ann' }), { origin: '127.0.0.1', name: 'bob' }])
    hashing[4]?.finish()
    expect((await other).status).toBe(200)
    expect(hashing.length).toBe(5) // the others still wait for their turn
    const finishing = Promise.all(flood)
    for (let done = 0; done < 41; done++) {
      await until(() => hashing.length > done)
      hashing[done]?.finish()
    }
    expect((await finishing).map(({ status }) => status)).toEqual(Array(40).fill(200))
  })

  test('takes no place in the line from those who sign in, not even from the same address', async () => {
    const pool = createBcryptPool({ threads: 1, queue: 8 })
    pools.push(pool)
    const { registry, post } = await start(pool)
    const hash = await pool.hash('secret', 4)
    await registry.createUser('ann', hash)
    const flood = Array.from({ length: 60 }, () => post('/user', undefined, change('ann')))
    await until(() => (pool.waiting ?? 0) >= 3)
    const signIns = Array.from({ length: 4 }, (_, i) => pool.compare('secret', hash, { requester: { origin: '127.0.0.1', name: `user${i}` } }))
    expect(await Promise.all(signIns)).toEqual(Array(4).fill(true))
    expect((await Promise.all(flood)).every(({ status }) => status === 200)).toBe(true)
  })
})

describe('turns of one caller', () => {
  test('are bounded: what finds no place is refused, and a place that is left is taken', async () => {
    const turns = createCallerTurns(1, 1)
    const ends: (() => void)[] = []
    const work = () => new Promise<string>((resolve) => ends.push(() => resolve('done')))
    const [first, second] = [turns.run('ann', work), turns.run('ann', work)]
    await expect(turns.run('ann', work)).rejects.toMatchObject({ code: 'ERR_BUSY' } satisfies Partial<AuthError>)
    const other = turns.run('bob', work)
    expect(ends.length).toBe(2)
    ends[0]?.()
    expect(await first).toBe('done')
    await until(() => ends.length === 3)
    for (const end of ends) end()
    expect(await Promise.all([second, other])).toEqual(['done', 'done'])
  })

  test('go on when work fails', async () => {
    const turns = createCallerTurns(1, 5)
    const fail = () => Promise.reject(new Error('no'))
    const all = await Promise.allSettled([turns.run('ann', fail), turns.run('ann', fail), turns.run('ann', async () => 'done')])
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  })
})
