import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { etcdOptions } from '../../src/registry/etcd/etcd-from-config.js'
import { openEtcdStore } from '../../src/registry/etcd/etcd-store.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { has } from '../support/daemons.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { createLog } from '../support/meta-cluster.js'
import { temporaryDirectory } from '../support/program.js'
import { until } from '../support/until.js'

describe.skipIf(!has('etcd', 'etcdctl'))('A8: the TLS files of the connection to etcd', () => {
  let all: Certificates
  let directory: ReturnType<typeof temporaryDirectory>
  let cluster: EtcdCluster
  const file = (name: string) => join(directory.path, name)
  const write = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(file(name), text, { mode: 0o600 })
  }

  beforeAll(async () => {
    all = await makeCertificates()
    directory = temporaryDirectory()
    write({ 'their-ca': `${all.ca}\n${all.otherCa}`, 'ctl-cert': all.client.cert, 'ctl-key': all.client.key })
    showServer('server')
    cluster = await startEtcd({ tls: {
      ca: file('their-ca'), cert: file('their-cert'), key: file('their-key'), clientCert: file('ctl-cert'), clientKey: file('ctl-key'),
    } })
  })
  afterAll(async () => {
    await cluster?.close()
    directory.remove()
  })

  /** etcd reads its own anew for each handshake. */
  function showServer(which: 'server' | 'otherServer'): void {
    write({ 'their-cert': all[which].cert, 'their-key': all[which].key })
  }

  async function open() {
    showServer('server')
    write({ ca: all.ca, cert: all.client.cert, key: all.client.key })
    const log = createLog()
    const { meta } = loadConfig({ file: false, env: {}, overrides: {
      'meta.store': 'etcd', 'meta.etcd-endpoints': cluster.endpoints.join(','), 'meta.etcd-use-tls': 'true', 'meta.etcd-timeout': '2s',
      'meta.etcd-ca': file('ca'), 'meta.etcd-cert': file('cert'), 'meta.etcd-key': file('key'),
    } })
    const store = await openEtcdStore(etcdOptions(meta, { log, watch: { interval: 20 } }))
    onTestFinished(() => store.close())
    return { log, store, works: () => store.change((d) => d.put(['n'], 1)).then(() => true, () => false) }
  }

  test('are read again when they change: another CA, and another certificate of ours', async () => {
    const { log, store, works } = await open()
    let heard = 0
    store.watch(() => { heard++ })
    expect(await works()).toBe(true)
    showServer('otherServer')
    await cluster.members[0]?.kill()
    await cluster.members[0]?.start()
    expect(await works()).toBe(false)
    write({ ca: all.otherCa, cert: all.otherClient.cert, key: all.otherClient.key })
    await until(works)
    expect(log.lines.map(({ message }) => message)).toContain('TLS files for etcd read again')
    const before = heard
    await until(async () => (await works()) && heard > before)
  })

  test('a connection that works is replaced, too, and the watch goes on', async () => {
    const { log, store, works } = await open()
    let heard = 0
    store.watch(() => { heard++ })
    write({ cert: all.otherClient.cert, key: all.otherClient.key })
    await until(() => log.lines.some(({ message }) => message === 'TLS files for etcd read again'))
    const before = heard
    await until(async () => (await works()) && heard > before)
  })

  test.each<[string, () => Record<string, string>, string]>([
    ['nonsense for a CA', () => ({ ca: 'nonsense' }),                        '[meta] etcd-ca: '],
    ["another certificate's key", () => ({ key: all.otherClient.key }),      '[meta] etcd-key: '],
    ['an empty certificate',      () => ({ cert: '' }),                      '[meta] etcd-cert: '],
  ])('what cannot be used is logged, and the old ones stay: %s', async (_says, files, names) => {
    const { log, works } = await open()
    write(files())
    await until(() => log.lines.some(({ level }) => level === 'error'))
    const { message = '' } = log.lines.find(({ level }) => level === 'error') ?? {}
    expect(message).toContain(names)
    expect(message).toContain('what was read before is kept until the files change again')
    expect(await works()).toBe(true)
    await cluster.members[0]?.kill()
    await cluster.members[0]?.start()
    await until(works)
  })
})
