import { afterAll, beforeAll, test, vi } from 'vitest'
import { prove } from './fault.js'
import { createFaultWorld, type FaultWorld } from './fault-world.js'
import { UPSTREAM_FAULTS } from './upstream-rows.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

let world: FaultWorld
beforeAll(async () => { world = await createFaultWorld() })
afterAll(() => world.end())

test.each(UPSTREAM_FAULTS)('$fault: remembered $remembered, new $unknown, $readyz; $after', (fault) => prove(world, fault))
