import { afterAll, beforeAll, test, vi } from 'vitest'
import { makeCertificates } from '../../support/certificates.js'
import { certificateFaults } from './certificate-rows.js'
import { prove } from './fault.js'
import { createFaultWorld, type FaultWorld } from './fault-world.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const certificates = await makeCertificates()

let world: FaultWorld
beforeAll(async () => { world = await createFaultWorld({ certificates }) })
afterAll(() => world.end())

test.each(certificateFaults(certificates))('$fault: remembered $remembered, new $unknown, $readyz; $after', (fault) => prove(world, fault))
