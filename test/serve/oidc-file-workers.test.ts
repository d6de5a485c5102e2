import { rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createWorld, type World } from '../support/served.js'
import { type StandInProvider, startStandInProvider } from '../support/stand-in-provider.js'
import { until } from '../support/until.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let world: World
let provider: StandInProvider
beforeEach(async () => {
  world = await createWorld()
  provider = await startStandInProvider()
})
afterEach(async () => {
  await world.end()
  await provider.close()
})

const write = (...ids: string[]) => writeFileSync(world.file('values.yaml'), `admin:\n  jwksEndpoint: ${provider.jwksEndpoint}\n  users: [${ids.map((id) => `{ id: ${id}, firstName: A, lastName: B, email: C }`).join(', ')}]\n`)
const text = (http = '', admins = '') => world.text(`  workers = 2\n${http}`, `[oidc]\n  issuer = "${provider.issuer}"\n  client-id = "kapacitor"\n${admins}`)

async function serve() {
  const served = await world.serve(text(), { KAPACITOR_OIDC_FILE: world.file('values.yaml') })
  return {
    ...served,
    /** What requests on connections of their own are answered, whichever worker takes them. */
    statuses: async (headers: Record<string, string>) => {
      const all = new Set<number>()
      for (let i = 0; i < 8; i++) all.add(await served.status(headers))
      return [...all]
    },
  }
}

test('OIDC 30: who is struck from the file is refused by every worker, and by one that is new', async () => {
  write('ann', 'bob')
  const { statuses, workers, readiness, program } = await serve()
  const [ann, bob] = [await provider.bearer('ann'), await provider.bearer('bob')]
  expect(await statuses(ann)).toEqual([200])
  write('bob')
  await until(() => program.stderr().includes('the file of [oidc] has changed: reloaded'))
  expect(await statuses(ann)).toEqual([403])
  expect(await statuses(bob)).toEqual([200])
  const [worker = 0] = workers()
  process.kill(worker, 'SIGKILL')
  await until(async () => !workers().includes(worker) && workers().length === 2 && (await readiness()).ready)
  expect(await statuses(ann)).toEqual([403])
  expect(await statuses(bob)).toEqual([200])
})

test('SIGHUP reads it, too; with kapacitor.conf, or not at all', async () => {
  write('ann')
  const { statuses, reload, program, readiness } = await serve()
  const [ann, bob] = [await provider.bearer('ann'), await provider.bearer('bob')]
  rmSync(world.file('values.yaml'))
  await until(() => program.stderr().includes('what it said before stays in force'))
  reload(text())
  await until(() => program.stderr().includes('reload failed; configuration unchanged'))
  await until(() => program.stderr().includes('KAPACITOR_OIDC_FILE: [oidc] file = '))
  expect(await statuses(ann)).toEqual([200])
  expect((await readiness()).parts).toContainEqual({ name: '[oidc] file', ready: true, reason: 'was refused: see the log' })
  write('bob')
  reload(text('  pprof-enabled = true\n'))
  await until(() => program.stderr().includes('"configuration reloaded"'))
  expect(await statuses(ann)).toEqual([403])
  expect(await statuses(bob)).toEqual([200])
})

test('the list may be in kapacitor.conf: it counts from the next SIGHUP on', async () => {
  writeFileSync(world.file('values.yaml'), `admin:\n  jwksEndpoint: ${provider.jwksEndpoint}\n`)
  const served = await serve()
  const ann = await provider.bearer('ann')
  expect(await served.statuses(ann)).toEqual([403])
  served.reload(text('', '  admins = "ann"\n'))
  await until(() => served.program.stderr().includes('"configuration reloaded"'))
  await until(async () => (await served.statuses(ann)).join() === '200') // not before lookup-interval
})
