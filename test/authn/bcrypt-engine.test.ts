import { afterEach, expect, test, vi } from 'vitest'
import { loadBcrypt } from '../../src/authn/passwords/bcrypt-engine.js'

afterEach(() => {
  vi.doUnmock('@node-rs/bcrypt')
  vi.resetModules()
})

/** bcrypt as the package would have it: a right one if `hashSync` says so. */
const fake = (hashSync: unknown, verifySync: unknown) => () => ({ hashSync, verifySync })
const GARBAGE = `$2y$04$${'a'.repeat(53)}`

test('the native engine is used where it is installed', async () => {
  const name: string = '@node-rs/bcrypt' // optional: it may have no types here
  const installed = await import(name).then(() => true, () => false)
  expect((await loadBcrypt()).kind).toBe(installed ? 'native' : 'portable')
})

test('bcryptjs where it is asked for', async () => {
  expect((await loadBcrypt(true)).kind).toBe('portable')
})

test.each<[string, () => object]>([
  ['that is not installed',              () => { throw new Error('ERR_MODULE_NOT_FOUND') }],
  ['that is called otherwise',           fake(() => { throw new TypeError('options must be an object') }, () => true)],
  ['without its functions',              fake(undefined, undefined)],
  ['that computes something else',       fake(() => GARBAGE, () => true)],
  ['that says yes to everything',        fake((password: string) => loaded.hash(password, 4), () => true)],
  ['that says no to everything',         fake((password: string) => loaded.hash(password, 4), () => false)],
  ['that makes another cost',            fake((password: string) => loaded.hash(password, 5), loadedCompare)],
])('and instead of one %s', async (_says, native) => {
  vi.doMock('@node-rs/bcrypt', native)
  expect((await loadBcrypt()).kind).toBe('portable')
})

const loaded = await loadBcrypt(true)
function loadedCompare(password: string, hash: string) {
  return loaded.compare(password, hash)
}
