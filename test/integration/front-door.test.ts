import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-ports.js'
import { type Program, start, temporaryDirectory } from '../support/program.js'
import { basic, startServer, type TestServer } from '../support/servers.js'
import { until } from '../support/until.js'

const ADMIN = { authorization: basic('admin', 'the admin password') }
const TASKS = '/kapacitor/v1/tasks'

let directory: ReturnType<typeof temporaryDirectory>
const programs: Program[] = []
const servers: TestServer[] = []

beforeEach(() => { directory = temporaryDirectory() })
afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.child.kill('SIGKILL')
    await program.end()
  }
  for (const server of servers.splice(0)) await server.close()
  directory.remove()
})

const file = (name: string) => join(directory.path, name)

/** An upstream that answers its name; `…/slow` when it is told to. */
async function startUpstream(name: string) {
  const held: (() => void)[] = []
  const server = await startServer((req, res) => {
    const answer = () => res.end(name)
    if (req.url?.endsWith('/slow')) held.push(answer)
    else answer()
  })
  servers.push(server)
  return { url: server.url, held, release: () => { for (const answer of held.splice(0)) answer() } }
}

const configText = (upstream: string, http = '') => `
[http]
  bind-address = "127.0.0.1:0"
  access-log-path = "${file('access.log')}"
  ${http}
[gateway]
  kapacitor-url = "${upstream}"
[meta]
  http-bind-address = "127.0.0.1:0"
  bcrypt-cost = 4
[audit]
  enabled = true
  path = "${file('audit.log')}"
`

async function serve(config: string, ready = true) {
  writeFileSync(file('k.conf'), config, { mode: 0o600 })
  const program = start(['serve', '--config', file('k.conf'), '--data-dir', directory.path], { KAPACITOR_META_ADMIN_PASSWORD: 'the admin password' })
  programs.push(program)
  const [, api = ''] = await program.until(/Kapacitor API +(\S+)/)
  const [, admin = ''] = await program.until(/admin +(http\S+)/)
  const get = async (path = TASKS) => {
    const answer = await fetch(api + path, { headers: ADMIN })
    return `${answer.status} ${await answer.text()}`
  }
  const readiness = async () => {
    const answer = await fetch(`${admin}/readyz`)
    return { status: answer.status, ...(await answer.json() as { ready: boolean; parts: { name: string; ready: boolean; reason?: string }[] }) }
  }
  if (ready) await until(async () => (await readiness()).ready)
  return { program, api, admin, get, readiness, reload: (text: string) => {
    writeFileSync(file('k.conf'), text)
    program.child.kill('SIGHUP')
  } }
}

const childrenOf = (pid = 0) => {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).trim().split('\n').map(Number)
  } catch {
    return [] // pgrep's way to say that there is none
  }
}
const isAlive = (pid: number) => existsSync(`/proc/${pid}`)

describe('SIGHUP', () => {
  test('goes on with the new configuration; what was begun is finished; nobody has to sign in again', async () => {
    const [one, two] = [await startUpstream('one'), await startUpstream('two')]
    const { program, admin, get, reload } = await serve(configText(one.url))
    expect(await get()).toBe('200 one')
    const slow = get(`${TASKS}/slow`)
    await until(() => one.held.length === 1)
    reload(configText(two.url))
    await until(async () => (await get()) === '200 two')
    await until(() => program.stderr().includes('configuration reloaded'))
    one.release()
    expect(await slow).toBe('200 one')
    const metrics = await (await fetch(`${admin}/metrics`)).text()
    expect(metrics).toMatch(/^kapacitor_auth_cache_misses_total 1$/m)
  })

  test('with a mistake in it nothing changes, and the log and /readyz say so', async () => {
    const upstream = await startUpstream('one')
    const { program, get, readiness, reload } = await serve(configText(upstream.url))
    reload(configText('nonsense', 'log-enabled = 1'))
    await until(() => program.stderr().includes('reload failed; configuration unchanged'))
    await until(() => /k\.conf:\d+: \[http\] log-enabled = 1; expected true or false/.test(program.stderr()))
    await until(() => /k\.conf:\d+: \[gateway\] kapacitor-url/.test(program.stderr()))
    expect(await get()).toBe('200 one')
    expect((await readiness()).status).toBe(200)
  })

  test('with a certificate that cannot be read, too', async () => {
    const upstream = await startUpstream('one')
    const { program, get, readiness, reload } = await serve(configText(upstream.url))
    reload(`${configText('https://127.0.0.1:1')}\n[gateway.x]\n`.replace('kapacitor-url =', 'kapacitor-ca = "/nonexistent"\n  kapacitor-url =').replace('\n[gateway.x]\n', ''))
    await until(() => program.stderr().includes('reload failed; configuration unchanged'))
    await until(() => program.stderr().includes('/nonexistent'))
    expect(await get()).toBe('200 one')
    await until(async () => (await readiness()).parts.some(({ reason }) => reason?.includes('last reload was refused')))
  })

  test('names what waits for a restart', async () => {
    const upstream = await startUpstream('one')
    const { program, reload } = await serve(configText(upstream.url))
    reload(configText(upstream.url, 'header-timeout = "5s"'))
    await until(() => program.stderr().includes('configuration reloaded'))
    await until(() => /"key":"http\.header-timeout","msg":"the new value takes effect after a restart"/.test(program.stderr()))
  })

  test('opens the log files anew', async () => {
    const upstream = await startUpstream('one')
    const { program, get } = await serve(configText(upstream.url))
    await get('/kapacitor/v1/before')
    await until(() => readFileSync(file('audit.log'), 'utf8').includes('before') && readFileSync(file('access.log'), 'utf8').includes('before'))
    for (const name of ['audit.log', 'access.log']) renameSync(file(name), file(`${name}.1`))
    program.child.kill('SIGHUP')
    await until(() => existsSync(file('audit.log')) && existsSync(file('access.log')))
    await get('/kapacitor/v1/after')
    for (const name of ['audit.log', 'access.log']) {
      await until(() => readFileSync(file(name), 'utf8').includes('after'))
      expect(readFileSync(file(`${name}.1`), 'utf8')).not.toContain('/kapacitor/v1/after')
    }
  })
})

