// `kapacitor-auth serve` with an embedded meta node, in a process and a directory of its own.
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { basic } from './load.mjs'
import { start, stop } from './own-processes.mjs'

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const WITH_FIGURES = fileURLToPath(new URL('./serve-with-figures.mjs', import.meta.url))
const ADMIN = basic('admin', 'the administrator of the bench')
const STARTED = /Kapacitor API\s+(https?:\S+)/
const INFLUXDB = /InfluxDB API\s+(https?:\S+)/
const META = /meta node\s+(http:\S+)/

/**
 * @param dir for its data, configuration and log (`NAME.log`)
 * @param sections of kapacitor.conf: `{http: {'log-enabled': false}}`; ports are free ones anyway
 * @param influxdb keys of influxdb.conf's `[http]` by their names in the environment: `{AUTH_ENABLED: 'false'}`
 * @param figures whether it tells its memory and sockets
 */
export async function startServe({ dir, name, sections, influxdb = {}, figures = false }) {
  const data = `${dir}/${name}`
  mkdirSync(data)
  writeFileSync(`${data}/kapacitor.conf`, toml({ meta: {}, ...sections }))
  const log = openSync(`${dir}/${name}.log`, 'a')
  const args = ['serve', '--config', `${data}/kapacitor.conf`, '--data-dir', data]
  args.push('--bind-address', '127.0.0.1:0', '--meta-bind-address', '127.0.0.1:0')
  const child = start(
    process.execPath,
    figures ? ['--expose-gc', WITH_FIGURES, ...args] : [PROGRAM, ...args],
    { env: environment(influxdb), stdio: ['ignore', 'pipe', log, ...(figures ? ['ipc'] : [])] },
  )
  const [api, meta, influxdbApi] = await addresses(child, `${dir}/${name}.log`)

  /** On a connection of its own, so that none is left open. */
  async function change(action, user) {
    const body = JSON.stringify({ action, user })
    const req = request(`${meta}/user`, { method: 'POST', headers: ADMIN, agent: false }).end(body)
    const [res] = await once(req, 'response')
    const answer = (await res.setEncoding('utf8').toArray()).join('')
    if (res.statusCode !== 200)
      throw new Error(`${action} ${user.name}: ${res.statusCode} ${answer}`)
  }
  return {
    pid: child.pid,
    child,
    api,
    port: Number(new URL(api).port),
    influxdbPort: influxdbApi && Number(new URL(influxdbApi).port),
    async createUser(user, password, permissions) {
      await change('create', { name: user, password })
      if (permissions) await change('add-permissions', { name: user, permissions })
    },
    changePassword: (user, password) => change('change-password', { name: user, password }),
    deleteUser: (user) => change('delete', { name: user }),
    /** Its memory after a garbage collection, and what it has open. */
    async figures() {
      child.send('figures')
      return (await once(child, 'message'))[0]
    },
    stop: () => stop(child),
  }
}

/** Nothing of the caller's configuration gets in; every listener is on a free port. */
function environment(influxdb) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:KAPACITOR|INFLUXDB)_/.test(name),
  )
  const http = Object.entries(influxdb).map(([key, value]) => [`INFLUXDB_HTTP_${key}`, value])
  return {
    ...Object.fromEntries([...kept, ...http]),
    INFLUXDB_HTTP_BIND_ADDRESS: '127.0.0.1:0',
    KAPACITOR_META_ADMIN_PASSWORD: 'the administrator of the bench',
    KAPACITOR_ADMIN_BIND_ADDRESS: '127.0.0.1:0',
  }
}

const toml = (sections) =>
  Object.entries(sections)
    .map(([name, keys]) => {
      const lines = Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
      return [`[${name}]`, ...lines, ''].join('\n')
    })
    .join('\n')

/** What it prints when everything listens. */
async function addresses(child, log) {
  let text = ''
  child.stdout.setEncoding('utf8')
  for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
    text += piece
    const api = STARTED.exec(text)?.[1]
    if (api === undefined) continue
    child.stdout.resume()
    return [api, META.exec(text)?.[1], INFLUXDB.exec(text)?.[1]]
  }
  const said = readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n')
  throw new Error(`kapacitor-auth serve did not start:\n${said}`)
}
