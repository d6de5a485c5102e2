import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import ts from 'typescript'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bcryptCost, decoyHash } from '../../src/authn/passwords/bcrypt-hash.js'
import { type BcryptPoolOptions, createBcryptPool } from '../../src/authn/passwords/bcrypt-pool.js'
import type { PasswordHasher } from '../../src/authn/passwords/hasher.js'
import { type HashCost, hashWork } from '../../src/authn/passwords/password-hash.js'

/** Known answers of other implementations, at the cost 5. */
const UU = 'CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
const UUU = 'XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'
const EMPTY = 'CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'

/** Made by glibc's crypt(3): of 72 times x, of é€𝄞, and of U*U, at the cost 4. */
const OF_72 = '$2b$04$CCCCCCCCCCCCCCCCCCCCC.ug0A3dTXhy5U.dFjx/qguZ8I4CB77BC'
const OF_LETTERS = '$2b$04$CCCCCCCCCCCCCCCCCCCCC.AZmc65CfQUCJDlwkoq1qo4gTCZbt/DG'
const COST_4 = '$2b$04$CCCCCCCCCCCCCCCCCCCCC.K7Qr0se1MxuggH4aP4YgB.U2Em1pGSK'

/** Hashing gives way to everything else: on a busy machine this many milliseconds may pass. */
const PATIENT = 120_000

/** The real threads that were started since the test began. */
let workers: Worker[] = []
const started = (worker: Worker) => workers.push(worker)
/** Node tells of a new thread at the end of the tick. */
const announced = () => new Promise((resolve) => setImmediate(resolve))
const pools: PasswordHasher[] = []

function createPool(options?: BcryptPoolOptions): PasswordHasher {
  const pool = createBcryptPool(options)
  pools.push(pool)
  return pool
}

beforeAll(() => {
  process.on('worker', started)
})

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
  workers = []
})

afterAll(() => {
  process.off('worker', started)
})

describe.each([
  // says                                                        portable
  ['the native engine, if it is installed for this platform',    false],
  ['bcryptjs',                                                   true],
])('a password is compared with a hash: %s', (_engine, portable) => {
  test.each([
    // says                              password     hash                      expected
    ['$2a$',                             'U*U',       `$2a$05$${UU}`,           true],
    ['$2b$',                             'U*U',       `$2b$05$${UU}`,           true],
    ['$2y$',                             'U*U',       `$2y$05$${UU}`,           true],
    ['another salt',                     'U*U*U',     `$2a$05$${UUU}`,          true],
    ['another password',                 'U*V',       `$2a$05$${UU}`,           false],
    ['another password, $2y$',           'U*V',       `$2y$05$${UU}`,           false],
    ['a password that starts alike',     'U*U*',      `$2a$05$${UU}`,           false],
    ['the beginning of the password',    'U*',        `$2a$05$${UU}`,           false],
    ['another case',                     'u*u',       `$2a$05$${UU}`,           false],
    ['the hash as password',             `$2a$05$${UU}`, `$2a$05$${UU}`,        false],
    ['another cost',                     'U*U',       `$2a$06$${UU}`,           false],
    ['a decoy',                          'decoy',     decoyHash(4),             false],
    ['the empty password of an empty hash', '',       `$2a$05$${EMPTY}`,        false],
    ['NUL',                              'U*U\0',     `$2a$05$${UU}`,           false],
    ['the password, NUL, the password',  'U*U\0U*U',  `$2a$05$${UU}`,           false],
    ['73 bytes',                         'x'.repeat(73), `$2a$05$${UU}`,        false],
    ['half a character',                 '\ud83d',    `$2a$05$${UU}`,           false],
    ['$2x$',                             'U*U',       `$2x$05$${UU}`,           false],
    ['$2$',                              'U*U',       `$2$05$${UU}`,            false],
    ['cost 3',                           'U*U',       `$2a$03$${UU}`,           false],
    ['cost 15',                          'U*U',       `$2a$15$${UU}`,           false],
    ['cost 31: would take days',         'U*U',       `$2a$31$${UU}`,           false],
    ['cost 99: bcryptjs throws',         'U*U',       `$2a$99$${UU}`,           false],
    ['a hash that is too short',         'U*U',       `$2a$05$${UU}`.slice(0, -1), false],
    ['a hash that is too long',          'U*U',       `$2a$05$${UU}.`,          false],
    ['an empty hash',                    'U*U',       '',                       false],
    ['garbage',                          'U*U',       'garbage',                false],
    ['the password itself as hash',      'U*U',       'U*U',                    false],
    ['PBKDF2',                           'U*U',       'pbkdf2:sha256:1$s$00',   false],
    ['72 bytes',                         'x'.repeat(72), OF_72,                 true],
    ['the last of 72 bytes counts',      `${'x'.repeat(71)}y`, OF_72,           false],
    ['72 bytes and more: bcrypt would say yes', 'x'.repeat(73), OF_72,          false],
    ['letters of two, three, four bytes', 'é€𝄞',     OF_LETTERS,                true],
    ['the same letters, taken apart',    'e\u0301€𝄞', OF_LETTERS,               false],
    ['what UTF-8 would stand for in Latin-1', 'Ã©â\u0082¬ð\u009d\u0084\u009e', OF_LETTERS, false],
    ['cost 4',                           'U*U',       COST_4,                    true],
  ])('%s', async (_says, password, hash, expected) => {
    expect(await createPool({ threads: 1, portable }).compare(password, hash)).toBe(expected)
  })

  test.each([4, 5, 10])('what it makes at cost %d, the other takes, and no other password', async (cost) => {
    const hash = await createPool({ threads: 1, portable }).hash('Pa5sw0Rd é', cost)
    expect(hash).toMatch(new RegExp(`^\\$2b\\$${String(cost).padStart(2, '0')}\\$[./A-Za-z0-9]{53}$`))
    const other = createPool({ threads: 1, portable: !portable })
    expect([await other.compare('Pa5sw0Rd é', hash), await other.compare('Pa5sw0Rd è', hash)]).toEqual([true, false])
  }, PATIENT)

  test.each([null, undefined, 7, {}])('what is not a text is not a hash: %j', async (hash) => {
    expect(await createPool({ threads: 1 }).compare('U*U', hash as unknown as string)).toBe(false)
  })

  test('what cannot be right costs no thread', async () => {
    const pool = createPool({ threads: 1 })
    await Promise.all([pool.compare('', `$2a$05$${UU}`), pool.compare('U*U', 'garbage'), pool.compare('U*U', `$2a$31$${UU}`)])
    expect(workers).toHaveLength(0)
  })
})

