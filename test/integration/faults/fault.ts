import { expect } from 'vitest'
import type { FaultWorld } from './fault-world.js'

/** One row of the table in docs/faults.md; and how to bring it about. */
export interface Fault<World = FaultWorld> {
  readonly fault: string
  /** What a client sees whose credentials the gateway remembers: a status, or what else becomes of it. */
  readonly remembered: string
  /** The same for somebody who signs in for the first time. */
  readonly unknown: string
  /** `ready`, or what it names as not ready. */
  readonly readyz: string
  /** What happens after the fault has gone; or what the operator has to do. */
  readonly after: string
  begin(world: World): unknown
  /** Ends the fault, and does what `after` says. */
  end(world: World): unknown
}

/** The columns that are text. */
export type FaultText = Pick<Fault, 'fault' | 'remembered' | 'unknown' | 'readyz' | 'after'>

export const BY_ITSELF = 'recovers by itself'
export const RELOAD = 'recovers after the file is right and SIGHUP is sent'

/** Brings the fault about, sees what the row says, ends it, and sees all well again. Nothing else decides than what is seen. */
export async function prove(world: FaultWorld, fault: Fault): Promise<void> {
  const name = world.somebodyNew()
  const eventually = { interval: 50 }
  await allIsWell('known')
  try {
    await fault.begin(world)
    await expect.poll(() => world.ask(name), eventually).toBe(fault.unknown)
    await expect.poll(() => world.ask('known'), eventually).toBe(fault.remembered)
    await expect.poll(() => world.readyz(), eventually).toBe(fault.readyz)
    expect(world.hasEnded()).toBe(false)
  } finally {
    await fault.end(world)
  }
  await allIsWell('known')
  await allIsWell(name)

  async function allIsWell(user: string): Promise<void> {
    await expect.poll(() => world.ask(user), eventually).toBe('200')
    await expect.poll(() => world.readyz(), eventually).toBe('ready')
  }
}
