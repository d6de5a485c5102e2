import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePorts } from './free-ports.js'

/** How long it may take to start, or to elect a leader: a machine may be busy. */
const PATIENCE = 90_000

const ENV = { PATH: process.env.PATH ?? '', ETCDCTL_API: '3' }

/** Paths of PEM files: what members show, and whose clients they accept. */
export interface EtcdTlsFiles { ca: string; cert: string; key: string; clientCert?: string; clientKey?: string }

export interface EtcdClusterOptions {
  /** @default 1 */
  members?: number
  /** Flags for every member. */
  flags?: readonly string[]
  /** Clients need certificates then. */
  tls?: EtcdTlsFiles
}

export interface EtcdMember {
  readonly address: string
  /** As a crash would; what it has written stays. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Stops it in the middle of whatever it does, connections and all, as a partition does. */
  pause(): void
  resume(): void
}

export interface EtcdCluster {
  readonly endpoints: readonly string[]
  readonly members: readonly EtcdMember[]
  /** Where each member shows its metrics. */
  readonly metrics: readonly string[]
  /** Which member leads. */
  leader(): Promise<EtcdMember>
  /** Resolves when a majority has a leader. */
  ready(): Promise<void>
  /** Runs etcdctl against all members, and returns what it prints. */
  ctl(...args: string[]): Promise<string>
  close(): Promise<void>
}

interface Ports { client: number; peer: number; health: number }

/** A cluster of real etcd processes on loopback, with its data in a directory that `close` removes. */
export async function startEtcd(options: EtcdClusterOptions = {}): Promise<EtcdCluster> {
  const { members: count = 1, flags = [], tls } = options
  const directory = mkdtempSync(join(tmpdir(), 'kapacitor-auth-etcd-'))
  const scheme = tls ? 'https' : 'http'
  const free = await freePorts(3 * count)
  const ports: Ports[] = Array.from({ length: count }, (_, i) => ({ client: free[3 * i] as number, peer: free[3 * i + 1] as number, health: free[3 * i + 2] as number }))
  const initial = ports.map(({ peer }, i) => `m${i}=http://127.0.0.1:${peer}`).join(',')
  const children: (ChildProcess | undefined)[] = []

  async function isHealthy({ health }: Ports): Promise<boolean> {
    try {
      const answer = await fetch(`http://127.0.0.1:${health}/health`, { signal: AbortSignal.timeout(5_000) })
      return ((await answer.json()) as { health: string }).health === 'true'
    } catch {
      return false
    }
  }

  async function until(is: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + PATIENCE; !(await is()); await sleep(20)) {
      if (performance.now() > end) throw new Error(`etcd is not ready after ${PATIENCE} ms`)
    }
  }

  function spawnMember(i: number): void {
    const { client, peer, health } = ports[i] as Ports
    const child = spawn('etcd', [
      '--name', `m${i}`, '--data-dir', join(directory, `m${i}`), '--unsafe-no-fsync',
      '--listen-client-urls', `${scheme}://127.0.0.1:${client}`, '--advertise-client-urls', `${scheme}://127.0.0.1:${client}`,
      '--listen-peer-urls', `http://127.0.0.1:${peer}`, '--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`,
      '--listen-metrics-urls', `http://127.0.0.1:${health}`,
      '--initial-cluster', initial, '--heartbeat-interval', '50', '--election-timeout', '500',
      ...(tls ? ['--cert-file', tls.cert, '--key-file', tls.key, '--trusted-ca-file', tls.ca, '--client-cert-auth'] : []),
      ...flags,
    ], { env: ENV, stdio: 'ignore' })
    child.on('error', () => {})
    children[i] = child
  }

  async function kill(i: number): Promise<void> {
    const child = children[i]
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  const members = ports.map((own, i): EtcdMember => ({
    address: `127.0.0.1:${own.client}`,
    kill: () => kill(i),
    async start() {
      spawnMember(i)
      await until(() => isHealthy(own))
    },
    pause: () => void children[i]?.kill('SIGSTOP'),
    resume: () => void children[i]?.kill('SIGCONT'),
  }))

  const cluster: EtcdCluster = {
    endpoints: members.map(({ address }) => address),
    members,
    metrics: ports.map(({ health }) => `http://127.0.0.1:${health}/metrics`),
    async leader() {
      for (const end = performance.now() + PATIENCE; ; ) {
        if (performance.now() > end) throw new Error(`etcd has no leader after ${PATIENCE} ms`)
        for (const [i, { health }] of ports.entries()) {
          const text = await fetch(`http://127.0.0.1:${health}/metrics`, { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.text(), () => '')
          if (/^etcd_server_is_leader 1$/m.test(text)) return members[i] as EtcdMember
        }
        await sleep(20)
      }
    },
    ready: () => until(async () => (await Promise.all(ports.map(isHealthy))).filter(Boolean).length * 2 > count),
    async ctl(...args) {
      const files = tls ? ['--cacert', tls.ca, '--cert', tls.clientCert ?? '', '--key', tls.clientKey ?? ''] : []
      const urls = members.map(({ address }) => `${scheme}://${address}`).join(',')
      const { stdout } = await promisify(execFile)('etcdctl', ['--endpoints', urls, ...files, ...args], { env: ENV })
      return stdout
    },
    async close() {
      await Promise.all(members.map((_, i) => kill(i)))
      rmSync(directory, { recursive: true, force: true })
    },
  }
  try {
    for (let i = 0; i < count; i++) spawnMember(i)
    await until(async () => (await Promise.all(ports.map(isHealthy))).every(Boolean))
    return cluster
  } catch (error) {
    await cluster.close()
    throw error
  }
}