describe('a hash is of its password', () => {
  test('and of no other, whatever it is', async () => {
    const pool = createPool()
    const password = fc.string({ unit: 'binary', minLength: 1, maxLength: 18 }).filter((text) => !text.includes('\0'))
    await fc.assert(fc.asyncProperty(password, password, async (one, other) => {
      const hash = await pool.hash(one, 4)
      expect(hash).toMatch(/^\$2b\$04\$/)
      expect(await pool.compare(one, hash)).toBe(true)
      expect(await pool.compare(other, hash)).toBe(one === other)
    }), { numRuns: 50 })
  }, PATIENT)

  test.each([
    // says                 one                    other
    ['byte 72 counts',      `${'x'.repeat(71)}a`,  `${'x'.repeat(71)}b`],
    ['bytes, not letters',  `${'é'.repeat(35)}aa`, `${'é'.repeat(35)}ab`],
    ['no normalisation',    'josé',                'jose\u0301'],
    ['spaces count',        'pw',                  'pw '],
  ])('%s', async (_says, one, other) => {
    const pool = createPool()
    const hash = await pool.hash(one, 4)
    expect(await pool.compare(one, hash)).toBe(true)
    expect(await pool.compare(other, hash)).toBe(false)
  })

  test('two hashes of one password have two salts', async () => {
    const pool = createPool()
    expect(await pool.hash('pw', 4)).not.toBe(await pool.hash('pw', 4))
  })

  test.each([4, 5, 6])('at the cost asked for: %d', async (cost) => {
    expect(bcryptCost(await createPool().hash('pw', cost))).toBe(cost)
  })

  test.each([3, 0, -1, 15, 31, 99, 4.5, Number.NaN, '10'])('never at the cost %j', async (cost) => {
    await expect(createPool().hash('pw', cost as number)).rejects.toThrow(new TypeError('cost must be 4 to 14'))
  })

  test.each([
    // says                  password
    ['an empty one',         ''],
    ['73 bytes',             'x'.repeat(73)],
    ['36 letters and one',   `${'é'.repeat(36)}x`],
    ['NUL',                  'a\0b'],
    ['half a character',     '\ud83d'],
  ])('what could not be told from another is refused: %s', async (_says, password) => {
    await expect(createPool().hash(password, 4)).rejects.toThrow(TypeError)
    expect(workers).toHaveLength(0)
  })
})

