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
  expect((await readiness()).parts).toContainEqual({ name: '[oidc] file', ready: true, reason: `was refused: KAPACITOR_OIDC_FILE: [oidc] file = "${world.file('values.yaml')}": there is no such file` })
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

test('each process fetches the keys once and says so once, whatever it serves; a warning comes at the start, and again only when something has changed', async () => {
  writeFileSync(world.file('values.yaml'), `admin:\n  jwksEndpoint: ${provider.jwksEndpoint}\n  users: [{ id: ann, firstName: A, lastName: B, email: C }]\n`)
  const keys = (more = '') => world.text(`  workers = 2\n${more}`, `[oidc]\n  issuer = "${provider.issuer}"\n`)
  const influxdb = { KAPACITOR_GATEWAY_INFLUXDB_URL: world.upstream.url, INFLUXDB_HTTP_BIND_ADDRESS: '127.0.0.1:0' }
  const { program, workers, reload, status } = await world.serve(keys(), { KAPACITOR_OIDC_FILE: world.file('values.yaml'), ...influxdb })
  const api = (await program.until(/InfluxDB API +(\S+)/))[1] as string
  const meta = (await program.until(/meta node +(\S+)/))[1] as string
  expect(program.stdout()).toMatch(/^ {2}provider +http:\S+ +1 administrator; \S+values\.yaml$/m)
  const ann = await provider.bearer('ann')
  for (let i = 0; i < 8; i++) {
    const headers = { ...ann, connection: 'close' }
    expect(await status(ann)).toBe(200)
    expect((await fetch(`${api}/write?db=telegraf`, { method: 'POST', body: 'cpu v=1', headers })).status).toBe(200)
    expect((await fetch(`${meta}/user`, { headers })).status).toBe(200)
  }
  const count = (what: RegExp) => program.stderr().match(what)?.length ?? 0
  const processes = 1 + workers().length
  expect(processes).toBe(3)
  expect(provider.fetches()).toBe(processes)
  expect(count(/the identity provider's keys: 1 key added/g)).toBe(processes)
  const warnings = /Tokens of any application of the identity provider are accepted; set \[oidc\] client-id or audience \(in kapacitor\.conf, or as KAPACITOR_OIDC_CLIENT_ID /g
  expect(count(warnings)).toBe(1)
  reload(keys())
  await until(() => count(/configuration reloaded/g) === 1)
  expect(count(warnings)).toBe(1)
  reload(keys('  max-body-size = 77'))
  await until(() => count(/configuration reloaded/g) === 2)
  expect(count(warnings)).toBe(2)
  expect(provider.fetches()).toBe(processes)
})
