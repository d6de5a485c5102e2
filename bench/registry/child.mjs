import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { restore } from '../../dist/registry/backup/restore.js'
import { ADMIN_PERMISSIONS } from '../../dist/registry/first-admin.js'
import { grantsObject } from '../../dist/registry/grants.js'
import { openLmdbStore } from '../../dist/registry/lmdb/lmdb-store.js'
import { createRegistry } from '../../dist/registry/registry.js'
import { percentile } from '../lib/figures.mjs'

const LOOKUPS = 10_000
const CHANGES = 1_000
const ROLES = 10
const MEMBERS_A_LINE = 500

const nameOf = (i) => `user${String(i).padStart(7, '0')}`
const seconds = (since) => (performance.now() - since) / 1000

/** A backup with that many users, one of them the administrator; the first `members` are in one role each. */
function backup(users, members) {
  const hash = () => `$2b$10$${randomBytes(53).toString('base64url').slice(0, 53)}`
  const permissions = { telegraf: ['ReadData', 'WriteData'] }
  function* lines() {
    yield {
      backup: 'kapacitor-auth',
      version: 1,
      index: 1,
      time: '',
      users: users + 1,
      roles: ROLES,
      members,
    }
    yield { user: 'admin', hash: hash(), permissions: grantsObject(ADMIN_PERMISSIONS) }
    for (let i = 0; i < users; i++) yield { user: nameOf(i), hash: hash(), permissions }
    for (let role = 0; role < ROLES; role++) {
      yield { role: `role${role}`, permissions: { '': ['KapacitorAPI'] } }
      let names = []
      for (let i = role; i < members; i += ROLES) {
        names.push(nameOf(i))
        if (names.length === MEMBERS_A_LINE) {
          yield { members: names, of: `role${role}` }
          names = []
        }
      }
      if (names.length > 0) yield { members: names, of: `role${role}` }
    }
  }
  const sum = createHash('sha256')
  const all = []
  for (const line of lines()) {
    const bytes = Buffer.from(JSON.stringify(line))
    sum.update(bytes).update('\n')
    all.push(bytes)
  }
  all.push(Buffer.from(JSON.stringify({ end: true, sha256: sum.digest('hex') })))
  return async function* open() {
    for (let i = 0; i < all.length; i += 2_000) yield all.slice(i, i + 2_000)
  }
}

async function fill(directory, users, members) {
  const open = backup(users, members)
  const store = await openLmdbStore(directory)
  const since = performance.now()
  await restore(store, open, { replace: false, withoutAdmin: false })
  const took = seconds(since)
  await store.close()
  return { restore: took }
}

async function use(directory, users) {
  const anyUser = () => nameOf(Math.floor(Math.random() * users))
  const opening = performance.now()
  const store = await openLmdbStore(directory)
  const registry = createRegistry(store)
  await registry.getAccount(nameOf(0))
  const open = performance.now() - opening
  const lookups = await timed(LOOKUPS, () => registry.getAccount(anyUser()))
  const changes = await timed(CHANGES, (i) =>
    registry.addUserPermissions(anyUser(), new Map([[`db${i}`, new Set(['ReadData'])]])),
  )
  const memory = memoryNow()
  await store.close()
  return {
    'data.mdb': megabytes(statSync(join(directory, 'data.mdb')).size),
    'open, ms': open.toFixed(0),
    'look-up p50/p99, ms': both(lookups),
    'change p50/p99, ms': both(changes),
    RSS: megabytes(memory.rss),
    anonymous: megabytes(memory.anonymous),
  }
}

async function timed(count, work) {
  const times = []
  for (let i = 0; i < count; i++) {
    const since = performance.now()
    await work(i)
    times.push(performance.now() - since)
  }
  return times
}

/** Of this process, in bytes. */
function memoryNow() {
  const text = readFileSync('/proc/self/smaps_rollup', 'utf8')
  const field = (name) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1]) * 1024
  return { rss: field('Rss'), anonymous: field('Anonymous') }
}

const both = (times) =>
  `${percentile(times, 0.5).toFixed(3)} / ${percentile(times, 0.99).toFixed(3)}`
const megabytes = (bytes) => `${Math.round(bytes / 1024 / 1024)} MiB`

const [what, directory, ...counts] = process.argv.slice(2)
const figures = await (what === 'fill' ? fill : use)(directory, ...counts.map(Number))
console.log(JSON.stringify(figures))