describe('PBKDF2', () => {
  /** Made by Python's passlib 1.7.4, of `Pa5sw0Rd é` and of 72 times x. */
  const SHA256 = '$pbkdf2-sha256$29000$8PHy8/T19vf4.fr7/P3./w$c1ooR1caG2uuQK3kgteFOedVZClB8nbRnIFbUCBOAtE'
  const SHA512 = '$pbkdf2-sha512$29000$8PHy8/T19vf4.fr7/P3./w$TMnsGhmZi9PfmHpyJTmlZVrn/G4t10s.HvoY2uvzb6VV1Jt9OSxxXWjzR2wqaJ7lVvRVNfyu56XAXbp2nQ6otg'
  const ONE_ROUND = '$pbkdf2-sha256$1$.w$JA3L50.MstTyzqIzmqqcuy5xBa0vVPNai0FVg/UgKg0'

  test.each([
    // says                        password          hash                                          expected
    ['SHA-256',                    'Pa5sw0Rd é',     SHA256,                                       true],
    ['SHA-512',                    'Pa5sw0Rd é',     SHA512,                                       true],
    ['the standard alphabet',      'Pa5sw0Rd é',     SHA256.replaceAll('.', '+'),                  true],
    ['72 bytes, one round',        'x'.repeat(72),   ONE_ROUND,                                    true],
    ['another password',           'Pa5sw0Rd e',     SHA256,                                       false],
    ['another password, SHA-512',  'Pa5sw0Rd',       SHA512,                                       false],
    ['73 bytes',                   'x'.repeat(73),   ONE_ROUND,                                    false],
    ['NUL',                        'Pa5sw0Rd é\0',   SHA256,                                       false],
    ['other rounds',               'Pa5sw0Rd é',     SHA256.replace('29000', '29001'),             false],
    ['another salt',               'Pa5sw0Rd é',     SHA256.replace('$8P', '$9P'),                 false],
    ['the hash as password',       SHA256.slice(-43), SHA256,                                      false],
    ['rounds that take minutes',   'Pa5sw0Rd é',     SHA256.replace('29000', '900000000'),         false],
  ])('%s', async (_says, password, hash, expected) => {
    expect(await createPool({ threads: 1 }).compare(password, hash)).toBe(expected)
  }, PATIENT)

  test.each(['pbkdf2-sha256', 'pbkdf2-sha512'] as const)('a hash by %s is of its password, and salted', async (kind) => {
    const pool = createPool({ threads: 1 })
    const [one = '', two = ''] = [await pool.hash('Pa5sw0Rd', { kind, rounds: 1_000 }), await pool.hash('Pa5sw0Rd', { kind, rounds: 1_000 })]
    expect(hashWork(one)).toMatchObject({ kind, rounds: 1_000 })
    expect(one.split('$')[3]).toHaveLength(22) // 16 bytes
    expect(one).not.toBe(two)
    expect([await pool.compare('Pa5sw0Rd', one), await pool.compare('pa5sw0rd', one)]).toEqual([true, false])
  })

  test.each([
    ['no rounds',       { kind: 'pbkdf2-sha256', rounds: 0 }],
    ['too many rounds', { kind: 'pbkdf2-sha256', rounds: 1_000_001 }],
    ['half a round',    { kind: 'pbkdf2-sha256', rounds: 1.5 }],
    ['another kind',    { kind: 'pbkdf2-sha1', rounds: 1_000 }],
    ['a prototype\'s',  { kind: 'toString', rounds: 1_000 }],
  ])('never with %s', async (_says, cost) => {
    await expect(createPool().hash('pw', cost as HashCost)).rejects.toThrow(TypeError)
    expect(workers).toHaveLength(0)
  })
})

