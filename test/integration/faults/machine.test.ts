import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, test, vi } from 'vitest'
import { prove } from './fault.js'
import { createFaultWorld, type FaultWorld } from './fault-world.js'
import { MACHINE_FAULTS, steppedClock } from './machine-rows.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let world: FaultWorld
beforeAll(async () => {
  world = await createFaultWorld({
    auth: '',
    http: (file) => `  access-log-path = "${file('access.log')}"`,
    rest: (file) => `[audit]\n  enabled = true\n  path = "${file('audit.log')}"`,
    env: (file, process) => {
      writeFileSync(file(`${process}-clock.cjs`), steppedClock(file(`${process}-offset`)))
      return { NODE_OPTIONS: `--require ${file(`${process}-clock.cjs`)}` }
    },
  })
})
afterAll(() => world.end())

test.each(MACHINE_FAULTS)('$fault: remembered $remembered, new $unknown, $readyz; $after', (fault) => prove(world, fault))
