import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { createRegistry } from '../../src/registry/registry.js'
import { createStore } from '../../src/registry/store/backend.js'
import { makeFirstAdmin } from '../../src/serve/meta-node/make-first-admin.js'
import { createTestHasher } from '../registry/node-bench.js'
import { createMemoryBackend } from '../support/memory-backend.js'

/** Starts again and again on one registry; what was warned of at each start. */
async function starts(...settings: Record<string, string>[]) {
  const registry = createRegistry(createStore(createMemoryBackend({ index: 1, entries: new Map() }, 1_000), 1_000))
  const warned: string[][] = []
  for (const overrides of settings) {
    const messages: string[] = []
    const logger = { info() {}, error() {}, warn: (_: object, message: string) => void messages.push(message) }
    const { meta } = loadConfig({ env: {}, overrides })
    await makeFirstAdmin({ registry, hasher: createTestHasher(), meta, logger, announce: async () => {}, onChange: () => {} })
    warned.push(messages)
  }
  return warned
}

const ONLY_FIRST = '[meta] admin-password is used at the first start only, and'

test.each<[string, Record<string, string>[], string[][]]>([
  // says                            configured at each start                                                             warned of
  ['the same password',              [{ 'meta.admin-password': 'first' }, { 'meta.admin-password': 'first' }],             [[], []]],
  ['none later',                     [{ 'meta.admin-password': 'first' }, {}],                                             [[], []]],
  ['another password later',         [{ 'meta.admin-password': 'first' }, { 'meta.admin-password': 'second' }],            [[], [`${ONLY_FIRST} the password of user "admin" is another; use kapacitor-auth user passwd`]]],
  ['another administrator later',    [{ 'meta.admin-password': 'first' }, { 'meta.admin-password': 'first', 'meta.admin-username': 'root' }], [[], [`${ONLY_FIRST} there is no user "root"; use kapacitor-auth user passwd`]]],
])('B6: a configured password that has no effect is told: %s', async (_says, settings, warned) => {
  expect(await starts(...settings)).toEqual(warned)
})