describe('decoys', () => {
  const RIGHT = `$2b$05$${UU}`

  test.each([
    // says                                    password  hash        expected
    ['a wrong password is wrong all the same', 'U*V',    RIGHT,      false],
    ['a right one is right',                   'U*U',    RIGHT,      true],
    ['no hash at all',                         'U*U',    '*',        false],
    ['not even the decoy\'s own hash is right', 'U*U',   '*',        false],
  ])('%s', async (_says, password, hash, expected) => {
    const pool = createPool({ threads: 1 })
    expect(await pool.compare(password, hash, { decoys: [decoyHash(4), RIGHT] })).toBe(expected)
  })

  test('take their time, in the same turn', async () => {
    const pool = createPool({ threads: 1 })
    const order: string[] = []
    const slow = pool.compare('U*V', '*', { decoys: Array(40).fill(decoyHash(5)) }).then(() => order.push('with decoys'))
    const next = pool.compare('U*U', RIGHT).then(() => order.push('next'))
    await Promise.all([slow, next])
    expect(order).toEqual(['with decoys', 'next'])
  }, PATIENT)
})

describe('each client has a turn, and not more', () => {
  test('one address with many names, while another waits', async () => {
    const pool = createPool({ threads: 1 })
    const order: string[] = []
    const ask = (origin: string, name: string) => pool.compare('pw', decoyHash(4), { requester: { origin, name } }).then(() => order.push(name))
    await Promise.all([...['a', 'b', 'c', 'd', 'e'].map((name) => ask('attacker', name)), ask('elsewhere', 'ann')])
    expect(order).toEqual(['a', 'b', 'ann', 'c', 'd', 'e']) // a's turn was over before anybody waited
  })

  test('nor more room in the queue: the one that has the most is refused', async () => {
    const pool = createPool({ threads: 1, queue: 4 })
    const ask = (origin: string, name: string) => pool.compare('pw', decoyHash(4), { requester: { origin, name } })
    const attack = Promise.allSettled(Array.from({ length: 20 }, (_, i) => ask('attacker', `${i}`)))
    expect(await Promise.all([ask('elsewhere', 'ann'), ask('elsewhere', 'bob')])).toEqual([false, false])
    expect((await attack).filter(({ status }) => status === 'rejected')).toHaveLength(17)
  })
})

describe('hashing happens elsewhere', () => {
  test('the event loop is free while it does', async () => {
    const pool = createPool({ threads: 1 })
    // An hour's work
    const asked = pool.compare('pw', '*', { decoys: Array(5_000).fill(decoyHash(14)) })
    const order: string[] = []
    const done = asked.catch(() => {}).then(() => order.push('answered'))
    for (let i = 0; i < 1_000; i++) await new Promise(setImmediate)
    order.push('a thousand turns')
    for (const worker of workers) worker.terminate()
    await done
    expect(order).toEqual(['a thousand turns', 'answered'])
    await expect(asked).rejects.toMatchObject({ code: 'ERR_BUSY' })
  }, PATIENT)

  test('on as many threads as were asked for, and no more', async () => {
    const pool = createPool({ threads: 3 })
    await Promise.all(Array.from({ length: 30 }, () => pool.compare('pw', decoyHash(4))))
    expect(workers).toHaveLength(3)
  })

  test('on one thread if one is enough', async () => {
    const pool = createPool({ threads: 3 })
    for (let i = 0; i < 1_000; i++) await pool.compare('pw', decoyHash(4))
    expect(workers).toHaveLength(1)
  }, PATIENT)

  test('first come, first served', async () => {
    const pool = createPool({ threads: 1 })
    const order: number[] = []
    await Promise.all([7, 4, 6, 4, 5].map((cost, i) => pool.compare('pw', decoyHash(cost)).then(() => order.push(i))))
    expect(order).toEqual([0, 1, 2, 3, 4])
  })

  test('each caller gets the answer to their own question', async () => {
    const pool = createPool({ threads: 4 })
    const asked = Array.from({ length: 60 }, (_, i) => (i * 7) % 3 === 0)
    const answers = await Promise.all(asked.map((right) => pool.compare(right ? 'U*U' : 'wrong', `$2a$05$${UU}`)))
    expect(answers).toEqual(asked)
  })
})