describe('readiness', () => {
  test('waits for the meta node', async () => {
    const port = await freePort()
    const text = configText((await startUpstream('one')).url).replace('[meta]', `[auth]\n  meta-addr = "127.0.0.1:${port}"\n  meta-attempt-timeout = "200ms"\n  meta-timeout = "300ms"\n[meta]`)
    const { readiness } = await serve(text, false)
    expect(await readiness()).toMatchObject({ status: 503, ready: false })
    await until(async () => (await readiness()).parts.some(({ name, reason }) => name === 'meta node' && reason?.includes('unavailable')))
    const meta = start(['meta-node', '--meta-bind-address', `127.0.0.1:${port}`, '--data-dir', file('meta')], { KAPACITOR_META_AUTH_ENABLED: 'false', KAPACITOR_META_ADMIN_PASSWORD: 'x' })
    programs.push(meta)
    await until(async () => (await readiness()).ready)
    expect((await readiness()).status).toBe(200)
  })
})

describe('several workers', () => {
  test('serve together, are replaced when they die, and end together', async () => {
    const upstream = await startUpstream('one')
    const { program, admin, get, readiness } = await serve(configText(upstream.url, 'workers = 2'))
    const workers = childrenOf(program.child.pid)
    expect(workers).toHaveLength(2)
    const [first = 0] = workers
    process.kill(first, 'SIGKILL')
    await until(async () => !(await readiness()).ready)
    // A connection that was being handed to it when it was killed is cut
    await until(() => get().then((answer) => answer === '200 one', () => false))
    for (let i = 0; i < 10; i++) expect(await get()).toBe('200 one')
    await until(async () => (await readiness()).ready)
    expect(childrenOf(program.child.pid)).toHaveLength(2)
    await until(() => program.stderr().includes('worker process ended; starting a replacement'))

    const metrics = await (await fetch(`${admin}/metrics`)).text()
    expect(metrics).toMatch(/^kapacitor_auth_processes 2$/m)
    expect((await fetch(`${admin}/cache/purge`, { method: 'POST' })).status).toBe(204)
    const explanation = await fetch(`${admin}/explain?user=admin&method=GET&path=${TASKS}`)
    expect(await explanation.json()).toMatchObject({ allowed: true })
    expect((await fetch(`${admin}/explain?user=nobody&method=GET&path=${TASKS}`)).status).toBe(404)

    const last = childrenOf(program.child.pid)
    program.child.kill('SIGTERM')
    expect(await program.end()).toBe(0)
    expect(last.filter(isAlive)).toEqual([])
  })

  test('hear of a change, in whichever process it was made', async () => {
    const upstream = await startUpstream('one')
    const { program, get } = await serve(configText(upstream.url, 'workers = 2'))
    const [, meta = ''] = await program.until(/meta node +(\S+)/)
    const change = (body: object) => fetch(`${meta}/user`, { method: 'POST', headers: ADMIN, body: JSON.stringify(body) })
    await change({ action: 'create', user: { name: 'ann', password: 'apw' } })
    await change({ action: 'add-permissions', user: { name: 'ann', permissions: { '': ['KapacitorAPI'] } } })
    const status = async () => (await fetch((await program.until(/Kapacitor API +(\S+)/))[1] + TASKS, { headers: { authorization: basic('ann', 'apw'), connection: 'close' } })).status
    await until(async () => (await status()) === 200)
    for (let i = 0; i < 8; i++) await status()
    await change({ action: 'delete', user: { name: 'ann' } })
    await until(async () => {
      for (let i = 0; i < 8; i++) if ((await status()) !== 401) return false
      return true
    })
    expect(await get()).toBe('200 one')
  })

  test('a reload reaches all of them', async () => {
    const [one, two] = [await startUpstream('one'), await startUpstream('two')]
    const { program, api, reload } = await serve(configText(one.url, 'workers = 2'))
    const answers = async () => new Set(await Promise.all(Array.from({ length: 12 }, async () => (await fetch(api + TASKS, { headers: { ...ADMIN, connection: 'close' } })).text())))
    expect(await answers()).toEqual(new Set(['one']))
    reload(configText(two.url, 'workers = 2'))
    await until(() => program.stderr().includes('configuration reloaded'))
    expect(await answers()).toEqual(new Set(['two']))
  })

  test('with a mistake that only a worker meets, none starts and no process is left', async () => {
    writeFileSync(file('k.conf'), configText('https://127.0.0.1:1', 'workers = 2').replace('kapacitor-url =', 'kapacitor-ca = "/nonexistent"\n  kapacitor-url ='))
    const program = start(['serve', '--config', file('k.conf'), '--data-dir', directory.path], { KAPACITOR_META_ADMIN_PASSWORD: 'the admin password' })
    programs.push(program)
    expect(await program.end()).toBe(1)
    expect(program.stderr()).toContain('/nonexistent')
    expect(program.stdout()).toBe('')
  })
})
