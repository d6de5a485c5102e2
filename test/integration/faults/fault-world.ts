import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { get as getOverTls } from 'node:https'
import { join } from 'node:path'
import type { Certificates } from '../../support/certificates.js'
import { type FaultyHop, startFaultyHop } from '../../support/faulty-hop.js'
import { type Program, start, temporaryDirectory } from '../../support/program.js'
import { basic, startServer } from '../../support/servers.js'
import { type MetaNodeProcess, startMetaNodeProcess } from './meta-node-process.js'

/** A gateway, a meta node and an upstream, the first two in processes of their own; between them hops that can make trouble. */
export interface FaultWorld {
  readonly gateway: Program
  /** The URL of the guarded API. */
  readonly api: string
  readonly metaNode: MetaNodeProcess
  readonly metaHop: FaultyHop
  readonly upstreamHop: FaultyHop
  file(name: string): string
  /** Who has not signed in yet. */
  somebodyNew(): string
  /** What becomes of a request on a connection of its own: `200`; `200, then cut`; `no answer` when it is closed before. */
  ask(name: string): Promise<string>
  /** `ready`, or the parts that are not. */
  readyz(): Promise<string>
  /** Writes the configuration with other text in it, and sends SIGHUP. */
  reload(change?: (text: string) => string): void
  hasEnded(): boolean
  end(): Promise<void>
}

export interface FaultWorldOptions {
  /** Given: TLS everywhere. */
  certificates?: Certificates
  /** More of the configuration: keys of `[http]`, and of `[auth]`. */
  http?: (file: (name: string) => string) => string
  auth?: string
  rest?: (file: (name: string) => string) => string
  env?: (file: (name: string) => string, process: 'gateway' | 'meta-node') => Record<string, string>
  /** What `[meta] store` is, for the meta node. @default lmdb */
  store?: Record<string, string>
}

/** Short limits, for what does not answer; and who is remembered is looked up again all the time. */
const IMPATIENT = `
  meta-attempt-timeout = "400ms"
  meta-timeout = "800ms"
  revalidate-interval = "100ms"`

export async function createFaultWorld({ certificates, http = () => '  log-enabled = false', auth = IMPATIENT, rest = () => '', env = () => ({}), store = {} }: FaultWorldOptions = {}): Promise<FaultWorld> {
  const directory = temporaryDirectory()
  const file = (name: string) => join(directory.path, name)
  const upstream = await startServer((_req, res) => res.end('fine'))
  const secret = 'an internal secret of the test, long enough'
  const metaNode = await startMetaNodeProcess(file('meta-node'), secret, { ...store, ...env(file, 'meta-node') })
  const tls = certificates && { certificate: certificates.server }
  const metaHop = await startFaultyHop({ target: () => metaNode.address, ...tls })
  const upstreamHop = await startFaultyHop({ target: () => `127.0.0.1:${upstream.port}`, ...tls })
  if (certificates) {
    for (const name of ['meta-ca.pem', 'kapacitor-ca.pem']) writeFileSync(file(name), certificates.ca)
    writeFileSync(file('server.pem'), certificates.server.cert)
    writeFileSync(file('server.key'), certificates.server.key, { mode: 0o600 })
  }
  const https = `
  https-enabled = true
  https-certificate = "${file('server.pem')}"
  https-private-key = "${file('server.key')}"`
  const text = `
[http]
  bind-address = "127.0.0.1:0"
${certificates ? https : ''}
${http(file)}
[auth]
  meta-addr = "${metaHop.address}"
  meta-internal-shared-secret = "${secret}"
  lookup-interval = "0s"
${certificates ? `  meta-use-tls = true\n  meta-ca = "${file('meta-ca.pem')}"` : ''}
${auth}
[gateway]
  kapacitor-url = "${certificates ? 'https' : 'http'}://${upstreamHop.address}"
  response-timeout = "500ms"
  idle-timeout = "500ms"
${certificates ? `  kapacitor-ca = "${file('kapacitor-ca.pem')}"` : ''}
${rest(file)}`
  writeFileSync(file('k.conf'), text, { mode: 0o600 })
  const gateway = start(['serve', '--config', file('k.conf'), '--data-dir', file('data')], env(file, 'gateway'))
  const [, api = ''] = await gateway.until(/Kapacitor API +(\S+)/)
  const [, admin = ''] = await gateway.until(/admin +(http\S+)/)
  await metaNode.create('known')
  let strangers = 0
  for (const name of metaNode.names) await metaNode.create(name)

  const world: FaultWorld = {
    gateway,
    api,
    metaNode,
    metaHop,
    upstreamHop,
    file,
    somebodyNew() {
      const name = metaNode.names[strangers++]
      if (name === undefined) throw new Error('everybody has signed in')
      return name
    },
    ask: (name) => outcome(`${api}/kapacitor/v1/tasks`, basic(name, 'secret'), certificates?.ca),
    async readyz() {
      const answer = await fetch(`${admin}/readyz`, { headers: { connection: 'close' } }).catch(() => undefined)
      if (answer === undefined) return 'no answer'
      const { ready, parts } = await answer.json() as { ready: boolean; parts: { name: string; ready: boolean }[] }
      const missing = parts.filter((part) => !part.ready).map((part) => part.name)
      return ready && answer.status === 200 ? 'ready' : `not ready: ${missing.join(', ')}`
    },
    reload(change = (text) => text) {
      writeFileSync(file('k.conf'), change(text))
      gateway.child.kill('SIGHUP')
    },
    hasEnded: () => gateway.child.exitCode !== null || gateway.child.signalCode !== null,
    async end() {
      gateway.child.kill('SIGKILL')
      await gateway.end()
      await metaNode.kill()
      for (const one of [metaHop, upstreamHop, upstream]) await one.close()
      directory.remove()
    },
  }
  return world
}

async function outcome(url: string, authorization: string, ca: string | undefined): Promise<string> {
  const options = { agent: false, headers: { authorization }, ...(ca !== undefined && { ca }) }
  const request = url.startsWith('https:') ? getOverTls(url, options) : get(url, options)
  try {
    const [response] = await once(request, 'response')
    response.resume()
    const isWhole = await once(response, 'end').then(() => true, () => false)
    return isWhole ? `${response.statusCode}` : `${response.statusCode}, then cut`
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return /^(?:ECONNRESET|ECONNREFUSED|EPIPE)$/.test(code) ? 'no answer' : `the client refuses (${code})`
  }
}
