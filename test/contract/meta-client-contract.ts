import bcrypt from 'bcryptjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MetaClient } from '../../src/meta-client/client.js'
import { until } from '../support/until.js'

/** What `start` puts into the meta node before the contract is read: this user and this role, and no other `ops`. */
export const SEED = {
  user: {
    name: 'ann',
    password: 'correct horse',
    /** Of that password. A meta node that hashes by itself keeps another. */
    hash: '$2a$10$1OIEsmnX9XsNnzH3rtkkd.R8low61jzGJbrUSfPZyrabGgqiQlqW.',
    permissions: { '': ['KapacitorAPI'], telegraf: ['WriteData'] },
  },
  role: { name: 'ops', users: ['ann'], permissions: { telegraf: ['ReadData'] } },
} as const

/** A client, and the meta node behind it with the seed in it. */
export interface MetaClientHarness {
  readonly client: MetaClient
  /** Makes a change that concerns nobody but that user; undefined for a meta node that tells no changes, as InfluxDB Enterprise's. */
  readonly touch?: ((name: string) => Promise<void>) | undefined
  /** Ends the meta node; the client is closed already. */
  close(): Promise<void>
}

/** What every meta node, the real one and a fake, answers through the client. */
export function metaClientContract(name: string, start: () => Promise<MetaClientHarness>): void {
  describe(`a meta client asking ${name}`, () => {
    let harness: MetaClientHarness
    beforeAll(async () => { harness = await start() })
    afterAll(async () => {
      harness?.client.close()
      await harness?.close()
    })

    test('a user is found by name, with the permissions by database', async () => {
      const user = await harness.client.user('ann')
      expect(user?.name).toBe('ann')
      expect(user?.permissions).toEqual(new Map([
        ['', new Set(['KapacitorAPI'])],
        ['telegraf', new Set(['WriteData'])],
      ]))
    })

    test("the user's hash is bcrypt's, of the password", async () => {
      const hash = (await harness.client.user('ann'))?.hash ?? ''
      expect(hash).toMatch(/^\$2[aby]\$\d\d\$/)
      expect(await bcrypt.compare(SEED.user.password, hash)).toBe(true)
    })

    test.each([
      '', 'nobody', 'Ann', 'ann ', ' ann', 'ann\0', 'ann&name=ann', 'ann%00', 'a%6En', 'ann+', '../user', 'ann/..', 'ａnn', '👩‍🚀',
      '__proto__', 'constructor', 'toString', 'hasOwnProperty', '*', 'ops', '\ud800',
    ])('there is no user %j', async (other) => {
      expect(await harness.client.user(other)).toBeUndefined()
    })

    test('a role tells its members and permissions', async () => {
      const ops = (await harness.client.roles()).filter((role) => role.name === 'ops')
      expect(ops).toEqual([{ name: 'ops', users: ['ann'], permissions: new Map([['telegraf', new Set(['ReadData'])]]) }])
    })

    test.each([
      // name        password             expected
      ['ann',        SEED.user.password,  true],
      ['ann',        'wrong',             false],
      ['ann',        'correct  horse',    false],
      ['ann',        'correct horse ',    false],
      ['ann',        'Correct horse',     false],
      ['ann',        'correct+horse',     false],
      ['ann',        'correct%20horse',   false],
      ['ann',        'correct',           false],
      ['ann',        SEED.user.hash,      false],
      ['ann',        '',                  false],
      ['Ann',        SEED.user.password,  false],
      ['nobody',     SEED.user.password,  false],
      ['ops',        SEED.user.password,  false],
      ['__proto__',  SEED.user.password,  false],
      ['',           SEED.user.password,  false],
      ['',           '',                  false],
      ['ann',        'x&permission=&resource=', false],
    ])('the password of %j is %j: %s', async (user, password, expected) => {
      expect(await harness.client.authorized(user, password)).toBe(expected)
    })

    test('who listens to changes hears of them, or not at all', async () => {
      const told: (readonly string[] | undefined)[] = []
      const subscription = harness.client.watch((changed) => told.push(changed?.users))
      if (harness.touch) {
        await until(() => subscription.up)
        await harness.touch('ann')
        await until(() => told.length > 1)
        expect(told).toEqual([undefined, ['ann']])
        expect(subscription.reportedUntil).toBeGreaterThan(0)
      }
      expect((await harness.client.user('ann'))?.name).toBe('ann') // and questions are answered
      if (!harness.touch) expect([subscription.up, told, subscription.reportedUntil]).toEqual([false, [], Number.NEGATIVE_INFINITY])
      subscription.close()
      expect(subscription.up).toBe(false)
    })

    test('twenty questions at one moment are all answered', async () => {
      const users = await Promise.all(Array.from({ length: 20 }, () => harness.client.user('ann')))
      expect(users.map((user) => user?.name)).toEqual(Array(20).fill('ann'))
    })
  })
}
