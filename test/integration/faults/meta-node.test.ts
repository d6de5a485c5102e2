import { afterAll, beforeAll, test, vi } from 'vitest'
import { prove } from './fault.js'
import { createFaultWorld, type FaultWorld } from './fault-world.js'
import { META_NODE_FAULTS } from './meta-node-rows.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

let world: FaultWorld
beforeAll(async () => { world = await createFaultWorld() })
afterAll(() => world.end())

test.each(META_NODE_FAULTS)('$fault: remembered $remembered, new $unknown, $readyz; $after', (fault) => prove(world, fault))