describe('only so many wait', () => {
  test('more are refused at once, and the rest is answered', async () => {
    const pool = createPool({ threads: 1, queue: 2 })
    const asked = Array.from({ length: 8 }, () => pool.compare('U*U', `$2a$05$${UU}`))
    const outcomes = await Promise.allSettled(asked)
    const said = outcomes.map((o) => (o.status === 'fulfilled' ? o.value : o.reason.code))
    expect(said).toEqual([true, true, true, ...Array(5).fill('ERR_BUSY')])
    expect(await pool.compare('U*U', `$2a$05$${UU}`)).toBe(true)
  })

  test('what is refused says when to try again', async () => {
    const pool = createPool({ threads: 1, queue: 1 })
    const asked = [pool.compare('pw', decoyHash(4)), pool.compare('pw', decoyHash(4))]
    await expect(pool.hash('pw', 4)).rejects.toMatchObject({ code: 'ERR_BUSY', status: 503, headers: { 'Retry-After': '1' } })
    expect(await Promise.all(asked)).toEqual([false, false])
  })

  test('one that has waited too long is refused when its turn comes, and those after it are not', async () => {
    let time = 0
    const pool = createPool({ threads: 1, patience: 5_000, now: () => time })
    const first = pool.hash('a', 10)
    const second = pool.hash('b', 4)
    second.catch(() => {})
    time = 2_000
    const third = pool.hash('c', 4)
    time = 5_001
    expect(await first).toMatch(/^\$2b\$10\$/)
    await expect(second).rejects.toMatchObject({ code: 'ERR_BUSY' })
    expect(await third).toMatch(/^\$2b\$04\$/)
  })

  test('what cannot be right is answered in a full queue', async () => {
    const pool = createPool({ threads: 1, queue: 1 })
    const asked = [pool.compare('pw', decoyHash(4)), pool.compare('pw', decoyHash(4))]
    expect(await pool.compare('pw', 'garbage')).toBe(false)
    await Promise.all(asked)
  })
})

describe('a thread that dies', () => {
  const RIGHT = ['U*U', `$2a$05$${UU}`] as const
  const worker = (i = 0) => workers[i] as Worker
  /** What no thread can digest: it dies of it. */
  const poison = (victim: Worker) => victim.postMessage({ password: 'pw', hash: 7 })

  test.each<[string, (victim: Worker) => unknown]>([
    ['by an exception',   poison],
    ['by termination',    (victim) => victim.terminate()],
  ])('while it is idle is replaced: %s', async (_says, kill) => {
    const pool = createPool({ threads: 1 })
    await pool.compare(...RIGHT)
    worker().ref()
    const gone = new Promise((exited) => worker().once('exit', exited))
    kill(worker())
    await gone
    expect(await pool.compare(...RIGHT)).toBe(true)
    expect(workers).toHaveLength(2)
  })

  test.each<[string, (victim: Worker) => unknown]>([
    ['by an exception',   poison],
    ['by termination',    (victim) => victim.terminate()],
  ])('and is asked before anybody knows: %s', async (_says, kill) => {
    const pool = createPool({ threads: 1 })
    await pool.compare(...RIGHT)
    kill(worker())
    await expect(pool.compare(...RIGHT)).rejects.toMatchObject({ code: 'ERR_BUSY', status: 503 })
    expect(await pool.compare(...RIGHT)).toBe(true)
  })

  test('at work refuses its caller, and nobody else', async () => {
    const pool = createPool({ threads: 1 })
    await pool.compare(...RIGHT)
    const asked = [pool.compare('pw', decoyHash(14)), pool.compare(...RIGHT), pool.compare(...RIGHT)]
    worker().terminate()
    const outcomes = await Promise.allSettled(asked)
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'ERR_BUSY', status: 503, message: 'password check failed, try again' } },
      { status: 'fulfilled', value: true },
      { status: 'fulfilled', value: true },
    ])
  })

  test('leaves the reason to the operator, not to the caller', async () => {
    const pool = createPool({ threads: 1 })
    await pool.compare(...RIGHT)
    poison(worker())
    const error = await pool.compare('hunter2', `$2a$05$${UU}`).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ message: 'password check failed, try again', cause: expect.any(Error) })
    expect(String((error as Error).cause)).not.toContain('hunter2')
  })

  test('again and again leaves the pool as large as it was', async () => {
    const pool = createPool({ threads: 2 })
    for (let round = 0; round < 20; round++) {
      const asked = [pool.compare('pw', decoyHash(14)), pool.compare('pw', decoyHash(14))]
      await announced()
      for (const victim of workers.slice(-2)) victim.terminate()
      const outcomes = await Promise.allSettled(asked)
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    }
    workers = []
    const answers = await Promise.all(Array.from({ length: 6 }, () => pool.compare(...RIGHT)))
    expect(answers).toEqual(Array(6).fill(true))
    expect(workers).toHaveLength(2)
  }, PATIENT)
})

