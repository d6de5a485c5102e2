import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { has } from '../support/daemons.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { type Program, start, temporaryDirectory } from '../support/program.js'
import { basic } from '../support/servers.js'

const programs: Program[] = []

afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.child.kill()
    await program.end()
  }
})

describe.skipIf(!has('etcd', 'etcdctl'))('meta nodes on etcd', () => {
  let cluster: EtcdCluster
  beforeAll(async () => { cluster = await startEtcd() })
  afterAll(() => cluster.close())

  const env = (prefix: string, timeout = '20s') => ({
    KAPACITOR_META_STORE: 'etcd',
    KAPACITOR_META_ETCD_ENDPOINTS: cluster.endpoints.join(','),
    KAPACITOR_META_ETCD_USE_TLS: 'false',
    KAPACITOR_META_ETCD_PREFIX: prefix,
    KAPACITOR_META_ETCD_TIMEOUT: timeout,
    KAPACITOR_META_HTTP_BIND_ADDRESS: '127.0.0.1:0',
    KAPACITOR_META_BCRYPT_COST: '4',
  })

  function run(args: string[], own: Record<string, string>): Program {
    const program = start(args, own)
    programs.push(program)
    return program
  }
  const urlOf = async (program: Program) => (await program.until(/meta node +(http:\S+) +users and roles are in etcd at /))[1] as string
  const ask = (url: string, password: string, body?: object) => fetch(url, {
    headers: { Authorization: basic('admin', password) }, ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })

  test('started together tell one password, which is good at both, and share what is changed', async () => {
    const nodes = [run(['meta-node'], env('/together/')), run(['meta-node'], env('/together/'))]
    const [one = '', two = ''] = await Promise.all(nodes.map(urlOf))
    const told = nodes.flatMap((node) => [...node.stdout().matchAll(/^ {2}password {2}(\S+)$/gm)].map(([, password]) => password as string))
    expect(told).toHaveLength(1)
    const [password = ''] = told
    expect((await ask(`${one}/user`, password, { action: 'create', user: { name: 'ann', password: 'Pa5sw0Rd' } })).status).toBe(200)
    const seen = await ask(`${two}/user?name=ann`, password)
    expect(seen.status).toBe(200)
    expect(seen.headers.get('Influxdb-Metaindex')).toBe((await ask(`${one}/ping`, password)).headers.get('Influxdb-Metaindex'))
  })

  test('say 503 while etcd is gone, and go on by themselves', async () => {
    const node = run(['meta-node'], { ...env('/outage/', '1s'), KAPACITOR_META_ADMIN_PASSWORD: 'changeit' })
    const url = await urlOf(node)
    const status = async () => (await ask(`${url}/user`, 'changeit')).status
    await expect.poll(status).toBe(200)
    const [member] = cluster.members
    await member?.kill()
    const answers = await Promise.all([ask(`${url}/user`, 'changeit'), ask(`${url}/role`, 'changeit', { action: 'create', role: { name: 'ops' } })])
    expect(answers.map(({ status }) => status)).toEqual([503, 503])
    await member?.start()
    await expect.poll(status).toBe(200)
  })

  test('serve starts its workers on it, too', async () => {
    const { path, remove } = temporaryDirectory()
    const node = run(['serve', '--data-dir', path, '--bind-address', '127.0.0.1:0'], {
      ...env('/serve/'), KAPACITOR_META_ADMIN_PASSWORD: 'changeit', KAPACITOR_HTTP_WORKERS: '2', KAPACITOR_GATEWAY_KAPACITOR_URL: 'http://127.0.0.1:1',
    })
    const api = (await node.until(/Kapacitor API +(http:\S+)/))[1] as string
    expect((await ask(`${api}/kapacitor/v1/tasks`, 'changeit')).status).toBe(502) // let in; nothing stands behind it
    expect((await ask(`${api}/kapacitor/v1/tasks`, 'wrong')).status).toBe(401)
    node.child.kill()
    expect(await node.end()).toBe(0)
    remove()
  })

  test('do not start without it, and say why in one line', async () => {
    const node = run(['meta-node'], { ...env('/down/', '1s'), KAPACITOR_META_ETCD_ENDPOINTS: '127.0.0.1:1' })
    expect(await node.end()).toBe(1)
    expect(node.stderr()).toMatch(/^kapacitor-auth: \[meta\] etcd-endpoints: etcd 3 cannot be reached, or has no quorum: .*ECONNREFUSED 127\.0\.0\.1:1\n$/)
  })
})
