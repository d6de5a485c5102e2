import fc from 'fast-check'
import type { Permission } from '../../src/authz/permission.js'
import type { FakeWorld } from './fake-world.js'
import { settle } from './manual-clock.js'

type Command = fc.AsyncCommand<object, FakeWorld>

const command = (says: string, run: (world: FakeWorld) => unknown): Command => ({
  check: () => true,
  async run(_model, world) {
    await run(world)
    await settle()
  },
  toString: () => says,
})

/** What may happen, to users some of whom have no hash. */
export function commandsOf(names: readonly string[], withoutHash: readonly string[]): fc.Arbitrary<Iterable<Command>> {
  const name = fc.constantFrom(...names, ...withoutHash)
  const password = fc.constantFrom('p1', 'p2')
  const database = fc.constantFrom('a', 'b')
  const bit = fc.boolean()
  const read = (db: string) => new Map([[db, new Set<Permission>(['ReadData'])]])
  const often = { weight: 6 }
  const seldom = { weight: 1 }
  const step: fc.Arbitrary<Command> = fc.oneof(
    { ...often, arbitrary: fc.tuple(name, password).map(([n, p]) => command(`signIn(${n}, ${p})`, (w) => w.signIn(n, p))) },
    { ...seldom, arbitrary: name.map((n) => command(`bearer(${n})`, (w) => w.bearer(n))) },
    { weight: 3, arbitrary: fc.tuple(name, password).map(([n, p]) => command(`setPassword(${n}, ${p})`, (w) => w.setPassword(n, p, !withoutHash.includes(n)))) },
    { ...seldom, arbitrary: fc.tuple(name, database).map(([n, db]) => command(`setPermissions(${n}, ${db})`, (w) => w.setPermissions(n, read(db)))) },
    { ...seldom, arbitrary: name.map((n) => command(`remove(${n})`, (w) => w.remove(n))) },
    { ...seldom, arbitrary: fc.option(name).map((n) => command(`forget(${n})`, (w) => w.forget(n ?? undefined))) },
    { weight: 2, arbitrary: fc.constantFrom('refuses' as const, 'is silent' as const, undefined, undefined).map((kind) => command(`outage(${kind})`, (w) => w.outage(kind))) },
    { weight: 2, arbitrary: bit.map((on) => command(`hold(${on})`, (w) => w.hold(on))) },
    { weight: 2, arbitrary: fc.nat(2).map((n) => command(`answer(${n})`, (w) => w.answer(n))) },
    { weight: 2, arbitrary: bit.map((on) => command(`hasher.${on ? 'hold' : 'release'}()`, (w) => (on ? w.hasher.hold() : w.hasher.release()))) },
    { ...seldom, arbitrary: fc.constant(command('hasher.release(1)', (w) => w.hasher.release(1))) },
    { ...often, arbitrary: fc.constantFrom(1, 99, 500, 999, 1_000, 4_000, 5_000, 9_999, 10_000, 30_000).map((ms) => command(`pass(${ms})`, (w) => w.pass(ms))) },
  )
  return fc.commands([step], { maxCommands: 60, size: 'max' })
}
