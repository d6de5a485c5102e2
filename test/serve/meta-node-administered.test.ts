import { expect, test } from 'vitest'
import { administeredMetaNode } from '../../src/serve/meta-node/meta-node-administered.js'
import type { ProviderStatus } from '../../src/token/provider/provider-verifier.js'

const NONE = { parts: () => [] } as never
const status = { keys: 2, fetchedAt: 0, outcomes: {} } as unknown as ProviderStatus

test.each([
  // the provider                         parts
  ['there is none',           undefined,  ['registry']],
  ['its keys are known',      status,     ['registry', 'identity provider']],
] as const)('readiness of a meta node that runs alone shows the identity provider as serve does: %s', async (_says, known, names) => {
  const node = { registry: { index: async () => 1 }, signIn: { provider: { status: () => known } } } as never
  const parts = await administeredMetaNode(node, { parts: () => [], expiries: () => [] } as never, NONE, async () => true).readiness()
  expect(parts.map(({ name }) => name)).toEqual(names)
  expect(parts.every(({ ready }) => ready)).toBe(true)
})