describe('a closed pool', () => {
  test('refuses what runs, what waits and what comes', async () => {
    const pool = createPool({ threads: 1 })
    const asked = [14, 4, 4].map((cost) => pool.compare('pw', decoyHash(cost)))
    const outcomes = Promise.allSettled(asked)
    await pool.close()
    const later = Promise.allSettled([pool.compare('pw', decoyHash(4)), pool.hash('pw', 4)])
    for (const outcome of [...(await outcomes), ...(await later)]) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ERR_BUSY', status: 503 } })
    }
  })

  test('has no threads left, and starts none', async () => {
    const pool = createPool({ threads: 2 })
    const asked = Promise.allSettled(Array.from({ length: 6 }, () => pool.compare('pw', decoyHash(8))))
    await announced()
    const exits = workers.map((victim) => once(victim, 'exit'))
    await pool.close()
    await Promise.all([...exits, asked])
    await pool.compare('pw', decoyHash(4)).catch(() => {})
    expect(workers).toHaveLength(2)
    expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1])
  })

  test('still knows what cannot be right, and may be closed again', async () => {
    const pool = createPool({ threads: 1 })
    await pool.close()
    expect(await pool.compare('pw', 'garbage')).toBe(false)
    await expect(pool.close()).resolves.toBeUndefined()
  })
})

test.each([
  // says                options
  ['no thread',          { threads: 0 }],
  ['fewer than none',    { threads: -1 }],
  ['no number',          { threads: Number.NaN }],
  ['no queue',           { queue: 0 }],
  ['no number to wait',  { queue: Number.NaN }],
])('an option out of range is an error: %s', (_says, options) => {
  expect(() => createBcryptPool(options)).toThrow(TypeError)
})

describe('a process of its own', () => {
  const SRC = resolve(import.meta.dirname, '../../src')
  let dir: string

  /** The pool and what it imports, as JavaScript: Node 20 runs no TypeScript. */
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'bcrypt-pool-'))
    symlinkSync(resolve(SRC, '../node_modules'), join(dir, 'node_modules'))
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}')
    mkdirSync(join(dir, 'authn/passwords'), { recursive: true })
    for (const file of ['errors', 'time', 'authn/passwords/bcrypt-hash', 'authn/passwords/bcrypt-pool', 'authn/fair-queue', 'authn/passwords/password', 'authn/passwords/password-hash', 'authn/passwords/pbkdf2-hash', 'authn/passwords/thread-pool']) {
      const { outputText } = ts.transpileModule(readFileSync(join(SRC, `${file}.ts`), 'utf8'), {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
      })
      writeFileSync(join(dir, `${file}.js`), outputText)
    }
    for (const file of ['authn/passwords/bcrypt-worker.js', 'authn/passwords/bcrypt-engine.js']) cpSync(join(SRC, file), join(dir, file))
  })

  afterAll(() => {
    rmSync(dir, { recursive: true })
  })

  const run = (script: string) => {
    writeFileSync(join(dir, 'main.js'), `
      import { createBcryptPool } from './authn/passwords/bcrypt-pool.js'
      const compare = (pool, password = 'U*U') => pool.compare(password, '$2a$05$${UU}')
      ${script}
    `)
    return promisify(execFile)(process.execPath, ['main.js'], { cwd: dir, timeout: 50_000 })
  }

  test.each([
    // says                                 script
    ['ends by itself while it is idle',     'console.log(await compare(createBcryptPool()))'],
    ['waits for what runs',                 'compare(createBcryptPool()).then(console.log)'],
    ['also when a thread is used again',    'const pool = createBcryptPool({ threads: 1 }); await compare(pool); compare(pool).then(console.log)'],
    ['also for what waits',                 'const pool = createBcryptPool({ threads: 1 }); compare(pool, "x"); compare(pool, "x"); compare(pool).then(console.log)'],
  ])('%s', async (_says, script) => {
    expect(await run(script)).toEqual({ stdout: 'true\n', stderr: '' })
  })
})
