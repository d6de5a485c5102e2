import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-ports.js'
import { SECRET, startGuarded } from '../support/meta-cluster.js'
import { start, temporaryDirectory } from '../support/program.js'
import { basic } from '../support/servers.js'
import { until } from '../support/until.js'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).reverse()) await end() })

/** The built program's meta node, in a process of its own, over a store that others use too. */
async function startProcess(directory: string, port = 0): Promise<{ host: string; kill(): Promise<void> }> {
  const { child, until: untilPrinted } = start(['meta-node', '--data-dir', directory, '--meta-bind-address', `127.0.0.1:${port}`], {
    KAPACITOR_META_DIR: join(directory, 'meta'),
    KAPACITOR_META_ADMIN_PASSWORD: 'the admin password',
    KAPACITOR_META_INTERNAL_SHARED_SECRET: SECRET,
    KAPACITOR_META_BCRYPT_COST: '4',
  })
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  ends.push(kill)
  const [, host] = await untilPrinted(/meta node\s+http:\/\/(\S+)/)
  return { host: host as string, kill }
}

test('of two meta nodes one is killed under load: nobody who is known is refused, nor anybody new', async () => {
  const { path, remove } = temporaryDirectory()
  ends.push(remove)
  const one = await startProcess(path, await freePort()) // it dies: nobody is to get its port
  const two = await startProcess(path)
  const post = async (body: object) => {
    const answer = await fetch(`http://${two.host}/user`, { method: 'POST', body: JSON.stringify(body), headers: { authorization: basic('admin', 'the admin password') } })
    expect(answer.status).toBe(200)
  }
  const create = async (name: string) => {
    await post({ action: 'create', user: { name, password: 'secret' } })
    await post({ action: 'add-permissions', user: { name, permissions: { '': ['KapacitorAPI'] } } })
  }
  const NEW = 60
  for (const name of ['known', ...Array.from({ length: NEW }, (_, i) => `new${i}`)]) await create(name)

  const api = await startGuarded([one.host, two.host])
  ends.push(() => api.close())
  await until(() => api.auth.stats()?.push?.up === true)
  expect(await api.ask('known', 'secret')).toBe(200)

  const known: number[] = []
  const fresh: number[] = []
  let isOver = false
  onTestFinished(() => { isOver = true }) // it may have timed out
  const load = [1, 2, 3, 4].map(async () => { while (!isOver) known.push(await api.ask('known', 'secret')) })
  for (let i = 0; i < NEW; i += 3) {
    const killed = i === 15 ? one.kill() : undefined // while others are on their way
    fresh.push(...(await Promise.all([0, 1, 2].map((n) => api.ask(`new${i + n}`, 'secret')))))
    await killed
  }
  isOver = true
  await Promise.all(load)
  expect(fresh).toEqual(Array(NEW).fill(200))
  expect(new Set(known)).toEqual(new Set([200]))
  expect(known.length).toBeGreaterThan(NEW)

  // And what is told by the other one, from where the first one left off
  await until(() => api.log.lines.filter(({ fields }) => fields.event === 'push-up').length === 2)
  await post({ action: 'delete', user: { name: 'known' } })
  await until(async () => (await api.ask('known', 'secret')) === 401)
}, 120_000)
